/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_CONFIG_H
#define KTACH_SHIPPER_CONFIG_H

#include <stdint.h>

#include "host/options.h"
#include "lib/base/log.h"
#include "shipper/flight/flight.h"
#include "shipper/source_table.h"

#define CONFIG_FILE "/etc/ktach/shipper.conf"

/* The command line, below it the environment and the configuration file; and, at
 * the end, what follows from it.
 */
struct config {
	const char *file; /* NULL: CONFIG_FILE, if it is there */
	int check; /* say whether it is good, and exit */
	const char *pid_file; /* NULL for none */
	const char *collector; /* HOST:PORT, [HOST]:PORT or HOST, or several */
	const char *transport; /* "udp" or "tcp" */
	const char *key; /* file of this node's key, NULL for none */
	int unsealed; /* send without one, wherever to */
	const char *name; /* of this node, NULL for the host name */
	const char *state; /* folder that keeps the node's id */
	const char *agentd; /* folder of ktach-agentd's sockets */
	uint64_t flight_memory; /* of the flight recorder, bytes; 0: there is none */
	uint64_t flight_before_ns; /* what an incident has of the time before */
	uint64_t flight_after_ns;
	const char *flight_on; /* what sets it off, with commas */
	uint64_t flight_softirq_ns;
	uint64_t flight_busy_ns;
	uint64_t flight_pressure; /* percent */
	const char *flight_socket; /* of 'ktach freeze' */
	uint64_t interval_ns; /* between two samples, at least */
	struct source_setting sources[SOURCES_MAX];
	struct host_options host;
	uint64_t given_ship_ns; /* between two frames, unless samples are rarer */
	uint64_t queue; /* memory for frames that wait, bytes */
	const char *spool; /* folder for frames that wait, NULL for none */
	uint64_t spool_size; /* what it may take, bytes */
	int spool_sync; /* each frame goes to the disk itself */
	uint64_t datagram; /* largest UDP payload, bytes */
	int make_id; /* print the node's id, and end */
	int detach; /* remove the packet counters, and end */
	uint64_t flush_ns; /* at the end: for what was not taken yet */
	uint64_t patience_ns; /* for acknowledgements of a collector */
	const char *log; /* last level that is shown */
	int no_net;
	int no_io_uring;
	int debug;
	struct flight_setup flight;
	uint64_t ship_ns; /* between two times that frames leave */
	enum log_level level; /* of @log and @debug */
};

/* Fill with what is given; exits on what is wrong. */
void config_parse(struct config *c, int argc, char **argv);

/**
 * config_reload() - read it again
 * @fresh: filled; what changes with the next start only is @running's
 * @running: in use
 * @argc: of main()
 * @argv: of main()
 * @changes: set to what has changed, as options_change() says it
 * @size: room there
 *
 * Return: 0, or -errno after a message.
 */
int config_reload(struct config *fresh, struct config *running, int argc,
		  char **argv, char *changes, unsigned int size);

#endif /* KTACH_SHIPPER_CONFIG_H */
