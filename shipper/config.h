/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_CONFIG_H
#define KTACH_SHIPPER_CONFIG_H

#include <stdint.h>

/* What the command line says. */
struct config {
	const char *collector;	/* HOST:PORT, [HOST]:PORT or HOST */
	const char *transport;	/* "udp" or "tcp" */
	const char *name;	/* of this node, NULL for the host name */
	const char *state;	/* folder that keeps the node's id */
	uint64_t interval_ns;	/* between two samples */
	uint64_t ship_ns;	/* between two times that frames leave */
	uint64_t queue;		/* memory for frames that wait, bytes */
	uint64_t datagram;	/* largest frame, bytes */
	int with_lo;
	int no_net;
	int no_io_uring;
	int debug;
};

/* Fill with defaults and the command line; exits on a wrong one. */
void config_parse(struct config *c, int argc, char **argv);

#endif /* KTACH_SHIPPER_CONFIG_H */
