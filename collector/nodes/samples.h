/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The latest state of one table of a node: its rows by key, each with the
 * values that rates are computed against.
 *
 * A rate is a difference between two samples of the sender, divided by the
 * difference of their own mono_ns: when they arrived doesn't matter. The two
 * are at least SAMPLES_WINDOW_NS apart, so that a fast sender's rates are not
 * a single tick's noise:
 *
 *   samples   . . . . . | . . . . . | . . .
 *                       base        middle now      at the next |: middle
 *                       '------- window ----'       becomes base, now middle
 */
#ifndef KTACH_COLLECTOR_NODES_SAMPLES_H
#define KTACH_COLLECTOR_NODES_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/nodes/rows.h"
#include "lib/wire/wire.h"

enum samples_limits {
	SAMPLES_CPUS_MAX = 16384,
	SAMPLES_IFINDEX_MAX = INT32_MAX,
};

/* A little under a second: one sent each second must not miss it by jitter. */
#define SAMPLES_WINDOW_NS UINT64_C(900000000)
/* Whether every value of a table is one that can be. */
bool samples_sane(const struct wire_table *t);

/**
 * samples_take() - bring a table up to date
 * @s: the state
 * @t: a sane table; it may be one part of a sample
 * @budget: of its node
 *
 * Rows of an older sample than the one that is known (frames overtake each
 * other) change nothing. A table without rows says that there are none any more.
 *
 * Return: 0, or -ENOSPC if @budget or memory ran out: some rows are missing.
 */
int samples_take(struct samples *s, const struct wire_table *t,
		 struct samples_budget *budget);

/* How often something comes, after one more gap: the longest of late, as a row
 * may come in between, too, because it changed.
 */
uint64_t samples_every_ns(uint64_t every_ns, uint64_t gap_ns);

/* Whether what comes each @every_ns (0: came once) and is @age_ns old does not
 * come any more.
 */
bool samples_old(uint64_t age_ns, uint64_t every_ns);

/* Whether a row is in the newest sample; or, while that is not known to be whole, was
 * in the one before.
 */
bool samples_current(const struct samples *s, const struct samples_row *row);

/* A text of a row, "" without. */
const char *samples_text(const struct samples_row *row, uint32_t index);

/* What rates of a row are over, ns; 0 if it has none yet. */
uint64_t samples_window_ns(const struct samples_row *row);

/* The newest value of any column; WIRE_ABSENT if the sender has none. */
uint64_t samples_cell(const struct samples *s, const struct samples_row *row,
		      uint32_t column);

/* The value of one of samples_columns() that rates are against, of a kind with counters. */
uint64_t samples_base(const struct samples *s, const struct samples_row *row,
		      uint32_t column);

/* Columns that rates are known of: all, but of CPUs, softirqs and interfaces, of which
 * there are many and which come each second, those that are required.
 */
uint32_t samples_columns(uint32_t kind);

/* Growth of a counter among these, a second; NaN if it isn't known (yet), as
 * after it fell.
 */
double samples_rate(const struct samples *s, const struct samples_row *row,
		    uint32_t column);

#endif /* KTACH_COLLECTOR_NODES_SAMPLES_H */
