/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Incidents of nodes' flight recorders (lib/wire/incident.h): a file each in DATA/incidents,
 * apart from the history, with a time and a size of their own.
 *
 *   worker: a frame with pieces --> queue --> thread: NODE-ID.part, a journal of pieces
 *                                             all are there: NODE-ID.flight
 *                                             others do not come: NODE-ID.torn
 *
 * A journal is read again by the next start, so that a kill at any moment loses no piece
 * that is in it.
 */
#ifndef KTACH_COLLECTOR_INCIDENTS_INCIDENTS_H
#define KTACH_COLLECTOR_INCIDENTS_INCIDENTS_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>

#include "lib/wire/incident.h"

enum incidents_limits {
	INCIDENTS_MAX = 2000, /* that are kept */
	INCIDENTS_PARTS = 256, /* that come at once */
	INCIDENTS_PARTS_BYTES = 64 << 20, /* of them */
	INCIDENTS_PARTS_OF_ONE = 4, /* of a node */
	INCIDENTS_RANGES = 256, /* of a part, apart from each other */
	/* Of pieces that were not written yet, and what keeps them. */
	INCIDENTS_QUEUE_BYTES = 16 << 20,
	INCIDENTS_ID_SIZE = 2 * WIRE_ID_SIZE + 1 + 16 + 1,
};

/* After so long without a piece, those that are there are all. */
#define INCIDENTS_PATIENCE_NS UINT64_C(600000000000)

/**
 * struct incidents_policy - how much is kept
 * @keep_ns: for how long, by the trigger's time
 * @size_max: bytes; 0: no incident is kept at all
 */
struct incidents_policy {
	uint64_t keep_ns;
	uint64_t size_max;
};

/**
 * struct incidents_entry - one that is kept
 * @node: whose
 * @id: of the node's
 * @head: what it is about
 * @size: of its file
 * @torn: pieces of it never came
 * @weighed: with its node's others, when room is made
 */
struct incidents_entry {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t id;
	struct incident_head head;
	uint64_t size;
	bool torn;
	bool weighed;
};

/**
 * struct incidents_counts - since the start
 * @pieces: that came
 * @dropped: of them, as the disk is too slow or full, or they are too many
 * @whole: incidents that came whole
 * @torn: incidents that did not
 * @expired: incidents that were removed, by time or size
 */
struct incidents_counts {
	uint64_t pieces;
	uint64_t dropped;
	uint64_t whole;
	uint64_t torn;
	uint64_t expired;
};

struct incidents_piece;
struct incidents_part;

/**
 * struct incidents - all
 * @policy: how much is kept
 * @folder: of the files
 * @lock: of what follows, but @parts, which are the thread's
 * @wake: the thread, when there is something to do
 * @first: pieces that came, a list
 * @last: of them
 * @queued: bytes of them
 * @ending: the thread is to end
 * @entries: the oldest first
 * @count: of them
 * @size: of all
 * @counts: since the start
 * @running: the thread is there
 */
struct incidents {
	struct incidents_policy policy;
	char folder[PATH_MAX];
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct incidents_piece *first;
	struct incidents_piece *last;
	size_t queued;
	bool ending;
	struct incidents_entry *entries;
	size_t count;
	uint64_t size;
	struct incidents_counts counts;
	struct incidents_part *parts;
};

/* Read what is kept below @data, and begin. Return 0, or -errno after a message. */
int incidents_open(struct incidents *in, const char *data,
		   const struct incidents_policy *policy);
void incidents_close(struct incidents *in);

void incidents_change(struct incidents *in,
		      const struct incidents_policy *policy);

/* A piece came; any thread. It is copied, and does not wait. */
void incidents_take(struct incidents *in, const uint8_t *node,
		    const struct incident_piece *piece);

/* Told each one, the newest first, with the lock held, until it returns false. */
void incidents_each(struct incidents *in,
		    bool (*tell)(void *context,
				 const struct incidents_entry *e),
		    void *context);

void incidents_format_id(const struct incidents_entry *e,
			 char text[INCIDENTS_ID_SIZE]);

/* One of an id, with its bytes, to be freed. Return 0, -ENOENT, -ENOMEM or -EIO. */
int incidents_read(struct incidents *in, const char *id,
		   struct incidents_entry *entry, uint8_t **data, size_t *size);

void incidents_count(struct incidents *in, struct incidents_counts *counts);

#endif /* KTACH_COLLECTOR_INCIDENTS_INCIDENTS_H */
