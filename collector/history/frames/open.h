/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that are committed to the log and not folded into chunks yet, in
 * memory by node. They stay as they came, which takes a fraction of what their
 * values would.
 */
#ifndef KTACH_COLLECTOR_HISTORY_FRAMES_OPEN_H
#define KTACH_COLLECTOR_HISTORY_FRAMES_OPEN_H

#include <pthread.h>
#include <stdbool.h>

#include "collector/base/buffer.h"
#include "collector/history/frames/frame.h"

enum open_numbers {
	OPEN_BUCKETS = 1 << 14,
	OPEN_FULL =
		4 << 20, /* bytes of a node that are not to wait any longer */
	OPEN_LARGE = 256 << 10, /* nor these, once no more comes */
	OPEN_GAPS = 4, /* that is, for so many times what lay between frames */
};

#define OPEN_QUIET_NS UINT64_C(15000000000)

/**
 * struct open_node - a node's frames
 * @next: in its bucket
 * @younger: in the list of those that have frames
 * @before: points to it, in that list
 * @uid: who
 * @folded: rows of the log up to this one are in parts
 * @session: whose mark was asked for last, see @asked
 * @stored: its newest frame, if it is @known
 * @asked: all three say something
 * @known: the session has a mark
 * @first_log: row of the log with its first frame here
 * @logged: bytes of the log before that row, see the table's
 * @since_ns: when that came, monotonic
 * @last_ns: when the newest one did
 * @count: of frames
 * @noted: see open_note()
 * @frames: struct kept_frame, each followed by its payload
 */
struct open_node {
	struct open_node *next;
	struct open_node *younger;
	struct open_node **before;
	uint8_t uid[WIRE_ID_SIZE];
	uint64_t folded;
	uint64_t session;
	uint64_t stored;
	bool asked;
	bool known;
	uint64_t first_log;
	uint64_t logged;
	uint64_t since_ns;
	uint64_t last_ns;
	uint64_t count;
	const void *noted;
	struct buffer frames;
};

/**
 * struct open_table - all of them
 * @lock: of all; only the writer changes anything
 * @oldest: of the list
 * @youngest: where the next one is hung in
 * @bytes: of all frames
 * @logged: bytes of all rows of the log that were read or written so far
 * @large: how many nodes have OPEN_LARGE bytes
 */
struct open_table {
	pthread_mutex_t lock;
	struct open_node *buckets[OPEN_BUCKETS];
	struct open_node *oldest;
	struct open_node **youngest;
	uint64_t bytes;
	uint64_t logged;
	unsigned int large;
};

/* Whether a node's frames do not wait for older ones of others: they take much memory,
 * and no more of them is to come, or no more is to be had at once.
 */
bool open_is_apart(const struct open_node *n, uint64_t now_ns);
unsigned int open_count_apart(const struct open_table *t, uint64_t now_ns);

/* Bytes of the log that stay because this node's first frame is in them. */
static inline uint64_t open_held(const struct open_table *t,
				 const struct open_node *n)
{
	return t->logged - n->logged;
}

void open_init(struct open_table *t);
void open_exit(struct open_table *t);

/* A node's place, made if missing; NULL if memory is short. */
struct open_node *open_get(struct open_table *t, const uint8_t *uid);

/* The same for the writer, without the lock. */
struct open_node *open_own(struct open_table *t, const uint8_t *uid);

/* The writer's: keep something of a node, and what was kept last; NULL: nothing. */
void open_note(struct open_table *t, const uint8_t *uid, const void *note);
const void *open_noted(const struct open_table *t, const uint8_t *uid);

/* Append the frames of a row of the log; those that are folded are left out.
 * @missing: counted up by those that are damaged. Return 0 or -ENOMEM.
 */
int open_log(struct open_table *t, uint64_t id, const void *data, size_t size,
	     uint64_t mono_ns, uint64_t *missing);

/* One's frames are folded. */
void open_pop(struct open_table *t, struct open_node *n, uint64_t folded);

/* Nodes of slices that are not true are another collector's: their frames are forgotten, and
 * what is known of their sessions.
 */
void open_leave(struct open_table *t, const bool *slices);

/* Copy a node's frames, for another thread. Return 0 or -ENOMEM. */
int open_copy(struct open_table *t, const uint8_t *uid, struct buffer *to);

#endif /* KTACH_COLLECTOR_HISTORY_FRAMES_OPEN_H */
