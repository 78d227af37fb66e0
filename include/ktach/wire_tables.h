/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What frames carry: the kinds of tables, their columns and texts, as
 * tables/tables.def has them. The layout of a table is in wire.h. Columns from a
 * kind's _REQUIRED on are optional.
 *
 * Three tables take whatever has no rows of its own: WIRE_GAUGES, WIRE_COUNTERS
 * and WIRE_FACTS have one value a row, and the row's key says which. A new key
 * at the end of their enumerations is no new schema: a reader ignores the keys
 * that it doesn't know.
 *
 * A cell that could not be read is WIRE_ABSENT: in an optional column, and from
 * WIRE_GAUGES on in any but the key's.
 */
#ifndef KTACH_WIRE_TABLES_H
#define KTACH_WIRE_TABLES_H

/* Where a table's values were taken. */
enum wire_origin {
	WIRE_ORIGIN_RING = 1,		/* a ktach ring */
	WIRE_ORIGIN_PROC = 2,		/* /proc or /sys */
	WIRE_ORIGIN_BPF = 3,		/* the rate table of bpf/ */
	WIRE_ORIGIN_SHIPPER = 4,	/* the sender about itself */
	WIRE_ORIGIN_NETLINK = 5,	/* the kernel's netlink families */
};

enum wire_table_kind {
#define TABLE(T, number, ...) WIRE_##T = number,
#include "tables/tables.def"
	WIRE_KINDS
};

/* WIRE_T_C: the columns of each table; WIRE_T_REQUIRED and WIRE_T_COLUMNS of them. */
#define TABLE(T, number, table, ...) enum wire_##table##_column {
#define COLUMN(T, C, ...) WIRE_##T##_##C,
#define OPTIONAL(T) \
	WIRE_##T##_REQUIRED, WIRE_##T##_LAST_REQUIRED = WIRE_##T##_REQUIRED - 1,
#define TABLE_END(T) WIRE_##T##_COLUMNS };
#include "tables/tables.def"

/* WIRE_T_C: the texts of each table; WIRE_T_TEXTS of them. */
#define TABLE(T, number, table, ...) enum wire_##table##_text {
#define TEXT(T, C, ...) WIRE_##T##_##C,
#define TABLE_END(T) WIRE_##T##_TEXTS };
#include "tables/tables.def"

/* flags of a row of WIRE_CPU and WIRE_SOFTIRQ */
enum wire_cpu_flag {
	WIRE_CPU_ONLINE = 1,
	WIRE_CPU_SEEN = 2,		/* has been online since boot */
	/* Of WIRE_CPU: the column makes no sense at its source, and has 0. */
	WIRE_CPU_NO_STEAL = 4,
	WIRE_CPU_NO_GUEST = 8,
	WIRE_CPU_NO_GUEST_NICE = 16,
};

enum wire_softirq {
	WIRE_SOFTIRQ_VECTORS = 10,	/* in the kernel's order */
	/* Those of the optional columns that are the first vector's. */
	WIRE_SOFTIRQ_TIME_NS = WIRE_SOFTIRQ_HI_TIME_NS,
	WIRE_SOFTIRQ_MAX_NS = WIRE_SOFTIRQ_HI_MAX_NS,
	WIRE_SOFTIRQ_MAX_AT_NS = WIRE_SOFTIRQ_HI_MAX_AT_NS,
};

/* The optional columns of a direction of WIRE_NET, from WIRE_NET_RX_MORE or
 * WIRE_NET_TX_MORE on: averages and buckets of 1 ms as in the rate table, then its
 * classes, each bytes and packets.
 */
