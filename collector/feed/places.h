/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may stay connected. A connection waits until its first good frame, then
 * it is a sender's. When there is no place for a new one, the one that waits
 * longest goes, of the same address if that has all that an address may have;
 * then the sender that is silent for longest, if that is long. So who can send a
 * good frame gets in, however many others only hold connections.
 *
 *   waiting:  oldest first        ends after first_frame_ns
 *   senders:  longest silent first
 *   halves:   a frame is begun and not whole; oldest first, ends after
 *             PLACES_HALF_NS
 *   holding:  something is kept of a frame, whoever has to go on; oldest first,
 *             ends when all of them take more than half_max: those that wait
 *             before senders
 */
#ifndef KTACH_COLLECTOR_FEED_PLACES_H
#define KTACH_COLLECTOR_FEED_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/base/refusal.h"
#include "lib/base/address.h"
#include "lib/base/list.h"

#define PLACES_HALF_NS UINT64_C(30000000000)
#define PLACES_SILENT_NS UINT64_C(60000000000)

enum places_limits {
	PLACES_HALF_MAX = 64 << 20, /* bytes, of all threads */
	PLACES_BUCKETS = 1024,
};

/**
 * struct places_limit - what one thread's connections may take
 * @connections: at once
 * @per_address: likewise, of an IPv4 address or an IPv6 network of 64 bits
 * @half_max: bytes of frames that are not taken yet
 * @first_frame_ns: for the first good frame
 */
struct places_limit {
	unsigned int connections;
	unsigned int per_address;
	size_t half_max;
	uint64_t first_frame_ns;
};

struct peer;

/**
 * struct place - a connection's
 * @by_age: in waiting or senders
 * @by_peer: in its peer's waiting
 * @by_half: in halves
 * @by_hold: in one of holding
 * @peer: its address
 * @sender: a good frame has come
 * @since_ns: when it came, or its last good frame
 * @half_ns: when a frame was begun
 * @half_bytes: memory for it
 */
struct place {
	struct list by_age;
	struct list by_peer;
	struct list by_half;
	struct list by_hold;
	struct peer *peer;
	bool sender;
	uint64_t since_ns;
	uint64_t half_ns;
	size_t half_bytes;
};

/* All of a thread's; @holding: strangers, senders. */
struct places {
	struct places_limit limit;
	unsigned int count;
	size_t half_bytes;
	struct list waiting;
	struct list senders;
	struct list halves;
	struct list holding[2];
	struct peer *peers[PLACES_BUCKETS];
};

void places_init(struct places *p, const struct places_limit *limit);

/* The connection that has to go for another one from an address, one of its own if any
 * of them waits; NULL: none.
 */
struct place *places_in_the_way(struct places *p, const struct address *from,
				uint64_t now_ns);

/* A connection whose time is over, or that holds too much memory; NULL: none. Sets
 * why.
 */
struct place *places_overdue(struct places *p, uint64_t now_ns,
			     enum refusal *why);

/* Whether there is a place for one from there, once nothing is in the way; sets
 * why not.
 */
bool places_free(struct places *p, const struct address *from,
		 enum refusal *why);

/* Begin and end; ending what has ended does nothing. False: no memory. */
bool places_enter(struct places *p, struct place *place,
		  const struct address *from, uint64_t now_ns);
void places_leave(struct places *p, struct place *place);

/* A good frame has come, or we do not read at the moment: the time for a half frame
 * begins anew.
 */
void places_sent(struct places *p, struct place *place, uint64_t now_ns);

/* So many bytes are kept of frames that are not taken yet. The time for the rest
 * of it runs if the sender is what is @waited for.
 */
void places_half(struct places *p, struct place *place, size_t bytes,
		 bool waited, uint64_t now_ns);

#endif /* KTACH_COLLECTOR_FEED_PLACES_H */
