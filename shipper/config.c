// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include <ktach/net.h>
#include <ktach/wire.h>

#include "lib/options.h"
#include "shipper/config.h"

static const char details[] =
	"CPU times and softirqs come from /dev/cpu_stat_monitor and\n"
	"/dev/cpu_softirq_monitor where the ktach modules are loaded, and from\n"
	"/proc/stat and /proc/softirqs where they are not; packet rates come from\n"
	"BPF programs at TC, which need root, and from /proc/net/dev without.\n"
	"The shipper changes over by itself when modules are loaded or unloaded.\n"
	"\n"
	"The BPF programs stay and count on when the shipper ends, and the next\n"
	"one goes on with their counters. --detach removes them.\n"
	"\n"
	"Example: send this host's figures to a collector, ten times a second:\n"
	"  ktach-shipper --collector 192.0.2.7 --interval 100ms\n"
	"\n"
	"Exit status: 0 ended by SIGTERM or SIGINT, 1 could not start, 2 usage.\n";

void config_parse(struct config *c, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "collector", 'c', OPTION_TEXT, &c->collector, "HOST[:PORT]",
		  "where frames go, by UDP" },
		{ "interval", 'i', OPTION_DURATION, &c->interval_ns, "TIME",
		  "time between two frames", 1000000, 3600000000000 },
		{ "name", 'n', OPTION_TEXT, &c->name, "NAME",
		  "name of this node, instead of the host name" },
		{ "state", 's', OPTION_TEXT, &c->state, "DIR",
		  "folder that keeps this node's id" },
		{ "datagram", 0, OPTION_NUMBER, &c->datagram, "BYTES",
		  "largest UDP payload", 512, WIRE_FRAME_MAX },
		{ "include", 0, OPTION_TEXT, &c->include, "GLOB[,GLOB]",
		  "count these interfaces only" },
		{ "exclude", 0, OPTION_TEXT, &c->exclude, "GLOB[,GLOB]",
		  "leave these interfaces out" },
		{ "lo", 0, OPTION_FLAG, &c->with_lo, NULL,
		  "count the loopback interface, too" },
		{ "interfaces", 0, OPTION_NUMBER, &c->interfaces, "COUNT",
		  "interfaces that can be counted at once", 1,
		  KTACH_NET_SLOTS_MAX },
		{ "record", 0, OPTION_NUMBER, &c->record_s, "SECONDS",
		  "keep the last 1 ms buckets of each interface; 0: none", 0,
		  KTACH_NET_RECORDED_MAX / 1000 },
		{ "over", 0, OPTION_NUMBER, &c->over_percent, "PERCENT",
		  "count 1 ms buckets above this share of the link's speed", 0,
		  100 },
		{ "freeze-over", 0, OPTION_FLAG, &c->freeze_over, NULL,
		  "stop recording when there is such a bucket" },
		{ "pins", 0, OPTION_TEXT, &c->pins, "DIR",
		  "folder in a bpffs that keeps the counters" },
		{ "clsact", 0, OPTION_FLAG, &c->clsact, NULL,
		  "attach by clsact, even where tcx is there" },
		{ "detach", 0, OPTION_FLAG, &c->detach, NULL,
		  "remove the packet counters from this host, and end" },
		{ "no-net", 0, OPTION_FLAG, &c->no_net, NULL,
		  "leave packets uncounted; load no BPF program" },
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
		.state = "/var/lib/ktach",
		.interval_ns = 1000000000,
		.datagram = 1400,
		.pins = KTACH_NET_PINS,
		.interfaces = KTACH_NET_SLOTS,
		.over_percent = 90,
	};
	options_parse(&options, argc, argv);
}
