/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a test has its history: in its folder, or, if HISTORY_SERVERS names some (redis://...
 * without a prefix), there under a prefix of its own. And what is kept there, whichever
 * engine does.
 */
#ifndef KTACH_TESTS_UNIT_HISTORY_PLACE_H
#define KTACH_TESTS_UNIT_HISTORY_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/history/engine.h"
#include "collector/history/engines/engines.h"

static char place[PATH_MAX];

static inline bool on_servers(void)
{
	return getenv("HISTORY_SERVERS");
}

/* Set @place for a new history. */
static inline void choose_place(const char *folder)
{
	static int number;

	if (on_servers())
		snprintf(place, sizeof(place), "%s/test-%d-%d",
			 getenv("HISTORY_SERVERS"), getpid(), number++);
	else
		snprintf(place, sizeof(place), "%s", folder);
}

/* Of a walk: pieces, and those whose hour is not the newest one. */
struct kept_pieces {
	int64_t all;
	int64_t older;
	uint64_t newest;
};

static int count_piece(void *context, const struct engine_piece *p)
{
	struct kept_pieces *k = context;

	if (p->key.hour > k->newest) {
		k->older = k->all;
		k->newest = p->key.hour;
	} else if (p->key.hour < k->newest) {
		k->older++;
	}
	k->all++;
	return 0;
}

static int count_row(void *context, uint64_t number, const void *data,
		     size_t size)
{
	++*(int64_t *)context;
	return 0;
}

static void count_node(void *context, const struct engine_node *n)
{
	++*(int64_t *)context;
}

/* @tier: enum tier or ENGINE_PARTS. */
static inline struct kept_pieces kept_pieces(int tier)
{
	struct kept_pieces k = { 0 };
	struct engine_walk walk = { .tier = tier };
	struct engine *e;

	if (engines_read(&e, place) || e->ops->walk(e, &walk, count_piece, &k))
		abort();
	e->ops->close(e);
	return k;
}

static inline int64_t kept_chunks(int tier)
{
	return kept_pieces(tier).all;
}

static inline int64_t kept_rows(void)
{
	int64_t count = 0;
	struct engine *e;

	if (engines_read(&e, place) || e->ops->logs(e, count_row, &count))
		abort();
	e->ops->close(e);
	return count;
}

static inline int64_t kept_nodes(void)
{
	int64_t count = 0;
	struct engine *e;

	if (engines_read(&e, place) || e->ops->nodes(e, count_node, &count))
		abort();
	e->ops->close(e);
	return count;
}

/* Sessions of a node: how many, the lowest one, the sum of their marks. */
struct kept_sessions {
	int64_t count;
	uint64_t lowest;
	uint64_t sum;
};

static int count_sessions(void *context, const struct engine_commit *c)
{
	struct kept_sessions *k = context;
	size_t i;

	k->count = (int64_t)c->mark_count;
	for (i = 0; i < c->mark_count; i++) {
		if (!i || c->marks[i].session < k->lowest)
			k->lowest = c->marks[i].session;
		k->sum += c->marks[i].sequence;
	}
	return 0;
}

static inline struct kept_sessions kept_sessions(const uint8_t *node)
{
	struct kept_sessions k = { 0 };
	struct engine *e;

	if (engines_read(&e, place) ||
	    e->ops->small(e, node, count_sessions, &k))
		abort();
	e->ops->close(e);
	return k;
}

#endif /* KTACH_TESTS_UNIT_HISTORY_PLACE_H */
