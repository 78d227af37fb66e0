/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_CONFIG_H
#define KTACH_SHIPPER_CONFIG_H

#include <stdint.h>

/* What the command line says. */
struct config {
	const char *collector;	/* HOST:PORT, [HOST]:PORT or HOST */
	const char *name;	/* of this node, NULL for the host name */
	const char *state;	/* folder that keeps the node's id */
	uint64_t interval_ns;	/* between two frames */
	uint64_t datagram;	/* largest frame, bytes */
	const char *pins;	/* folder of pinned BPF objects */
	const char *include;	/* interfaces to count, NULL for all */
	const char *exclude;	/* interfaces not to count, NULL for none */
	uint64_t interfaces;	/* that can be counted at once */
	uint64_t record_s;	/* seconds of 1 ms buckets to keep */
	uint64_t over_percent;	/* of a link's speed: too large a bucket */
	int freeze_over;
	int clsact;
	int with_lo;
	int no_net;
	int detach;
	int debug;
};

/* Fill with defaults and the command line; exits on a wrong one. */
void config_parse(struct config *c, int argc, char **argv);

#endif /* KTACH_SHIPPER_CONFIG_H */
