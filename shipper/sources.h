/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is sampled, each at its own interval, under one timer of the owner. */
#ifndef KTACH_SHIPPER_SOURCES_H
#define KTACH_SHIPPER_SOURCES_H

#include "host/collector.h"
#include "host/file.h"
#include "lib/loop/loop.h"
#include "shipper/config.h"
#include "shipper/queue/output.h"
#include "shipper/values.h"

struct sources;

/**
 * struct source - a collector in the loop
 * @poll: of its descriptor
 * @all: it is one of these
 * @collector: what it is
 * @state: the collector's own
 * @open: it is sampled
 * @waiting: @poll is under way
 * @due_ns: when it is due next, CLOCK_MONOTONIC
 * @repeats: so often it comes again soon, however long its interval
 * @origin: of its last table, if it has several
 */
struct source {
	struct loop_op poll; /* first: done() gets the source */
	struct sources *all;
	const struct host_collector *collector;
	void *state;
	bool open;
	bool waiting;
	uint64_t due_ns;
	unsigned int repeats;
	uint32_t origin;
};

/**
 * struct sources - all of them
 * @loop: the loop
 * @output: gets the samples
 * @begin: called before samples are put that nobody asked for
 * @owner: handed to it
 * @config: what it is configured to be
 * @source: by their place in the table of sources
 * @values: gauges and counters of a tick
 * @reading: those that are due are being read
 * @memory: of files that are read one after the other
 * @stat: what one of them read of PROC/stat
 */
struct sources {
	struct loop *loop;
	struct output *output;
	void (*begin)(void *owner);
	void *owner;
	struct config config;
	struct source source[SOURCES_MAX];
	struct values values;
	bool reading;
	struct host_memory memory;
	struct host_text stat;
};

/**
 * sources_open() - start all that are enabled
 * @s: filled; @s->begin and @s->owner were set by the caller
 * @config: the configuration, copied
 * @loop: the loop
 * @output: gets the samples
 *
 * Return: 0, or -errno after a message if there is no /proc. What can't be had is
 * left out, with a message.
 */
int sources_open(struct sources *s, const struct config *config,
		 struct loop *loop, struct output *output);
void sources_close(struct sources *s);

/* Take over another configuration's intervals, switches and host/'s options. */
void sources_change(struct sources *s, const struct config *config);

/* When the first one is due, ns of CLOCK_MONOTONIC. */
uint64_t sources_due_ns(const struct sources *s);

/* Somebody may have none of what came before: what comes seldom (facts, names) comes
 * now, and SOURCES_REPEATS times more, SOURCES_REPEAT_NS apart. The first of them may follow
 * at once, as the clock has it, and be lost likewise.
 */
#define SOURCES_REPEAT_NS UINT64_C(5000000000)
#define SOURCES_REPEATS 2
void sources_repeat(struct sources *s);

/* Sample those that are due at @now_ns; UINT64_MAX: all of them. */
void sources_collect(struct sources *s, uint64_t now_ns);

#endif /* KTACH_SHIPPER_SOURCES_H */
