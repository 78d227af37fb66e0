/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history: every table that came, kept for a while. store_put() only
 * queues; a thread of the store's own writes, about once a second. Behind this
 * interface the kind of storage may change.
 */
#ifndef KTACH_COLLECTOR_STORE_H
#define KTACH_COLLECTOR_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/wire.h>

struct batch;
struct store;
struct wire_table;

/* Whose a table is. */
struct store_node {
	const char *id;
	const char *name;
	const char *version;
};

/**
 * struct store_mark - a frame that wants to be acknowledged
 * @node: whose it is
 * @session: in this session
 * @after: the frame that the history has to have before it, 0 for none
 * @sequence: its number
 * @connection: whom to tell, the caller's
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
	uint32_t key;
	bool kept;
	bool unknown;
	uint64_t stored;
};

/**
 * struct store_stats - how the history does
 * @queued: frames that wait to be written
 * @queued_bytes: memory that they take
 * @written: rows written since the start
 * @dropped: tables that were not: the queue or the disk was full
 * @expired: rows deleted because of their age
 * @failing: the last attempt to write went wrong
 */
struct store_stats {
	uint64_t queued;
	uint64_t queued_bytes;
	uint64_t written;
	uint64_t dropped;
	uint64_t expired;
	bool failing;
};

/**
 * store_open() - open or make the history, start its thread
 * @store: set
 * @folder: where it is, made if missing
 * @keep_ns: rows older than this are deleted in the background
 *
 * Return: 0, or -errno after a message.
 */
int store_open(struct store **store, const char *folder, uint64_t keep_ns);

/* Queue a copy of a table. Never waits for the disk; a full queue drops it. */
void store_put(struct store *store, const struct store_node *node,
	       const struct wire_table *table);

/* Whether the queue has no room for another frame, of any size. */
bool store_full(struct store *store);

/**
 * store_submit() - queue what came in a frame; takes over the batch
 * @store: where to
 * @batch: from batch_new()
 *
 * A full queue drops and counts it, unless it is marked: for those the caller
 * asks store_full() first.
 */
void store_submit(struct store *store, struct batch *batch);

/* Readable when marks are settled: ask store_settled(). */
int store_fd(const struct store *store);

/* Hand over the marks that were committed, or refused, since the last call; the
 * first time, one for each session that the history knows.
 */
void store_settled(struct store *store,
		   void (*settled)(void *context, const struct store_mark *m),
		   void *context);

void store_stats(struct store *store, struct store_stats *stats);

/* Write what is queued, end the thread, close. */
void store_close(struct store *store);

#endif /* KTACH_COLLECTOR_STORE_H */
