/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host is asked: one collector a subject, all in one table, read by the
 * shipper and by ktach alike.
 *
 *   rings, /proc, /sys, netlink, statfs, BPF --> collector --> tables of the wire
 *
 * A collector fills tables as include/ktach/wire_tables.h has them. Nothing
 * here knows who reads, how often, or where the tables go. A file that is not
 * there, is cut short or makes no sense costs its own values: they are left out
 * or WIRE_ABSENT, never guessed.
 */
#ifndef KTACH_HOST_COLLECTOR_H
#define KTACH_HOST_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/options.h"
#include "lib/wire/wire.h"

/**
 * struct host_sink - who takes the tables
 * @put: gets each table, whose memory is the collector's until the next read
 * @arg: handed to it
 */
struct host_sink {
	void (*put)(void *arg, const struct wire_table *table);
	void *arg;
};

/**
 * struct host_collector - one subject
 * @name: as in the configuration and in `ktach show`: "disk", "memory"
 * @summary: what it tells, one line, lower case
 * @interval_ns: how often to read it at most, unless told otherwise; 0: as often
 *               as anything is read
 * @enabled: whether it is read unless told otherwise
 * @paced: it is opened anew for another interval
 * @open: gets ready. *state is the collector's own; @options stay there until it is
 *        closed. 0, or -errno after one
 *        message that says what is missing and what to do: the subject is left
 *        out then
 * @read: reads and puts its tables, all stamped with the time of the reading.
 *        0, or -errno: this reading's values are missing. It says so itself,
 *        the first time, by host_trouble(). Does not block, whatever hangs
 * @close: the reverse of open
 * @fd: a descriptor that becomes readable when there is news to be put by
 *      @changed between two reads; NULL or negative if the collector has none
 * @changed: takes in what happened, and puts what changed
 * @waits: whether @changed puts what @read, which did not wait for it, left out, once
 *         @fd is readable; NULL: never
 * @patience_ns: how long samples wait where they are kept until they are read;
 *               UINT64_MAX: none wait. NULL: none ever do
 * @origin: where it is read from, a line into @text; and, unless that is the best
 *          that there can be, why, and what to do about it: then it returns false.
 *          NULL if there is but one
 */
struct host_collector {
	const char *name;
	const char *summary;
	uint64_t interval_ns;
	bool enabled;
	bool paced;
	int (*open)(void **state, const struct host_options *options);
	int (*read)(void *state, const struct host_sink *sink);
	void (*close)(void *state);
	int (*fd)(void *state);
	int (*changed)(void *state, const struct host_sink *sink);
	bool (*waits)(void *state);
	uint64_t (*patience_ns)(void *state);
	bool (*origin)(void *state, char *text, size_t size);
};

/* The table: a new collector is a line here, and host/NAME.c with its host_NAME. The
 * first goes first: what it reads of PROC/stat, others find.
 */
#define HOST_COLLECTORS(X) \
	X(cpu)             \
	X(softirq)         \
	X(load)            \
	X(memory)          \
	X(pressure)        \
	X(meminfo)         \
	X(protocol)        \
	X(limit)           \
	X(timex)           \
	X(system)          \
	X(core)            \
	X(disk)            \
	X(mount)           \
	X(link)            \
	X(sensor)          \
	X(process)         \
	X(agent)           \
	X(cgroup)          \
	X(own)             \
	X(part)            \
	X(latency)         \
	X(facts)           \
	X(interrupts)

#define HOST_COLLECTOR_DECLARE(name) \
	extern const struct host_collector host_##name;
HOST_COLLECTORS(HOST_COLLECTOR_DECLARE)

/* Those of the table, NULL at the end. */
extern const struct host_collector *const host_collectors[];

/* Two that only ktach reads; the shipper has better sources for the same: combined
 * samples, and interfaces as a process sees them that does not look after the packet
 * counters (host/net/net.c).
 */
extern const struct host_collector host_combined, host_net;

/* NULL if there is no such. */
const struct host_collector *host_collector_find(const char *name);

/* Log why a collector fails, once; again after host_trouble() was told of a success
 * (@err 0).
 */
struct host_trouble {
	bool said;
};

void host_trouble(struct host_trouble *t, const char *name, const char *what,
		  int err);

#endif /* KTACH_HOST_COLLECTOR_H */
