/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of what the history keeps: TABLE.COLUMN as in ktach/wire_tables.h, such
 * as cpu.user_ns or net.rx_bytes; of gauges and counters the row's: load_1min,
 * context_switches.
 */
#ifndef KTACH_COLLECTOR_METRIC_H
#define KTACH_COLLECTOR_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/wire.h>

enum metric_limits {
	METRIC_NAME_SIZE = 64,
};

/**
 * struct metric - one series, or one a row
 * @name: see above
 * @kind: enum wire_table_kind
 * @column: in the table
 * @type: enum wire_type: of a WIRE_COUNTER the rate is what is asked for
 * @fixed: there is one row of it, with @key
 * @key: that row
 */
struct metric {
	char name[METRIC_NAME_SIZE];
	uint32_t kind;
	uint32_t column;
	uint32_t type;
	bool fixed;
	uint64_t key;
};

/* All of them, sorted by kind and column. */
const struct metric *metric_all(size_t *count);

/* NULL if there is no such. */
const struct metric *metric_find(const char *name);

/* "cpu", "net", ...; NULL if the history does not keep that kind. */
const char *metric_table(uint32_t kind);

/* Name of a column: "user_ns". */
const char *metric_column(uint32_t kind, uint32_t column);

#endif /* KTACH_COLLECTOR_METRIC_H */
