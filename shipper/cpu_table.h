/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two tables with a row a CPU, from where they can be had: a ring of the
 * kernel modules, or else /proc. Both have a row of the same shape: CPU, flags,
 * and CPU_TABLE_VALUES values.
 */
#ifndef KTACH_SHIPPER_CPU_TABLE_H
#define KTACH_SHIPPER_CPU_TABLE_H

#include "lib/wire.h"

enum {
	CPU_TABLE_VALUES = 10,
	CPU_TABLE_COLUMNS = 2 + CPU_TABLE_VALUES,
};

_Static_assert((int)CPU_TABLE_COLUMNS == (int)WIRE_CPU_REQUIRED, "cpu row");
_Static_assert((int)CPU_TABLE_COLUMNS == (int)WIRE_SOFTIRQ_REQUIRED,
	       "softirq row");

/**
 * struct proc_file - a /proc file that is read again and again
 * @path: its path
 * @fd: kept open
 * @text: what the last read gave, NUL-terminated
 * @size: room at @text
 */
struct proc_file {
	const char *path;
	int fd;
	char *text;
	size_t size;
};

/* CPUs that this machine may ever have: rows of /proc/softirqs, at most. */
uint32_t possible_cpus(void);

/* Return 0 or -errno. @cpus: how many may show up in the file. */
int proc_open(struct proc_file *p, const char *path, uint32_t cpus);
void proc_close(struct proc_file *p);

/* Read the whole of it into @p->text. Return 0 or -errno. */
int proc_read(struct proc_file *p);

/**
 * stat_parse() - rows from /proc/stat
 * @text: the file
 * @hz: its unit: ticks a second, sysconf(_SC_CLK_TCK)
 * @cells: room for @max rows of CPU_TABLE_COLUMNS
 *
 * Return: rows, or -EINVAL if it doesn't look like /proc/stat, or has more.
 */
int stat_parse(const char *text, uint64_t hz, uint64_t *cells, uint32_t max);

/* The same for /proc/softirqs. */
int softirqs_parse(const char *text, uint64_t *cells, uint32_t max);

#endif /* KTACH_SHIPPER_CPU_TABLE_H */
