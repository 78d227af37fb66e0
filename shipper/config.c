// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ktach/wire.h>

#include "lib/options.h"
#include "shipper/config.h"

static const char details[] =
	"CPU times and softirqs come from /dev/cpu_stat_monitor and\n"
	"/dev/cpu_softirq_monitor where the ktach modules are loaded, and from\n"
	"/proc/stat and /proc/softirqs where they are not; packet rates come from\n"
	"a BPF program at TC, which needs root or CAP_BPF and CAP_NET_ADMIN.\n"
	"The shipper changes over by itself when modules are loaded or unloaded.\n"
	"\n"
	"Samples wait in memory and leave together: the shipper wakes up a sample for\n"
	"/proc, but only once a --ship interval for the rings of the modules.\n"
	"\n"
	"Example: sample ten times a second, send once a second:\n"
	"  ktach-shipper --collector 192.0.2.7 --interval 100ms\n"
	"\n"
	"Exit status: 0 ended by SIGTERM or SIGINT, 1 could not start, 2 usage.\n";

void config_parse(struct config *c, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "collector", 'c', OPTION_TEXT, &c->collector, "HOST[:PORT]",
		  "where frames go" },
		{ "transport", 't', OPTION_TEXT, &c->transport, "udp|tcp",
		  "how: tcp repeats what was not acknowledged" },
		{ "interval", 'i', OPTION_DURATION, &c->interval_ns, "TIME",
		  "time between two samples", 1000000, 3600000000000 },
		{ "ship", 0, OPTION_DURATION, &c->ship_ns, "TIME",
		  "time between two frames, if longer than --interval", 1000000,
		  3600000000000 },
		{ "name", 'n', OPTION_TEXT, &c->name, "NAME",
		  "name of this node, instead of the host name" },
		{ "state", 's', OPTION_TEXT, &c->state, "DIR",
		  "folder that keeps this node's id" },
		{ "datagram", 0, OPTION_NUMBER, &c->datagram, "BYTES",
		  "largest UDP payload, where the path's MTU allows it", 512,
		  WIRE_FRAME_MAX },
		{ "queue", 0, OPTION_NUMBER, &c->queue, "BYTES",
		  "memory for frames that wait", 65536, 1 << 30 },
		{ "lo", 0, OPTION_FLAG, &c->with_lo, NULL,
		  "count the loopback interface, too" },
		{ "no-net", 0, OPTION_FLAG, &c->no_net, NULL,
		  "leave packets uncounted; load no BPF program" },
		{ "no-io-uring", 0, OPTION_FLAG, &c->no_io_uring, NULL,
		  "do without io_uring even where the kernel has it" },
		{ "debug", 0, OPTION_FLAG, &c->debug, NULL,
		  "log what libraries say, too" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-shipper",
		.summary =
			"Send this host's CPU times, softirqs and packet rates to a ktach collector.",
		.details = details,
		.specs = specs,
	};

	*c = (struct config){
		.collector = "127.0.0.1",
		.transport = "udp",
		.state = "/var/lib/ktach",
		.interval_ns = 1000000000,
		.ship_ns = 1000000000,
		.queue = 1 << 20,
		.datagram = 16384,
	};
	options_parse(&options, argc, argv);
	if (strcmp(c->transport, "udp") && strcmp(c->transport, "tcp")) {
		fprintf(stderr,
			"ktach-shipper: --transport '%s': expected udp or tcp\n",
			c->transport);
		exit(2);
	}
	if (c->ship_ns < c->interval_ns)
		c->ship_ns = c->interval_ns;
}
