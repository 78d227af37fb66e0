/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This host's figures, from the best that is there. */
#ifndef KTACH_KTACH_READERS_H
#define KTACH_KTACH_READERS_H

#include "ktach/combined_reader.h"
#include "ktach/cpu_reader.h"
#include "ktach/net_reader.h"

/**
 * struct readers_options - what to read
 * @from: from where
 * @sections: bits of enum section
 * @pins: folder of the pinned maps of bpf/
 * @host: where /proc and /sys are; the caller's
 */
struct readers_options {
	enum from from;
	unsigned int sections;
	const char *pins;
	const struct host_options *host;
};

/**
 * struct readers - what is open
 * @options: as given
 * @must_wait: time must pass before there are figures
 */
struct readers {
	struct readers_options options;
	bool must_wait;
	struct combined_reader combined;
	struct cpu_reader times;
	struct cpu_reader softirqs;
	struct net_reader net;
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

#endif /* KTACH_KTACH_READERS_H */
