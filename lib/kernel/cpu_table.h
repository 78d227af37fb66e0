/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two tables with a row a CPU, from where they can be had: a ring of the
 * kernel modules, or else /proc. Both have a row of the same shape: CPU, flags,
 * and CPU_TABLE_VALUES values. Rings with exact times (timing=1) have more.
 */
#ifndef KTACH_LIB_KERNEL_CPU_TABLE_H
#define KTACH_LIB_KERNEL_CPU_TABLE_H

#include "lib/kernel/ring.h"
#include "lib/wire/wire.h"

enum {
	CPU_TABLE_VALUES = 10,
	CPU_TABLE_COLUMNS = 2 + CPU_TABLE_VALUES,
};

_Static_assert((int)CPU_TABLE_COLUMNS == (int)WIRE_CPU_REQUIRED, "cpu row");
_Static_assert((int)CPU_TABLE_COLUMNS == (int)WIRE_SOFTIRQ_REQUIRED,
	       "softirq row");

/**
 * struct cpu_source_spec - what makes cpu times and softirqs differ
 * @title: for messages
 * @table: kind of table
 * @columns_max: of a row with exact times
 * @ring: kind of ring
 * @device: the ring's device, in /dev
 * @module: which makes the device
 * @pins: the ring's folder among the pins, where BPF fills it
 * @proc: the file that stands in
 * @parse: reads that file into cells
 * @holds: stat_hold() is for it
 */
struct cpu_source_spec {
	const char *title;
	enum wire_table_kind table;
	uint32_t columns_max;
	enum ktach_ring_kind ring;
	const char *device;
	const char *module;
	const char *pins;
	const char *proc;
	int (*parse)(const char *text, uint64_t *cells, uint32_t max);
	bool holds;
};

extern const struct cpu_source_spec cpu_source_times;
extern const struct cpu_source_spec cpu_source_softirqs;

/* Open and map the ring of @spec: see ring_open(). */
int cpu_table_ring_open(const struct cpu_source_spec *spec, struct ring *r);

/* Columns of a row that can be had from a ring: CPU_TABLE_COLUMNS, or all. */
uint32_t cpu_table_columns(const struct cpu_source_spec *spec,
			   const struct ring *r);

/**
 * cpu_table_from_ring() - read a sample of a ring as rows
 * @r: the ring
 * @number: which, from 1
 * @columns: of a row: CPU_TABLE_COLUMNS, or what cpu_table_columns() says
 * @s: filled: when it was; its records are not to be used any more
 * @cells: r->layout.records rows go here, each in the place of its CPU's number;
 *         of CPUs that never came up they have no flags and no values
 *
 * Return: as ring_begin(); @cells mean nothing unless it is 0.
 */
int cpu_table_from_ring(const struct ring *r, uint64_t number, uint32_t columns,
			struct ring_sample *s, uint64_t *cells);

/**
 * stat_parse() - rows from /proc/stat
 * @text: the file
 * @hz: its unit: ticks a second, sysconf(_SC_CLK_TCK)
 * @cells: room for @max rows of CPU_TABLE_COLUMNS
 *
 * Return: rows, or -EINVAL if it doesn't look like /proc/stat, or has more.
 */
int stat_parse(const char *text, uint64_t hz, uint64_t *cells, uint32_t max);

/* idle and iowait of a CPU as they were last told of, in this order. */
struct cpu_held {
	uint64_t ns[2];
};

/**
 * stat_hold() - keep idle and iowait from running backwards
 * @held: of each CPU, by number; zeroes before the first time
 * @max: of them
 * @cells: rows of /proc/stat
 * @rows: of them
 *
 * The kernel's are estimates while a CPU sleeps: where they fall a little, their
 * maximum stays until the kernel has caught up. Where they fall by more than a
 * few seconds, as after a suspend, they begin anew.
 */
void stat_hold(struct cpu_held *held, uint32_t max, uint64_t *cells,
	       uint32_t rows);

/* As stat_parse(), of /proc/softirqs. */
int softirqs_parse(const char *text, uint64_t *cells, uint32_t max);

#endif /* KTACH_LIB_KERNEL_CPU_TABLE_H */
