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

struct store;
struct wire_table;

/* Whose a table is. */
struct store_node {
	const char *id;
	const char *name;
	const char *version;
};

/**
 * struct store_stats - how the history does
 * @queued: tables that wait to be written
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

void store_stats(struct store *store, struct store_stats *stats);

/* Write what is queued, end the thread, close. */
void store_close(struct store *store);

#endif /* KTACH_COLLECTOR_STORE_H */
