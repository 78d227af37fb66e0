/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes over a restart: they come back from the history with their accounts
 * before the first frame is taken, and with their last values soon after; values
 * go there when a node falls silent, now and then, and at the end. How long the
 * start takes does not depend on how much is stored, but on how many nodes.
 */
#ifndef KTACH_COLLECTOR_RECALL_H
#define KTACH_COLLECTOR_RECALL_H

#include "collector/history/history.h"
#include "collector/nodes/node.h"

/**
 * struct recall - of one thread
 * @nodes: whose
 * @store: where they go
 * @past: where they come from
 * @keep_ns: those that were heard last so long before others are left out
 * @newest_ns: when anything was stored last, by the clock of then; 0: nothing was
 * @after: the node whose values came back last
 * @done: all values are back
 */
struct recall {
	struct nodes *nodes;
	struct store *store;
	struct history *past;
	uint64_t keep_ns;
	uint64_t newest_ns;
	uint8_t after[WIRE_ID_SIZE];
	bool done;
};

/**
 * recall_open() - bring nodes back
 * @r: filled
 * @folder: of the history
 * @nodes: the table, which is empty
 * @store: writes the history
 * @keep_ns: how long samples are kept
 *
 * Return: 0, or -errno after a message.
 */
int recall_open(struct recall *r, const char *folder, struct nodes *nodes,
		struct store *store, uint64_t keep_ns);

/* About once a second. */
void recall_tick(struct recall *r, uint64_t mono_ns);

/* No frame comes any more: all goes to the store. */
void recall_close(struct recall *r);

#endif /* KTACH_COLLECTOR_RECALL_H */