enum wire_net_more {
	WIRE_NET_RX_MORE = WIRE_NET_REQUIRED,
	WIRE_NET_TX_MORE = WIRE_NET_TX_BYTES_PER_S_1S,
	WIRE_NET_MORE = WIRE_NET_TX_MORE - WIRE_NET_RX_MORE,
	WIRE_NET_BYTES_PER_S_1S = 0,
	WIRE_NET_PACKETS_PER_S_1S = WIRE_NET_RX_PACKETS_PER_S_1S - WIRE_NET_RX_MORE,
	WIRE_NET_MAX_BUCKET_BYTES = WIRE_NET_RX_MAX_BUCKET_BYTES - WIRE_NET_RX_MORE,
	WIRE_NET_MAX_BUCKET_MS = WIRE_NET_RX_MAX_BUCKET_MS - WIRE_NET_RX_MORE,
	WIRE_NET_P99_BUCKET_BYTES = WIRE_NET_RX_P99_BUCKET_BYTES - WIRE_NET_RX_MORE,
	WIRE_NET_OVER_BYTES = WIRE_NET_RX_OVER_BYTES - WIRE_NET_RX_MORE,
	WIRE_NET_BUCKETS_OVER = WIRE_NET_RX_BUCKETS_OVER - WIRE_NET_RX_MORE,
	WIRE_NET_UNICAST = WIRE_NET_RX_UNICAST_BYTES - WIRE_NET_RX_MORE,
};

/* WIRE_GAUGES and WIRE_COUNTERS: a row a value. */
enum wire_value_column {
	WIRE_VALUE_KEY = WIRE_GAUGES_KEY,	/* enum wire_gauge or wire_counter */
	WIRE_VALUE = WIRE_GAUGES_VALUE,
	WIRE_VALUE_COLUMNS = WIRE_GAUGES_COLUMNS
};

enum wire_gauge {
#define GAUGE(K, ...) WIRE_##K,
#include "tables/tables.def"
	WIRE_GAUGE_KEYS
};

enum wire_counter {
#define COUNTER(K, ...) WIRE_##K,
#include "tables/tables.def"
	WIRE_COUNTER_KEYS
};

/* WIRE_FACTS: a row a text. */
enum wire_fact_column {
	WIRE_FACT_KEY = WIRE_FACTS_KEY,		/* enum wire_fact */
	WIRE_FACT_COLUMNS = WIRE_FACTS_COLUMNS,
	WIRE_FACT = WIRE_FACTS_TEXT,
	WIRE_FACT_TEXTS = WIRE_FACTS_TEXTS
};

enum wire_fact {
#define FACT(K, ...) WIRE_##K,
#include "tables/tables.def"
	WIRE_FACT_KEYS,

	/*
	 * No fact, but the last word: alone in its table, in a frame without samples.
	 * No samples come to this collector from now on. Its text is where they go
	 * to, as the sender's configuration names it; empty: the sender ends.
	 */
	WIRE_FACT_LEAVES = 255
};

enum wire_mount_flag {
	WIRE_MOUNT_READ_ONLY = 1,	/* the file system, not this mount of it */
	WIRE_MOUNT_HUNG = 2,		/* did not answer in time */
	WIRE_MOUNT_FAILED = 4,		/* answered with an error */
	WIRE_MOUNT_SHARED = 8,		/* its space is another row's, too */
};

enum wire_link_flag {
	WIRE_LINK_UP = 1,
	WIRE_LINK_CARRIER = 2,
	WIRE_LINK_FULL_DUPLEX = 4,
	WIRE_LINK_HALF_DUPLEX = 8,	/* neither: not known */
};

/* Unit of WIRE_SENSOR's values. */
enum wire_sensor_type {
	WIRE_SENSOR_MILLI_CELSIUS = 1,
	WIRE_SENSOR_RPM,
	WIRE_SENSOR_MILLI_VOLT,
	WIRE_SENSOR_MICRO_WATT,
	WIRE_SENSOR_MILLI_AMPERE,
	WIRE_SENSOR_MICRO_JOULE,	/* counts up: RAPL */
};

/* Of WIRE_OWN and WIRE_PART: what a series is, and parts of 1 that its value is told in. */
enum wire_own_type {
	WIRE_OWN_GAUGE = 1,
	WIRE_OWN_GAUGE_MILLIONTHS,
	WIRE_OWN_COUNTER,
	WIRE_OWN_COUNTER_THOUSANDTHS,
};

#endif /* KTACH_WIRE_TABLES_H */
