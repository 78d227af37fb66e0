/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This host's figures, from the best that is there. */
#ifndef KTACH_KTACH_FIGURES_READERS_H
#define KTACH_KTACH_FIGURES_READERS_H

#include "ktach/figures/figures.h"
#include "ktach/figures/reading.h"

/**
 * struct readers_options - what to read
 * @from: from where
 * @sections: bits of enum section
 * @host: where /proc and /sys are; the caller's
 */
struct readers_options {
	enum host_from from;
	unsigned int sections;
	const struct host_options *host;
};

enum {
	READERS = 7,
};

/**
 * struct reader - a collector, and what it told
 * @collector: which; NULL: it is not wanted
 * @state: the collector's own
 * @open: it is open
 * @told: its last two tables
 */
struct reader {
	const struct host_collector *collector;
	void *state;
	bool open;
	struct readings told;
};

/**
 * struct readers - what is open
 * @options: as given
 * @host: what collectors are told
 * @stat: what one of them read of PROC/stat
 * @reader: of all sections
 * @told: what figures of CPUs and interfaces were made from; NULL: nothing yet
 * @no_uptime: whether it was said
 */
struct readers {
	struct readers_options options;
	struct host_options host;
	struct host_text stat;
	struct reader reader[READERS];
	const struct readings *told[SECTIONS];
	struct host_trouble no_uptime;
};

/**
 * readers_open() - open what the sections need; figures begin now or, where
 *                  the kernel keeps samples, @history_ns ago
 *
 * Return: 0, or -errno after a message.
 */
int readers_open(struct readers *r, const struct readers_options *o,
		 uint64_t history_ns);
void readers_close(struct readers *r);

/**
 * readers_read() - figures from the last time to now
 * @r: the readers
 * @f: as it was left the last time; zeroes at first
 *
 * A section whose origin has no newer sample stays as it is.
 *
 * Return: 0, or -errno after a message.
 */
int readers_read(struct readers *r, struct figures *f);

/* The host's name and its kernel, once: of one whose trees are read, what its files
 * tell; "" where they do not.
 */
void readers_names(struct figures *f, const struct host_options *o);

/* Whether time must pass, after the first reading, before @f says something. */
bool readers_must_wait(const struct readers *r, const struct figures *f);

#endif /* KTACH_KTACH_FIGURES_READERS_H */
