/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who this node is: an id that is made once, the boot, the name. */
#ifndef KTACH_SHIPPER_IDENTITY_H
#define KTACH_SHIPPER_IDENTITY_H

#include "host/options.h"
#include "lib/wire/wire.h"
#include "shipper/queue/output.h"

/**
 * struct identity - who sends
 * @sender: goes into each frame
 * @name: of the host
 * @first: number of the session's first frame among all of this node's
 * @untaken: frames of former sessions that, as far as is known, no collector took
 * @lost: what former sessions lost here, by enum lost_cause
 * @session_fd: the file session, -1 if it can't be written
 */
struct identity {
	struct wire_sender sender;
	char name[WIRE_TEXT_MAX + 1];
	uint64_t first;
	uint64_t untaken;
	uint64_t lost[LOST_CAUSES];
	int session_fd;
};

/**
 * identity_init() - find out who this node is
 * @id: filled
 * @state: folder with the files node-id and session; made when missing. Where
 *         node-id can't be written, an id is made for this run only, and a warning says so.
 * @name: name to use, NULL for the host name
 * @host: where the host's files are, of which its name is one
 *
 * Return: 0, or -errno after a message.
 */
int identity_init(struct identity *id, const char *state, const char *name,
		  const struct host_options *host);

/* The id of the node whose state is in that folder; where there is none, make one and
 * keep it there. Return 0, or -errno after a message.
 */
int identity_find_id(const char *state, uint8_t *id);

/* The same, and print it. */
int identity_make_id(const char *state);

/* How far the session came, for the next one: frames that it has numbered, those of
 * them that nobody will take if it ends here, and what has got no number. Costs one
 * write.
 */
void identity_save(const struct identity *id, uint64_t frames, uint64_t untaken,
		   const uint64_t lost[LOST_CAUSES]);

/* Another name; NULL for the host name. */
void identity_rename(struct identity *id, const char *name,
		     const struct host_options *host);

#endif /* KTACH_SHIPPER_IDENTITY_H */
