/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many tasks ended. */
#ifndef KTACH_HOST_PROCESS_PROCESS_EXITS_H
#define KTACH_HOST_PROCESS_PROCESS_EXITS_H

#include "host/file.h"
#include "host/options.h"

/**
 * struct process_exits - what it is made of
 * @stat: /proc/stat
 * @loadavg: /proc/loadavg
 * @idle: idle tasks, which were forked and are not listed: all CPUs' but the
 *        first one's
 * @last: what was told last
 */
struct process_exits {
	struct host_file stat;
	struct host_file loadavg;
	uint64_t idle;
	uint64_t last;
};

/* Return 0 or -errno: nothing to close then. */
int process_exits_open(struct process_exits *e, const struct host_options *o);
void process_exits_close(struct process_exits *e);

/**
 * process_exits_read() - tasks, processes and their threads, that ended and
 * were reaped since boot
 *
 * What was forked and is no more. No exit is missed, between two readings or
 * before the first one; tasks that come or go between the reading of one file
 * and the other are told of by the next.
 *
 * Return: 0, or -errno.
 */
int process_exits_read(struct process_exits *e, uint64_t *exits);

/* CPUs in the text of /sys/devices/system/cpu/possible. 0, or -EINVAL. */
int process_cpus_parse(const char *text, uint64_t *cpus);

#endif /* KTACH_HOST_PROCESS_PROCESS_EXITS_H */
