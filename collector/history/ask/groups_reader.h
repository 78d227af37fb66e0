/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engines of all groups, for a reader. A node that is not in its group yet is in two
 * of them (collector/history/write/move.h); its own one has the newest, and is asked last.
 */
#ifndef KTACH_COLLECTOR_HISTORY_ASK_GROUPS_READER_H
#define KTACH_COLLECTOR_HISTORY_ASK_GROUPS_READER_H

#include "collector/history/engine.h"
#include "collector/history/groups.h"

/**
 * struct groups_reader - all engines
 * @e: of each folder
 * @count: of them
 * @groups: that nodes are spread over
 */
struct groups_reader {
	struct engine *e[GROUPS_MAX];
	unsigned int count;
	unsigned int groups;
};

/**
 * struct groups_node - where a node is
 * @e: engines that have it, its own last
 * @count: of them
 * @first_ns: of its oldest sample in any; UINT64_MAX without
 * @last_ns: of the newest one
 */
struct groups_node {
	struct engine *e[GROUPS_MAX];
	unsigned int count;
	uint64_t first_ns;
	uint64_t last_ns;
};

/* Return 0, or -errno after a message. */
int groups_open(struct groups_reader *g, const char *folder);
void groups_close(struct groups_reader *g);

/* Many questions come: as hold() and let_go() of an engine. */
int groups_hold(struct groups_reader *g);
void groups_let_go(struct groups_reader *g);

/* The engine that a node belongs to. */
struct engine *groups_own(const struct groups_reader *g, const uint8_t *node);

/* Find a node; in none it has no engines. Return 0 or -EIO. */
int groups_find(const struct groups_reader *g, const uint8_t *node,
		struct groups_node *n);

/* As next() of an engine, of all that have it. */
int groups_next(const struct groups_node *n, const struct engine_key *key,
		uint64_t *first);

/* As the functions of collector/history/history.h. */
int groups_nodes(const struct groups_reader *g,
		 void (*found)(void *context, const struct history_node *n),
		 void *context);
int groups_accounts(const struct groups_reader *g, size_t count,
		    history_state *found, void *context);
int groups_latest(const struct groups_reader *g, const uint8_t *after,
		  size_t count, history_state *found, void *context);

#endif /* KTACH_COLLECTOR_HISTORY_ASK_GROUPS_READER_H */
