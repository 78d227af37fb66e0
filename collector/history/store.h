/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history's writer: every frame that came, kept for a while. store_put()
 * only queues; a thread of the store's own commits about once a second, and
 * folds frames into chunks, sums them up and deletes what is too old between
 * commits. Behind this interface and collector/history/history.h the kind of storage
 * may change.
 */
#ifndef KTACH_COLLECTOR_HISTORY_STORE_H
#define KTACH_COLLECTOR_HISTORY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

#include "collector/base/loss.h"

struct buffer;
struct store;

enum store_limits {
	STORE_OUTLETS_MAX = 64,
	STORE_SESSIONS_MAX = 128,	/* of a node, that are known again */
};

/**
 * struct store_policy - how much is kept
 * @keep_ns: of samples, of 1 min and of 5 min (enum tier)
 * @size_max: bytes of the file in use; 0: no limit
 * @memory_max: bytes of frames that wait to be folded
 * @memory_limit: bytes that this process may have: with more than there were, what
 *                was set aside is tried again
 * @groups: that nodes are spread over, each with a writer of its own; 0: 1
 * @fleet: several collectors write to it: this one only what store_claim() says
 */
struct store_policy {
	uint64_t keep_ns[3];
	uint64_t size_max;
	uint64_t memory_max;
	uint64_t memory_limit;
	unsigned int groups;
	bool fleet;
};

/**
 * struct store_mark - a frame that wants to be acknowledged
 * @node: whose it is
 * @session: in this session
 * @after: the frame that the history has to have before it; 0: whichever it has,
 *         or none, as the caller has seen none of this session yet
 * @sequence: its number
 * @connection: whom to tell, the caller's
 * @outlet: where to hand it over, of store_add_outlet(); 0 is always there
 * @key: id of the key that it was sealed with, 0: none
 * @kept: answer: it is committed
 * @unknown: answer: no frame of the session is
 * @stored: answer: the newest one that is, 0 if that could not be told
 *
 * A frame is stored only right after @after: should one before it be lost, all
 * that follow are refused, too, and are there to be sent again.
 */
struct store_mark {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t session;
	uint64_t after;
	uint64_t sequence;
	uint64_t connection;
	uint32_t outlet;
	uint32_t key;
	bool kept;
	bool unknown;
	uint64_t stored;
};

/**
 * struct store_frame - a frame for the history
 * @node: whose
 * @time: of its header, ns
 * @data: its payload, opened
 * @size: bytes of it
 * @mark: it came over TCP and wants to be acknowledged; NULL: it did not
 * @account: what is known of its node with it, see collector/state/state.h
 * @account_size: bytes of that; 0: nothing
 */
struct store_frame {
	const uint8_t *node;
	uint64_t time;
	const void *data;
	size_t size;
	const struct store_mark *mark;
	const void *account;
	size_t account_size;
};

/**
 * struct store_node - what is known of a node, beside its samples
 * @node: which
 * @real_ns: when it was heard last
 * @account: see collector/state/state.h
 * @account_size: bytes of it; 0: its account stays as it is
 * @values: likewise
 * @values_size: bytes of them; 0: they stay
 */
struct store_node {
	const uint8_t *node;
	uint64_t real_ns;
	const void *account;
	size_t account_size;
	const void *values;
	size_t values_size;
};

/**
 * struct store_loss - what a node lost in a minute
 * @node: whose
 * @minute: since 1970
 * @count: by enum loss_cause
 */
struct store_loss {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t minute;
	int64_t count[LOSS_CAUSES];
};

/**
 * struct store_trouble - what the history has and can't use
 * @chunks: chunks that are damaged
 * @frames: frames of the log that were
 * @aside: folds and merges that could not be done, now or by a process before:
 *         their frames or chunks are set aside
 * @node: whose the last one was
 */
struct store_trouble {
	uint64_t chunks;
	uint64_t frames;
	uint64_t aside;
	uint8_t node[WIRE_ID_SIZE];
};

