/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a shipper is told about its frames. */
#ifndef KTACH_COLLECTOR_FEED_ACK_H
#define KTACH_COLLECTOR_FEED_ACK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/wire/seal.h"

struct feed;
struct store_mark;

enum ack_limits {
	ACK_SIZE_MAX = WIRE_NO_KEY_SIZE + WIRE_SEAL_SIZE,
	ACK_WHERE_MAX = 127,
	ACK_REFUSED_MAX = WIRE_HEADER_SIZE + 1 + ACK_WHERE_MAX + WIRE_SEAL_SIZE,
};

/* That all frames to @sequence are stored, sealed if @mark's was; @to has
 * ACK_SIZE_MAX bytes. Returns its size; 0: the key is gone.
 */
size_t ack_make(struct feed *feed, const struct store_mark *mark,
		uint64_t sequence, uint8_t *to);

/* Why the frame of @mark is not taken, sealed if that was; @where: who takes it, "": nobody is
 * named. @to has ACK_REFUSED_MAX bytes. Returns as above.
 */
size_t ack_refused(struct feed *feed, const struct store_mark *mark,
		   enum wire_refusal why, const char *where, uint8_t *to);

/* A request to the sender of @mark's frame, always sealed, with @id as its sequence. @to has
 * WIRE_HEADER_SIZE + WIRE_REQUEST_HEAD + @size + WIRE_SEAL_SIZE bytes. Returns its size; 0: the
 * key is gone.
 */
size_t ack_request(struct feed *feed, const struct store_mark *mark,
		   enum wire_service service, uint64_t id, const char *text,
		   size_t size, uint8_t *to);

/* That the key of a frame, @mark's, is not known, one under each key that the node
 * may have: it gives no frame up for one that it can't check. And one that is not
 * sealed: a node that has none of these keys can say what may be wrong. Returns
 * their size, as far as there is @room. Anybody can ask for them: they say what is
 * true of that key, and of no other.
 */
size_t ack_no_key(struct feed *feed, const struct store_mark *mark, uint8_t *to,
		  size_t room);

#endif /* KTACH_COLLECTOR_FEED_ACK_H */
