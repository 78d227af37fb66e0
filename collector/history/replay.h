/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node's samples as they came, out of the history. */
#ifndef KTACH_COLLECTOR_HISTORY_REPLAY_H
#define KTACH_COLLECTOR_HISTORY_REPLAY_H

#include "collector/history/history.h"
#include "lib/wire/wire.h"

/**
 * struct replay_query - which
 * @folder: of the history, or its servers
 * @node: whose
 * @from_ns: real time, included
 * @to_ns: real time, excluded
 * @kinds: a bit for each enum wire_table_kind that is wanted
 */
struct replay_query {
	const char *folder;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t from_ns;
	uint64_t to_ns;
	uint32_t kinds;
};

/**
 * history_replay() - tell a node's tables
 * @q: which
 * @take: told each, within an hour in the order of their times; cells and texts are
 *	  valid during the call
 * @context: for @take
 *
 * Return: how many there were, or -errno after a message.
 */
int64_t history_replay(const struct replay_query *q,
		       void (*take)(void *context, const struct wire_table *t),
		       void *context);

#endif /* KTACH_COLLECTOR_HISTORY_REPLAY_H */
