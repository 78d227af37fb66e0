/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is sampled, each at its own interval, under one timer of the owner. */
#ifndef KTACH_SHIPPER_SOURCES_H
#define KTACH_SHIPPER_SOURCES_H

#include "shipper/config.h"
#include "host/cpu.h"
#include "shipper/dev_watch.h"
#include "shipper/host_source.h"
#include "shipper/net_source.h"
#include "shipper/output.h"
#include "shipper/values.h"

/**
 * struct sources - all of them
 * @loop: the loop
 * @output: gets the samples
 * @begin: called before samples are put that nobody asked for
 * @owner: handed to it
 * @config: what it is configured to be
 * @times: CPU times
 * @softirqs: the same
 * @net: packets
 * @watch: for the rings' devices
 * @host: those of host/, by their place in the table of sources
 * @values: gauges and counters of a tick
 * @open: those that are sampled
 * @due_ns: when each is due next, CLOCK_MONOTONIC
 * @repeat: it comes again soon, however long its interval
 * @reading: the one that is being read; SOURCES_MAX: none
 * @memory: of files that are read one after the other
 */
struct sources {
	struct loop *loop;
	struct output *output;
	void (*begin)(void *owner);
	void *owner;
	struct config config;
	struct cpu_source times;
	struct cpu_source softirqs;
	struct net_source net;
	struct dev_watch watch;
	struct host_source host[SOURCES_MAX];
	struct values values;
	bool open[SOURCES_MAX];
	uint64_t due_ns[SOURCES_MAX];
	bool repeat[SOURCES_MAX];
	unsigned int reading;
	struct host_memory memory;
};

/**
 * sources_open() - start all that are enabled
 * @s: filled; @s->begin and @s->owner were set by the caller
 * @config: the configuration, copied
 * @loop: the loop
 * @output: gets the samples
 *
 * Return: 0, or -errno after a message if there are no CPU times or softirqs;
 * what else can't be had is left out, with a message.
 */
int sources_open(struct sources *s, const struct config *config,
		 struct loop *loop, struct output *output);
void sources_close(struct sources *s);

/* Take over another configuration's intervals, switches and host/'s options. */
void sources_change(struct sources *s, const struct config *config);

/* When the first one is due, ns of CLOCK_MONOTONIC. */
uint64_t sources_due_ns(const struct sources *s);

/* Somebody may have none of what came before: what comes seldom (facts, names) comes
 * again within SOURCES_REPEAT_NS, twice.
 */
#define SOURCES_REPEAT_NS UINT64_C(5000000000)
void sources_repeat(struct sources *s);

/* Sample those that are due at @now_ns; UINT64_MAX: all of them. */
void sources_collect(struct sources *s, uint64_t now_ns);

#endif /* KTACH_SHIPPER_SOURCES_H */
