/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures: what this host did over an interval, in the units that people read.
 * Readers fill them, views show them, records keep them.
 */
#ifndef KTACH_KTACH_FIGURES_FIGURES_H
#define KTACH_KTACH_FIGURES_FIGURES_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/kernel/cpu_table.h"

enum section {
	SECTION_CPU,
	SECTION_SOFTIRQ,
	SECTION_NET,
	SECTION_MEM,
	SECTION_LOAD,
	SECTIONS
};

#define SECTION_ALL	((1U << SECTIONS) - 1)

/* Where a section's figures come from. */
enum origin {
	ORIGIN_NONE,		/* the section was not read */
	ORIGIN_RING = WIRE_ORIGIN_RING,
	ORIGIN_PROC = WIRE_ORIGIN_PROC,
	ORIGIN_BPF = WIRE_ORIGIN_BPF,
	ORIGIN_SHIPPER = WIRE_ORIGIN_SHIPPER,
	ORIGIN_NETLINK = WIRE_ORIGIN_NETLINK,
	ORIGINS
};

/**
 * struct span - the interval that a section's figures are about
 * @origin: enum origin
 * @real_ns: CLOCK_REALTIME of its end
 * @mono_ns: CLOCK_MONOTONIC of its end
 * @interval_ns: what it lasted; 0 where there is nothing to compare with yet
 * @sample: number of the sample at its end, 0 where samples have none
 * @lost: samples that this program could not get, since its start
 * @missed: ticks that the kernel left out, since the source was loaded
 */
struct span {
	uint32_t origin;
	uint64_t real_ns;
	uint64_t mono_ns;
	uint64_t interval_ns;
	uint64_t sample;
	uint64_t lost;
	uint64_t missed;
};

/**
 * struct cpu_row - a CPU
 * @cpu: its number
 * @flags: enum wire_cpu_flag
 * @values: times: share of each state in 1/10000 of what all grew by, in the order
 *          of /proc/stat, where user includes guest and nice guest_nice;
 *          softirqs: runs of each vector, in 1/1000 per second
 * @exact: shares in 1/10000 that the kernel took at every switch, if the figures
 *         have them; times: busy, idle; softirqs: by vector
 */
struct cpu_row {
	uint32_t cpu;
	uint32_t flags;
	uint64_t values[CPU_TABLE_VALUES];
	uint64_t exact[CPU_TABLE_VALUES];
};

/* Places of some states in a row's values. */
enum state {
	STATE_USER = WIRE_CPU_USER_NS - WIRE_CPU_USER_NS,
	STATE_NICE = WIRE_CPU_NICE_NS - WIRE_CPU_USER_NS,
	STATE_SYSTEM = WIRE_CPU_SYSTEM_NS - WIRE_CPU_USER_NS,
	STATE_IDLE = WIRE_CPU_IDLE_NS - WIRE_CPU_USER_NS,
	STATE_IOWAIT = WIRE_CPU_IOWAIT_NS - WIRE_CPU_USER_NS,
	STATE_IRQ = WIRE_CPU_IRQ_NS - WIRE_CPU_USER_NS,
	STATE_SOFTIRQ = WIRE_CPU_SOFTIRQ_NS - WIRE_CPU_USER_NS,
	STATE_STEAL = WIRE_CPU_STEAL_NS - WIRE_CPU_USER_NS,
	STATE_GUEST = WIRE_CPU_GUEST_NS - WIRE_CPU_USER_NS,
	STATE_GUEST_NICE = WIRE_CPU_GUEST_NICE_NS - WIRE_CPU_USER_NS,
};

/* Of traffic, memory and load: it could not be read, or there is none yet. */
#define FIGURE_UNKNOWN UINT64_MAX

enum figure_units {
	SHARE_ONE = 10000,	/* a share of 100 % */
	RATE_ONE = 1000,	/* a rate of 1 per second */
	LOAD_ONE = 1000,	/* a load average of 1.0 */
};

/**
 * struct cpu_figures - the CPUs' times, or their softirqs
 * @span: when
 * @rows: CPUs at @row, by number
 * @room: CPUs that @row has room for
 * @online: how many of them are online
 * @has_exact: the rows' and the total's exact shares are known
 * @flags: of WIRE_CPU_NO_*, those that all online CPUs have
 * @total: of the online CPUs together, as of a row
 * @total_exact: the same
 */
struct cpu_figures {
	struct span span;
	uint32_t rows;
	uint32_t room;
	uint32_t online;
	bool has_exact;
	uint32_t flags;
	uint64_t total[CPU_TABLE_VALUES];
	uint64_t total_exact[CPU_TABLE_VALUES];
	struct cpu_row *row;
};

enum net_side {
	NET_SIDE_RX,
	NET_SIDE_TX,
	NET_SIDES,
	NET_AVERAGES = 3,
};

