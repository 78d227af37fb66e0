/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes that use the most, of all that there are. Each is held against
 * itself at the last reading, which is kept by pid.
 */
#ifndef KTACH_HOST_PROCESS_PROCESS_TOP_H
#define KTACH_HOST_PROCESS_PROCESS_TOP_H

#include "host/process/process_stat.h"

/**
 * struct process_ranked - a process, and what it did since the last reading
 * @p: as it is
 * @used_ns: CPU time since then, as far as known
 * @share: of one CPU, 1/10000, or WIRE_ABSENT
 */
struct process_ranked {
	struct process p;
	uint64_t used_ns;
	uint64_t share;
};

/* What is kept of each process until the next reading. */
struct process_seen {
	uint32_t pid;
	uint64_t start_ns;
	uint64_t cpu_ns;
	uint64_t at_ns;
};

/**
 * struct process_list - of a reading
 * @of: by pid, once it is complete
 * @count: of them
 * @room: memory for them
 */
struct process_list {
	struct process_seen *of;
	size_t count;
	size_t room;
};

/**
 * struct process_heap - the most of a kind; the least of these comes first
 * @of: as many as process_top_init() was told
 * @count: of them
 */
struct process_heap {
	struct process_ranked *of;
	uint32_t count;
	bool (*less)(const struct process_ranked *a,
		     const struct process_ranked *b);
};

/* Processes by state. */
struct process_counts {
	uint64_t sleeping;		/* 'S', idle and parked ones too */
	uint64_t zombie;
	uint64_t stopped;		/* traced ones too */
	uint64_t running;
	uint64_t blocked;		/* 'D' */
};

/**
 * struct process_top - the whole
 * @max: of each kind
 * @cpu: by @used_ns
 * @memory: by resident memory
 * @winners: both, by pid, each process once
 * @winner_count: of them
 * @counts: of all processes
 * @last: the reading before
 * @now: this one
 * @cursor: in @last, where the next pid should be
 * @tick_ns: how exact start times are
 * @last_boot_ns: CLOCK_BOOTTIME when the last reading began, 0: there was none
 * @last_mono_ns: CLOCK_MONOTONIC then
 * @boot_ns: the same of this one
 * @mono_ns: the same
 */
struct process_top {
	uint32_t max;
	struct process_heap cpu;
	struct process_heap memory;
	const struct process_ranked **winners;
	uint32_t winner_count;
	struct process_counts counts;
	struct process_list last;
	struct process_list now;
	size_t cursor;
	uint64_t tick_ns;
	uint64_t last_boot_ns;
	uint64_t last_mono_ns;
	uint64_t boot_ns;
	uint64_t mono_ns;
};

/**
 * process_top_init() - before the first reading
 * @t: filled
 * @max: so many by CPU, and as many by memory
 * @tick_ns: how exact start times are, at least
 *
 * Return: 0 or -ENOMEM: nothing to undo then.
 */
int process_top_init(struct process_top *t, uint32_t max, uint64_t tick_ns);
void process_top_exit(struct process_top *t);

/* A reading: begin, take each process there is, end; then there are winners.
 * Times are those when it begins.
 */
void process_top_begin(struct process_top *t, uint64_t boot_ns,
		       uint64_t mono_ns);
void process_top_take(struct process_top *t, const struct process *p);
void process_top_end(struct process_top *t);

#endif /* KTACH_HOST_PROCESS_PROCESS_TOP_H */
