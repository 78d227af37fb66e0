/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of a table, by key, in whatever order they come: a new one costs the
 * same in a large table, wherever it belongs.
 */
#ifndef KTACH_COLLECTOR_NODES_ROWS_H
#define KTACH_COLLECTOR_NODES_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rows_limits {
	SAMPLES_OLD_PERIODS = 3, /* without it a row does not come any more */
};

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
 * @renamed: a name came that may be another row's, see collector/nodes/twins.h
 */
struct samples_budget {
	size_t left;
	size_t *all;
	uint64_t refused;
	bool late;
	bool renamed;
};

/**
 * struct samples_row - one CPU, one interface, one disk ...
 * @key: CPU number, ifindex, ...
 * @now_ns: mono_ns of the newest values
 * @middle_ns: of the values that become base next
 * @base_ns: of the values that rates are against; equals @now_ns if none
 * @every_ns: how often it comes, 0 before the second time
 * @texts: collector/nodes/texts.h; NULL without
 * @told: a text with its key behind it, as another row has the same; NULL: none
 * @told_text: which text
 * @hidden: a newer row has its name
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
	char *told;
	uint8_t told_text;
	bool hidden;
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
 * @often: it came three times at least: the second may have been sent again, and
 *         tells nothing of @every_ns
 * @forgot_ns: @mono_ns when old rows were looked for
 * @whole: all rows of the newest sample have come
 * @lost: samples that the sender lost so far
 * @renamed: rows that came, or came back, or have other texts may be twins
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
	bool often;
	uint64_t forgot_ns;
	bool whole;
	uint64_t lost;
	bool renamed;
	bool new_rows;
	size_t came;
	size_t count;
	size_t room;
	struct samples_row **rows;
	size_t late_count;
	struct samples_row **late;
};

/**
 * rows_get() - the row with a key; a new one if there is none
 * @s: the table
 * @at: where it may be; set to where it is
 * @key: its key
 * @budget: of its node
 *
 * Return: NULL if @budget or memory ran out.
 */
struct samples_row *rows_get(struct samples *s, size_t *at, uint64_t key,
			     struct samples_budget *budget);

/* The row with a key; NULL if there is none. */
const struct samples_row *samples_find(const struct samples *s, uint64_t key);

/* Put all rows among @rows: before somebody reads them. Return 0 or -ENOMEM: some
 * are not there yet.
 */
int samples_settle(struct samples *s);

/* Forget everything; give the rows back to @budget. */
void samples_clear(struct samples *s, struct samples_budget *budget);

/* Now and then: forget rows that do not come any more. */
void rows_forget_old(struct samples *s, struct samples_budget *budget);

#endif /* KTACH_COLLECTOR_NODES_ROWS_H */