/* Of a queueing discipline. */
enum net_queue {
	NET_QUEUE_DROPS,
	NET_QUEUE_OVERLIMITS,
	NET_QUEUE_BACKLOG_BYTES,
	NET_QUEUE_BACKLOG_PACKETS,
	NET_QUEUE_VALUES,
};

/**
 * struct net_traffic - one direction of an interface
 * @bytes: since the interface, or its counting, came
 * @packets: the same
 * @errors: the same; FIGURE_UNKNOWN where the kernel does not count them
 * @drops: the same
 * @bytes_per_s: over the interval
 * @packets_per_s: over the interval
 * @average_bytes_per_s: moving averages over 1, 10 and 60 s; with bursts only
 * @burst_bytes: the largest count in one ms of the last tick
 * @burst_p99_bytes: 99 of 100 ms had no more, in its worst 100 ms
 * @device_bytes_per_s: by the device's own counters; with bursts only. Received it is
 *	before XDP, sent it is what the queueing discipline let through
 * @device_packets_per_s: the same
 */
struct net_traffic {
	uint64_t bytes;
	uint64_t packets;
	uint64_t errors;
	uint64_t drops;
	uint64_t bytes_per_s;
	uint64_t packets_per_s;
	uint64_t average_bytes_per_s[NET_AVERAGES];
	uint64_t burst_bytes;
	uint64_t burst_p99_bytes;
	uint64_t device_bytes_per_s;
	uint64_t device_packets_per_s;
};

/**
 * struct net_row - an interface
 * @name: its name
 * @origin: ORIGIN_BPF, with averages and bursts, or ORIGIN_PROC
 * @stacked: it lies on others, where the same packets are counted
 * @traffic: by enum net_side
 * @queue: by enum net_queue; FIGURE_UNKNOWN without a queueing discipline that counts
 */
struct net_row {
	char name[IF_NAMESIZE];
	uint32_t origin;
	bool stacked;
	struct net_traffic traffic[NET_SIDES];
	uint64_t queue[NET_QUEUE_VALUES];
};

struct net_figures {
	struct span span;
	uint32_t rows;
	uint32_t room;
	struct net_row *row;
};

/* Bytes. */
struct mem_figures {
	struct span span;
	uint64_t total;
	uint64_t free;
	uint64_t available;
	uint64_t buffers;
	uint64_t cached;
	uint64_t shared;
	uint64_t swap_total;
	uint64_t swap_free;
};

/**
 * struct load_figures - how many tasks want to run
 * @load: over 1, 5 and 15 minutes, in 1/1000; FIGURE_UNKNOWN where that is not told
 * @running: tasks that can run now
 * @tasks: all of them
 * @uptime_s: seconds since boot
 */
struct load_figures {
	struct span span;
	uint64_t load[3];
	uint64_t running;
	uint64_t tasks;
	uint64_t uptime_s;
};

enum note_limits {
	NOTES_MAX = 8,
	NOTE_SIZE = 200,
};

/**
 * struct figures - all sections; one with ORIGIN_NONE was not asked for
 * @host: the host's name
 * @release: the kernel's
 * @note: what is missing, and what to do about it; a line each
 * @notes: how many
 */
struct figures {
	char host[65];
	char release[65];
	char note[NOTES_MAX][NOTE_SIZE];
	int notes;
	struct cpu_figures cpu;
	struct cpu_figures softirq;
	struct net_figures net;
	struct mem_figures mem;
	struct load_figures load;
};

void figures_free(struct figures *f);

/* Make room for @rows, which keeps what is there. Return 0 or -ENOMEM. */
int cpu_figures_room(struct cpu_figures *f, uint32_t rows);
int net_figures_room(struct net_figures *f, uint32_t rows);

/* Add a note, if there is room. */
void figures_note(struct figures *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Share of a CPU's time that was neither idle nor iowait, in 1/10000. */
uint64_t cpu_busy(const uint64_t *shares);

/* A CPU's share of a state, in 1/10000: of user and nice without that of guests. */
uint64_t cpu_state(const uint64_t *shares, int state);

/* Sum of a row's values. */
uint64_t cpu_sum(const uint64_t *values);

/* Bytes a second of a side, by the device's own counters. */
uint64_t net_device_rate(const struct net_row *row, int side);

/* Bytes a second both ways together, of enum net_side; what is not known is 0. */
uint64_t net_both(const struct net_traffic *traffic);

/* The latest end of the sections' spans. */
uint64_t figures_real_ns(const struct figures *f);

const struct span *figures_span(const struct figures *f, enum section section);

/* "cpu", "softirq", "net", "mem" (or "memory"), "load"; -EINVAL for another. */
const char *section_name(enum section section);
int section_find(const char *name);

/* "netlink", "ring", "bpf", "proc", "none". */
const char *origin_name(uint32_t origin);

/* "user", "nice", ... and "hi", "timer", ...: CPU_TABLE_VALUES of each, by the book. */
const char *state_name(int state);
const char *vector_name(int vector);

#endif /* KTACH_KTACH_FIGURES_FIGURES_H */
