/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A group's queue, and its thread, which writes what is in it. The functions are those of
 * collector/history/store.h for this group's nodes.
 */
#ifndef KTACH_COLLECTOR_HISTORY_WRITE_LANE_H
#define KTACH_COLLECTOR_HISTORY_WRITE_LANE_H

#include <pthread.h>

#include "collector/history/store.h"
#include "collector/history/write/writer.h"
#include "lib/base/trouble.h"

/**
 * struct lane_claim - slices that are to be written
 * @epoch: of the claim; 0: there was none
 * @slices: true for them
 * @fresh: it is not done yet
 */
struct lane_claim {
	uint64_t epoch;
	bool slices[GROUPS_SLICES];
	bool fresh;
};

/**
 * struct lane - the queue between those who receive and the writer
 * @lock: of everything below but @writer
 * @wake: told when @stop is set, or much is queued
 * @thread: the writer
 * @started: there is one
 * @busy: held while @writer is used, but for its open frames, which have a lock
 * @writer: the thread's, between those of the one that moves nodes
 * @trouble: with writing; only the writer's
 * @settle: told each queue that was written, or was not: its marks have answers
 * @context: for it
 * @stop: set once
 * @queue: struct queued, each followed by its payload
 * @losses: struct store_loss that are to be written
 * @nodes: struct stored_node that are to be written
 * @recovered: the writer has read what is not folded
 * @ready: told when it has
 * @stats: shown by lane_stats()
 * @now_ns: likewise, see store_expire()
 * @others: bytes that other groups have
 * @policy: for the writer, from its next write on
 * @fleet: several collectors write
 * @claim: what it is to write, where several collectors do
 * @claimed: told that there is another one
 * @terms: by slice: 0, or which time it is that it is taken; atomic
 * @term: the last one given
 * @alive_ns: when the writer came round last, monotonic; atomic
 * @ended: it came to an end before it was told to; atomic
 */
struct lane {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool started;
	pthread_mutex_t busy;
	struct writer writer;
	struct trouble trouble;
	void (*settle)(void *context, struct buffer *queue);
	void *context;
	bool stop;
	struct buffer queue;
	struct buffer losses;
	struct buffer nodes;
	bool recovered;
	pthread_cond_t ready;
	struct store_stats stats;
	uint64_t now_ns;
	uint64_t others;
	struct store_policy policy;
	bool fleet;
	struct lane_claim claim;
	bool claimed;
	unsigned int terms[GROUPS_SLICES];
	unsigned int term;
	uint64_t alive_ns;
	bool ended;
};

/* Open the engine; then start the thread. Return 0, or -errno after a message. @folder has
 * to stay.
 */
int lane_open(struct lane *l, const char *folder,
	      const struct store_policy *policy);
int lane_start(struct lane *l);

/* Write what is queued, end the thread, close. */
void lane_close(struct lane *l);

void lane_keep(struct lane *l, const struct store_policy *policy);
bool lane_alive(struct lane *l, uint64_t since_ns);
bool lane_ended(struct lane *l);
void lane_claim(struct lane *l, uint64_t epoch, const bool *slices);
unsigned int lane_term(struct lane *l, const uint8_t *node);
void lane_slices(struct lane *l, unsigned int *taken, unsigned int *wanted);
void lane_withdraw(struct lane *l, uint64_t connection);
void lane_expire(struct lane *l, uint64_t real_ns, uint64_t others);
enum store_load lane_load(struct lane *l);
bool lane_put(struct lane *l, const struct store_frame *frame);
void lane_put_loss(struct lane *l, const struct store_loss *loss);
bool lane_put_node(struct lane *l, const struct store_node *node);
void lane_stats(struct lane *l, struct store_stats *stats);
int lane_open_frames(struct lane *l, const uint8_t *node, struct buffer *to);

#endif /* KTACH_COLLECTOR_HISTORY_WRITE_LANE_H */
