/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector of host/ told at one moment, and what changed since. */
#ifndef KTACH_KTACH_FIGURES_READING_H
#define KTACH_KTACH_FIGURES_READING_H

#include "host/collector.h"
#include "host/rows.h"

/**
 * struct reading - copies of the tables of one reading
 * @table: by enum wire_table_kind; without rows where nothing was told
 */
struct reading {
	struct reading_table {
		struct rows rows;
		uint32_t origin;
		uint64_t real_ns;
		uint64_t mono_ns;
		uint64_t sample;
		uint64_t lost;
		uint64_t missed;
		uint64_t interval_ns;
	} table[WIRE_KINDS];
	int error;		/* -ENOMEM: rows are missing */
};

/**
 * reading_take() - ask a collector
 * @r: zeroes, or an earlier reading, whose rows are forgotten
 * @collector: who is asked
 * @state: of it, from its open()
 *
 * Return: what its read() did; -ENOMEM.
 */
int reading_take(struct reading *r, const struct host_collector *collector,
		 void *state);

/**
 * reading_follow() - take the news that come after a reading
 * @r: that reading; replaced, where there are news
 * @collector: who was asked, and has an fd()
 * @state: of it
 * @wait_ns: how long news are waited for
 *
 * Return: 1 after news, 0 without, or as reading_take().
 */
int reading_follow(struct reading *r, const struct host_collector *collector,
		   void *state, uint64_t wait_ns);
void reading_free(struct reading *r);

/**
 * struct readings - the last two of a collector that puts a whole table at a time
 * @now: each kind's last table
 * @before: the one before it
 * @put: bits of the kinds that were put since the owner cleared them
 * @adds: a kind that was put adds its rows: the owner gets tables in pieces
 */
struct readings {
	struct reading now;
	struct reading before;
	uint32_t put;
	bool adds;
};

/* A sink for a struct readings. */
void readings_put(void *arg, const struct wire_table *table);
void readings_free(struct readings *r);

/**
 * struct change - a row at two moments
 * @table: it is row @at of
 * @now: its cells
 * @before: its cells at the moment before; NULL if it was not there
 * @interval_ns: time between the two; 0 if it was not there
 */
struct change {
	const struct reading_table *table;
	uint32_t at;
	const uint64_t *now;
	const uint64_t *before;
	uint64_t interval_ns;
};

/* Row @at of @kind, compared with the row of the same key in @before. */
struct change reading_change(const struct reading *now,
			     const struct reading *before, uint32_t kind,
			     uint32_t at);

/* The row of @key, of WIRE_GAUGES or WIRE_COUNTERS; false if there is none. */
bool reading_find(const struct reading *now, const struct reading *before,
		  uint32_t kind, uint64_t key, struct change *c);

struct wire_text change_text(const struct change *c, uint32_t index);

/* How much counter @column grew: false where that is not known, as when it fell. */
bool change_growth(const struct change *c, uint32_t column, uint64_t *growth);

#endif /* KTACH_KTACH_FIGURES_READING_H */
