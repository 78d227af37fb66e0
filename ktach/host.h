/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This host's figures, from the best that is there. */
#ifndef KTACH_KTACH_HOST_H
#define KTACH_KTACH_HOST_H

#include "ktach/combined_reader.h"
#include "ktach/cpu_reader.h"
#include "ktach/net_reader.h"

/**
 * struct host_options - what to read
 * @from: from where
 * @sections: bits of enum section
 * @pins: folder of the pinned maps of bpf/
 */
struct host_options {
	enum from from;
	unsigned int sections;
	const char *pins;
};

/**
 * struct host - what is open
 * @options: as given
 * @must_wait: time must pass before there are figures
 */
struct host {
	struct host_options options;
	bool must_wait;
	struct combined_reader combined;
	struct cpu_reader times;
	struct cpu_reader softirqs;
	struct net_reader net;
};

/**
 * host_open() - open what the sections need; figures begin now or, where the
 *               kernel keeps samples, @history_ns ago
 *
 * Return: 0, or -errno after a message.
 */
int host_open(struct host *h, const struct host_options *o,
	      uint64_t history_ns);
void host_close(struct host *h);

/**
 * host_read() - figures from the last time to now
 * @h: the host
 * @f: as it was left the last time; zeroes at first
 *
 * A section whose origin has no newer sample stays as it is.
 *
 * Return: 0, or -errno after a message.
 */
int host_read(struct host *h, struct figures *f);

#endif /* KTACH_KTACH_HOST_H */
