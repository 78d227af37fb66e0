/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process, and how /proc/PID's files tell of it. */
#ifndef KTACH_HOST_PROCESS_PROCESS_STAT_H
#define KTACH_HOST_PROCESS_PROCESS_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum process_limits {
	PROCESS_NAME = 64,		/* bytes: kernel threads have long ones */
};

/**
 * struct process - at a moment
 * @pid: thread group
 * @parent: its parent's, 0 if it has none
 * @uid: effective, or PROCESS_NO_UID: not read yet
 * @threads: how many
 * @cpu_ns: user and system, of all its threads since its start
 * @start_ns: CLOCK_BOOTTIME when it started
 * @rss_bytes: resident memory
 * @at_ns: CLOCK_MONOTONIC when this was read
 * @state: as in /proc/PID/stat: 'R', 'S', ...
 * @kernel: a kernel thread
 * @name: of its first thread
 */
struct process {
	uint32_t pid;
	uint32_t parent;
	uint32_t uid;
	uint32_t threads;
	uint64_t cpu_ns;
	uint64_t start_ns;
	uint64_t rss_bytes;
	uint64_t at_ns;
	char state;
	bool kernel;
	char name[PROCESS_NAME + 1];
};

#define PROCESS_NO_UID	UINT32_MAX	/* no user can have it */

/* Gets one process, valid during the call. */
typedef void process_take(void *arg, const struct process *p);

/**
 * struct process_units - what numbers in /proc are in
 * @tick_ns: times
 * @page_bytes: memory
 */
struct process_units {
	uint64_t tick_ns;
	uint64_t page_bytes;
};

struct process_units process_units(void);

/**
 * process_stat_parse() - /proc/PID/stat
 * @text: the file
 * @units: what it is in
 * @p: filled but for @uid and @at_ns
 *
 * Return: 0; -EINVAL if it is cut off, or makes no sense; -ERANGE if a number
 * is too large.
 */
int process_stat_parse(const char *text, const struct process_units *units,
		       struct process *p);

/* /proc/PID/statm: its resident memory; the same returns. */
int process_statm_parse(const char *text, const struct process_units *units,
			uint64_t *rss_bytes);

/* /proc/PID/status: its effective user; the same returns. */
int process_uid_parse(const char *text, uint32_t *uid);

/**
 * process_cgroup_parse() - /proc/PID/cgroup
 * @text: the file
 * @size: filled: length of the path
 *
 * Return: where the path begins that tells the most: that of the unified
 * hierarchy, or else systemd's, or else the first that is not the root's; NULL
 * if there is none.
 */
const char *process_cgroup_parse(const char *text, size_t *size);

#endif /* KTACH_HOST_PROCESS_PROCESS_STAT_H */