/**
 * struct store_stats - how the history does
 * @queued: frames that wait to be written
 * @queued_bytes: memory that they take
 * @written: frames written since the start
 * @dropped: frames that were not: the queue or the disk was full
 * @expired: chunks deleted because of their age or for room
 * @open_bytes: frames in memory that are not folded into chunks yet
 * @chunks: written since the start
 * @size: bytes of the file that are in use
 * @commits: transactions with frames since the start
 * @commit_ns: that they took
 * @commit_last_ns: that the last one took
 * @trouble: what it can't use
 * @failing: the last attempt to write went wrong
 */
struct store_stats {
	uint64_t queued;
	uint64_t queued_bytes;
	uint64_t written;
	uint64_t dropped;
	uint64_t expired;
	uint64_t open_bytes;
	uint64_t chunks;
	uint64_t size;
	uint64_t commits;
	uint64_t commit_ns;
	uint64_t commit_last_ns;
	struct store_trouble trouble;
	bool failing;
};

/**
 * store_open() - open or make the history, start its thread
 * @store: set
 * @folder: where it is, made if missing
 * @policy: how much is kept
 *
 * Return: 0, or -errno after a message.
 */
int store_open(struct store **store, const char *folder,
	       const struct store_policy *policy);

/* From the next write on so much is kept. */
void store_keep(struct store *store, const struct store_policy *policy);

/* Whether the writer came round since a time, monotonic: it does each second, but
 * for a commit that takes longer.
 */
bool store_alive(struct store *store, uint64_t since_ns);

/* Whether the writer gave up, after a message: the history can't be read, or its file
 * is not where it was. The process was sent SIGTERM then.
 */
bool store_ended(struct store *store);

/* What came over a connection and is not being written yet is not to be kept: its
 * sender went elsewhere with it.
 */
void store_withdraw(struct store *store, uint64_t connection);

/* The slices (groups_slice()) that this collector writes from now on, where several do; the
 * higher epoch counts. What is not among them is not taken any more.
 */
void store_claim(struct store *store, uint64_t epoch, const bool *slices);

/* Whether a node's frames are taken: 0 if they are not, else another number each time that they
 * are again.
 */
unsigned int store_term(struct store *store, const uint8_t *node);

/* How many slices are taken, and how many are to be. */
void store_slices(struct store *store, unsigned int *taken,
		  unsigned int *wanted);

/* Whether the queue has no room for another frame, of any size. */
bool store_full(struct store *store);

/* How the queue is: busy from half of it on, full as for store_full(). */
enum store_load {
	STORE_FREE,
	STORE_BUSY,
	STORE_FULL,
};

enum store_load store_load(struct store *store);

/* What time it is, for what is too old or of the future: nothing is deleted
 * because of its age until this is called, nor while @real_ns is 0.
 */
void store_expire(struct store *store, uint64_t real_ns);

/**
 * store_put() - queue a copy of a frame; never waits for the disk
 * @store: where to
 * @frame: the frame; one of no size only has its mark settled
 *
 * A full queue drops and counts it, unless it is marked: for those the caller
 * asks store_full() first.
 *
 * Return: whether it is queued. A marked one that is not, for want of memory,
 * has to come again.
 */
bool store_put(struct store *store, const struct store_frame *frame);

/* Queue what a node lost. It waits while the disk is full, up to a limit. */
void store_put_loss(struct store *store, const struct store_loss *loss);

/* Queue what is known of a node. Return whether there is room. */
bool store_put_node(struct store *store, const struct store_node *node);

/* A place where another thread's marks are handed over. Before store_put() is
 * called. Return it, or -errno.
 */
int store_add_outlet(struct store *store);

/* Readable when marks are settled: ask store_settled(). */
int store_fd(const struct store *store, unsigned int outlet);

/* Hand over an outlet's marks that were committed, or refused, since the last
 * call.
 */
void store_settled(struct store *store, unsigned int outlet,
		   void (*settled)(void *context, const struct store_mark *m),
		   void *context);

void store_stats(struct store *store, struct store_stats *stats);

/* Append a node's frames that are not in the file's chunks yet, as
 * collector/history/frames/open.h has them. Return 0 or -ENOMEM.
 */
int store_open_frames(struct store *store, const uint8_t *node,
		      struct buffer *to);

/* Write what is queued, end the thread, close. */
void store_close(struct store *store);

#endif /* KTACH_COLLECTOR_HISTORY_STORE_H */
