/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much a node may send: a few bytes of a frame may stand for very many values, or
 * for many files, all of which take time here.
 */
#ifndef KTACH_COLLECTOR_FEED_BUDGET_H
#define KTACH_COLLECTOR_FEED_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct wire_frame;

enum budget_limits {
	/* 256 CPUs at a period of 1 ms send 6 million. */
	BUDGET_CELLS_PER_S = 1 << 23,
	/* What pieces of incidents count as: each has a write to a file, the first one of
	 * an incident a file that is synced. A byte counts as a cell.
	 */
	BUDGET_PIECE_CELLS = 1 << 10,
	BUDGET_INCIDENT_CELLS = 1 << 18,
	BUDGET_PIECES_MAX = 1 << 20, /* of a frame */
};

/* What a node may send at once if it sent less before. */
#define BUDGET_BURST_NS UINT64_C(4000000000)

/**
 * budget_cost() - what a frame costs, in cells
 * @frame: of samples
 * @cost: set
 *
 * Return: whether a frame may cost so much at all.
 */
bool budget_cost(const struct wire_frame *frame, uint64_t *cost);

/**
 * budget_spend() - whether a node may send so many values now
 * @until_ns: its account: when what it sent is worked off; zero at first
 * @cells: of a frame
 * @now_ns: monotonic
 *
 * Return: whether it may; if it may not, nothing is spent.
 */
bool budget_spend(uint64_t *until_ns, uint64_t cells, uint64_t now_ns);

#endif /* KTACH_COLLECTOR_FEED_BUDGET_H */
