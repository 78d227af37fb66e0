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

#include "lib/wire/wire.h"

enum samples_limits {
	SAMPLES_CPUS_MAX = 16384,
	SAMPLES_IFINDEX_MAX = INT32_MAX,
	SAMPLES_OLD_PERIODS = 3, /* without it a row does not come any more */
};

/* A little under a second: one sent each second must not miss it by jitter. */
#define SAMPLES_WINDOW_NS UINT64_C(900000000)
/* What does not come any more is forgotten after some of its periods, but not
 * before this; or after this, if it came only once.
 */
#define SAMPLES_AGE_NS UINT64_C(10000000000)
#define SAMPLES_AGE_ONCE_NS UINT64_C(600000000000)

/**
 * struct samples_budget - rows that may still be made of a node
 * @left: of its own
 * @all: of all nodes'; atomic
 * @refused: that were not made
 * @late: some were, and are not among the others of their table yet
 */
struct samples_budget {
	size_t left;
	size_t *all;
	uint64_t refused;
	bool late;
};

/**
 * struct samples_row - one CPU, one interface, one disk ...
 * @key: CPU number, ifindex, ...
 * @now_ns: mono_ns of the newest values
 * @middle_ns: of the values that become base next
 * @base_ns: of the values that rates are against; equals @now_ns if none
 * @every_ns: how often it comes, 0 before the second time
 * @texts: collector/nodes/texts.h; NULL without
 * @stacked: what it has is counted in other rows, too: sums leave it out
 * @cells: newest, middle and base values, one after the other, of
 *         samples_columns() (newest only, of a kind without counters); then the
 *         newest of the others
 */
struct samples_row {
	uint64_t key;
	uint64_t now_ns;
	uint64_t middle_ns;
	uint64_t base_ns;
	uint64_t every_ns;
	char *texts;
	bool stacked;
	uint64_t cells[];
};

/**
 * struct samples - the latest of one table
 * @columns: values a row, samples_columns(); 0 before the first table
 * @copies: of them, see struct samples_row: 3 or 1
 * @optional: values a row that follow them, of these the newest only
 * @origin: enum wire_origin of the newest sample
 * @sample: its number at its origin
 * @real_ns: its time by the sender's wall clock
 * @mono_ns: its time by the sender's monotonic clock
 * @before_ns: that of the sample before it
 * @every_ns: how often one comes, 0 before the second
 * @forgot_ns: @mono_ns when old rows were looked for
 * @lost: samples that the sender lost so far
 * @new_rows: there are rows that the last one to ask did not see
 * @came: rows of tables since old ones were looked for
 * @count: rows
 * @room: rows that fit in @rows
 * @rows: sorted by key
 * @late_count: of @late
 * @late: rows of a large table that are not among @rows yet, sorted by key
 */
struct samples {
	uint32_t columns;
	uint32_t copies;
	uint32_t optional;
	uint32_t origin;
	uint64_t sample;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t before_ns;
	uint64_t every_ns;
	uint64_t forgot_ns;
	uint64_t lost;
	bool new_rows;
	size_t came;
	size_t count;
	size_t room;
	struct samples_row **rows;
	size_t late_count;
	struct samples_row **late;
};

/* Whether every value of a table is one that can be. */
bool samples_sane(const struct wire_table *t);

/**
 * samples_take() - bring a table up to date
 * @s: the state
 * @t: a sane table; it may be one part of a sample
 * @budget: of its node
 *
 * Rows of an older sample than the one that is known (frames overtake each
 * other) change nothing.
 *
 * Return: 0, or -ENOSPC if @budget or memory ran out: some rows are missing.
 */
int samples_take(struct samples *s, const struct wire_table *t,
		 struct samples_budget *budget);

/* Put all rows among @rows: before somebody reads them. Return 0 or -ENOMEM: some
 * are not there yet.
 */
int samples_settle(struct samples *s);

/* Forget everything; give the rows back to @budget. */
void samples_clear(struct samples *s, struct samples_budget *budget);

/* How often something comes, after one more gap: the longest of late, as a row
 * may come in between, too, because it changed.
 */
uint64_t samples_every_ns(uint64_t every_ns, uint64_t gap_ns);

/* Whether what comes each @every_ns (0: came once) and is @age_ns old does not
 * come any more.
 */
bool samples_old(uint64_t age_ns, uint64_t every_ns);

/* Whether a row was there when it was to come last, or the time before. */
bool samples_current(const struct samples *s, const struct samples_row *row);

/* The row with a key; NULL if there is none. */
const struct samples_row *samples_find(const struct samples *s, uint64_t key);

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
