/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hours a bucket has something of: what is known without asking, as nobody else writes
 * there.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_HOURS_H
#define KTACH_COLLECTOR_HISTORY_REDIS_HOURS_H

#include "collector/history/redis/call.h"

/* Ask for what is not known. Return 0 or a negative errno. */
int hours_learn(struct redis *r);

/* Something of an hour is there now; something went, of whichever hour. */
void hours_add(struct redis *r, int what, unsigned int bucket, uint64_t hour);
void hours_forget(struct redis *r, unsigned int bucket);

/* A call for the first hour from one on that a bucket has, to be run with others; what its
 * reply, number @at of them, says: UINT64_MAX: none.
 */
void hours_ask_next(struct redis *r, unsigned int bucket, int what,
		    uint64_t hour);
uint64_t hours_next(const struct redis *r, size_t at);

/* A node's hour of what there are hours of. */
struct hours_item {
	uint64_t hour;
	int what;
	unsigned int bucket;
	uint8_t node[WIRE_ID_SIZE];
};

/**
 * hours_find() - the oldest ones of some hours
 * @r: the handle
 * @what: of which
 * @d: from and to; of its node, or any; at most @d->most
 * @items: struct hours_item, appended, by rising hours
 *
 * Return: 0 or a negative errno.
 */
int hours_find(struct redis *r, int what, const struct engine_drop *d,
	       struct buffer *items);

/* Delete them; of parts as many as @most. Return how many went, or a negative errno. */
int hours_delete(struct redis *r, const struct hours_item *items, size_t count,
		 unsigned int most);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_HOURS_H */
