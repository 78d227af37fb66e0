/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many values a node may send: a few bytes of a frame may stand for very many,
 * all of which take time here.
 */
#ifndef KTACH_COLLECTOR_FEED_BUDGET_H
#define KTACH_COLLECTOR_FEED_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum budget_limits {
	/* 256 CPUs at a period of 1 ms send 6 million. */
	BUDGET_CELLS_PER_S = 1 << 23,
};

/* What a node may send at once if it sent less before. */
#define BUDGET_BURST_NS UINT64_C(4000000000)

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
