// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ktach/wire.h>

#include "host/name.h"
#include "lib/base/key_file.h"
#include "lib/base/host_labels.h"
#include "lib/base/log.h"
#include "lib/base/options.h"
#include "shipper/config.h"
#include "shipper/send/datagram.h"
#include "shipper/send/peers.h"
#include "shipper/queue/sealing.h"

static const char details[] =
	"Commands (ktach-shipper COMMAND --help tells more):\n"
	"  enroll                get this host's key from a collector, and send to it\n"
	"\n"
	"CPU times and softirqs come from /dev/cpu_stat_monitor and\n"
	"/dev/cpu_softirq_monitor where the ktach modules are loaded, from rings that\n"
	"BPF fills where they are not, and from /proc/stat and /proc/softirqs where it\n"
	"cannot; packet rates come from BPF programs at TC, which need root, and from\n"
	"/proc/net/dev without.\n"
	"The shipper changes over by itself when modules are loaded or unloaded.\n"
	"\n"
	"The BPF programs stay and count on when the shipper ends, and the next\n"
	"one goes on with their counters. --detach removes them.\n"
	"\n"
	"Samples wait in memory and leave together, once a --ship interval. Rings keep\n"
	"those of their own ticks: all that are new are taken once a source's interval.\n"
	"\n"
	"Frames to other hosts have to be sealed: 'ktach-collector key' makes the key.\n"
	"\n"
	"Every option but --config, --check-config and --make-id is also a key of\n" CONFIG_FILE
	" (ktach.conf(5)), which SIGHUP reads again, and a variable: KTACH_COLLECTOR. The\n"
	"command line counts more than the environment, and that more than the file.\n"
	"\n"
	"Example: sample ten times a second, send once a second, lose nothing:\n"
	"  ktach-shipper --collector 192.0.2.7 --key /etc/ktach/node.key \\\n"
	"    --transport tcp --interval 100ms\n"
	"\n"
	"Exit status: 0 ended by SIGTERM or SIGINT, 1 could not start, 2 usage or a\n"
	"wrong line in the file.\n";

_Static_assert(PEERS_MAX == 16, "see contradiction()");

static void add_flight_specs(struct config *c, struct option_list *list)
{
	const struct option_spec all[] = {
		{ "flight-memory", 0, OPTION_NUMBER, &c->flight_memory, "BYTES",
		  "memory of the flight recorder; 0: none", 0,
		  FLIGHT_MEMORY_MAX, .start = true },
		{ "flight-before", 0, OPTION_DURATION, &c->flight_before_ns,
		  "TIME", "what an incident has of the time before its trigger",
		  1000000, 600000000000 },
		{ "flight-after", 0, OPTION_DURATION, &c->flight_after_ns,
		  "TIME", "and of the time after it", 1000000, 600000000000 },
		{ "flight-on", 0, OPTION_TEXT, &c->flight_on, "CAUSE,...",
		  "what sets it off: burst, softirq, busy, pressure, oom, mount" },
		{ "flight-softirq", 0, OPTION_DURATION, &c->flight_softirq_ns,
		  "TIME", "a CPU that does only softirqs for so long", 1000,
		  60000000000 },
		{ "flight-busy", 0, OPTION_DURATION, &c->flight_busy_ns, "TIME",
		  "a CPU that is never idle for so long", 1000000,
		  3600000000000 },
		{ "flight-pressure", 0, OPTION_NUMBER, &c->flight_pressure,
		  "PERCENT", "share of 10 s in which tasks waited", 1, 100 },
		{ "flight-socket", 0, OPTION_TEXT, &c->flight_socket, "FILE",
		  "where 'ktach freeze' asks for an incident", .start = true },
	};

	OPTION_LIST_ADD(list, all);
}

static void add_specs(struct config *c, struct option_list *list)
{
	const struct option_spec all[] = {
		{ "config", 'f', OPTION_TEXT, &c->file, "FILE",
		  "what to read instead of " CONFIG_FILE, .command = 1 },
		{ "check-config", 0, OPTION_FLAG, &c->check, NULL,
		  "say what is wrong with the file, and exit", .command = 1 },
		{ "pid-file", 0, OPTION_TEXT, &c->pid_file, "FILE",
		  "holds the process id while it runs", .start = true },
		{ "collector", 'c', OPTION_TEXT, &c->collector,
		  "HOST[:PORT],...",
		  "where frames go: each node takes one of them" },
		{ "transport", 't', OPTION_CHOICE, &c->transport, "udp|tcp",
		  "how: tcp repeats what was not acknowledged" },
		{ "key", 'k', OPTION_TEXT, &c->key, "FILE",
		  "seal frames with this node's key" },
		{ "unsealed", 0, OPTION_FLAG, &c->unsealed, NULL,
		  "send frames that anybody can read and forge" },
		{ "interval", 'i', OPTION_DURATION, &c->interval_ns, "TIME",
		  "time between two samples, at least", SOURCE_INTERVAL_MIN_NS,
		  SOURCE_INTERVAL_MAX_NS },
		{ "ship", 0, OPTION_DURATION, &c->given_ship_ns, "TIME",
		  "time between two frames, if longer than --interval", 1000000,
		  3600000000000 },
		{ "name", 'n', OPTION_TEXT, &c->name, "NAME",
		  "name of this node, instead of the host name" },
		{ "state", 's', OPTION_TEXT, &c->state, "DIR",
		  "folder that keeps this node's id", .start = true },
		{ "make-id", 0, OPTION_FLAG, &c->make_id, NULL,
		  "print this node's id, made there if there is none, and end",
		  .command = 1 },
		{ "agentd", 0, OPTION_TEXT, &c->agentd, "DIR",
		  "folder of ktach-agentd's sockets, for requests to it",
		  .start = true },
		{ "datagram", 0, OPTION_NUMBER, &c->datagram, "BYTES",
		  "largest UDP payload, where the path's MTU allows more", 512,
		  WIRE_FRAME_MAX, .start = true },
		{ "queue", 0, OPTION_NUMBER, &c->queue, "BYTES",
		  "memory for frames that wait", 131072, 1 << 30,
		  .start = true },
		{ "spool", 0, OPTION_TEXT, &c->spool, "DIR",
		  "folder that keeps frames until they are acknowledged",
		  .start = true },
		{ "spool-size", 0, OPTION_NUMBER, &c->spool_size, "BYTES",
		  "what may wait there", 1 << 20, UINT64_C(4000) << 20,
		  .start = true },
		{ "spool-sync", 0, OPTION_FLAG, &c->spool_sync, NULL,
		  "have each frame outlive a power cut, too", .start = true },
		{ "flush", 0, OPTION_DURATION, &c->flush_ns, "TIME",
		  "how long the end may take, to send what waits", 1000000,
		  60000000000 },
		{ "patience", 0, OPTION_DURATION, &c->patience_ns, "TIME",
		  "leave a collector that acknowledges nothing for so long",
		  1000000000, 3600000000000 },
	};
	const struct option_spec more[] = {
		{ "detach", 0, OPTION_FLAG, &c->detach, NULL,
		  "remove what BPF counts from this host, and end",
		  .start = true },
		{ "no-net", 0, OPTION_FLAG, &c->no_net, NULL,
		  "leave packets uncounted, and CPUs to modules and /proc" },
		{ "no-io-uring", 0, OPTION_FLAG, &c->no_io_uring, NULL,
		  "do without io_uring even where the kernel has it",
		  .start = true },
		{ "log", 0, OPTION_CHOICE, &c->log, "error|warning|info|debug",
		  "what to log" },
		{ "debug", 0, OPTION_FLAG, &c->debug, NULL, "as --log debug" },
	};

	OPTION_LIST_ADD(list, all);
	add_flight_specs(c, list);
	host_net_options_specs(&c->host.net, list);
	host_ring_options_specs(&c->host.rings, list);
	OPTION_LIST_ADD(list, more);
	source_specs(c->sources, list);
	host_options_specs(&c->host, list);
}

static void preset(void *values)
{
	struct config *c = values;

	*c = (struct config){
		.collector = "127.0.0.1",
		.transport = "udp",
		.state = "/var/lib/ktach",
		.agentd = "/run/ktach",
		.flight_before_ns = 10000000000,
		.flight_after_ns = 1000000000,
		.flight_on = "burst,softirq,oom,mount",
		.flight_softirq_ns = 20000000,
		.flight_busy_ns = 1000000000,
		.flight_pressure = 50,
		.flight_socket = "/run/ktach-shipper/flight.sock",
		.interval_ns = 1000000000,
		.given_ship_ns = 1000000000,
		.queue = 1 << 20,
		.spool_size = 256 << 20,
		.datagram = DATAGRAM_SAFE,
		.flush_ns = 3000000000,
		.patience_ns = 10000000000,
		.log = "info",
	};
	source_preset(c->sources);
	host_options_preset(&c->host);
}

/* Buckets of 1 ms are an incident's best part: they are recorded for it. */
static void settle_flight(struct config *c)
{
	c->flight = (struct flight_setup){
		.memory = c->flight_memory,
		.before_ns = c->flight_before_ns,
		.after_ns = c->flight_after_ns,
		.triggers = { .softirq_ns = c->flight_softirq_ns,
			      .busy_ns = c->flight_busy_ns,
			      .pressure = c->flight_pressure *
					  FLIGHT_PRESSURE_PERCENT },
		.pins = c->no_net ? NULL : c->host.net.pins,
	};
	trigger_causes(c->flight_on, &c->flight.triggers.causes);
	c->host.net.record_least_s = c->flight_memory ? FLIGHT_RECORD_S : 0;
}

/* What follows from values together. Nothing can leave more often than it is
 * sampled.
 */
static int settle_config(struct config *c)
{
	uint64_t shortest_ns =
		source_settle(c->sources, c->interval_ns, !c->no_net);

	c->ship_ns = c->given_ship_ns < shortest_ns ? shortest_ns :
						      c->given_ship_ns;
	host_settle_sys(&c->host);
	settle_flight(c);
	c->host.rings.off = c->host.rings.no_bpf || c->no_net;
	c->host.rings.keep = !c->host.rings.off;
	c->level = log_level_named(c->debug ? "debug" : c->log);
	return shortest_ns == UINT64_MAX ? -EINVAL : 0;
}

static bool is_list(const char *collectors)
{
	static const uint8_t any[WIRE_ID_SIZE];
	struct peers peers;

	return !peers_init(&peers, collectors, any);
}

/* An option whose value is wrong though it reads well. */
struct wrong {
	const char *name;
	const char *value;
	const char *problem; /* NULL: there is none */
};

/* What is wrong with values together. */
static struct wrong contradiction(const struct config *c)
{
	struct wrong spool = { "spool", c->spool };
	struct wrong collector = { "collector", c->collector };
	struct wrong on = { "flight-on", c->flight_on };
	struct wrong memory = { "flight-memory", NULL };
	struct wrong labels = { "facts-labels", c->host.labels };

	unsigned int causes;

	if (c->spool && strcmp(c->transport, "tcp")) {
		spool.problem =
			"nobody acknowledges datagrams; use it with transport tcp";
		return spool;
	}
	if (c->host.labels && !labels_good(c->host.labels)) {
		labels.problem =
			"expected NAME=VALUE, up to 32 with commas between, each NAME another one of letters, digits and _";
		return labels;
	}
	if (!trigger_causes(c->flight_on, &causes)) {
		on.problem =
			"expected some of burst, softirq, busy, pressure, oom and mount, with commas between";
		return on;
	}
	if (c->flight_memory && c->flight_memory < FLIGHT_MEMORY_MIN) {
		memory.problem = "expected 0, or 262144 and more";
		return memory;
	}
	if (!is_list(c->collector))
		collector.problem =
			"expected HOST, HOST:PORT or [HOST]:PORT, or up to 16 of them with commas between";
	else if (!c->key && !c->unsealed && sealing_needed(c->collector))
		collector.problem =
			"another host, and there is no key to seal frames with; give --key (see 'ktach-collector key --help'), or add --unsealed on a network that you trust";
	return collector;
}

/* What the start would find out. */
static struct wrong trial(const struct config *c)
{
	struct wrong key = { "key", c->key };
	struct seal_keys keys;

	if (c->key && key_file_load(&keys, c->key))
		key.problem = "cannot be used";
	else if (c->key)
		key_file_free(&keys);
	return key;
}

static int judge(const struct config *c, const struct options *options,
		 char *problem, unsigned int size)
{
	const char *file = c->file ? c->file : CONFIG_FILE;
	struct wrong wrong = contradiction(c);
	char blamed[512];

	if (!wrong.problem && c->check)
		wrong = trial(c);
	if (!wrong.problem || c->detach || c->make_id)
		return 0;
	options_blame(options, file, wrong.name, wrong.value, blamed,
		      sizeof(blamed));
	snprintf(problem, size, "%s: %s", blamed, wrong.problem);
	return -EINVAL;
}

static const struct options shipper_options = {
	.program = "ktach-shipper",
	.summary = "Send what this host does to a ktach collector.",
	.more = source_help,
	.details = details,
	.section = "shipper",
	.reloads = true,
};

/* @list: points into @c. */
static int load_config(struct config *c, struct option_list *list, int argc,
		       char **argv, char *problem, unsigned int size)
{
	const struct option_sources from = {
		.preset = preset,
		.values = c,
		.file = &c->file,
		.check = &c->check,
		.default_file = CONFIG_FILE,
		.argc = argc,
		.argv = argv,
	};
	struct options options = shipper_options;

	add_specs(c, list);
	if (list->failed) {
		snprintf(problem, size, "no memory for options");
		return -ENOMEM;
	}
	options.specs = list->specs;
	return options_load(&options, &from, problem, size);
}

/* Work out what follows from the values, and see whether they go together. */
static int settle_and_judge(struct config *c, const struct option_list *list,
			    char *problem, unsigned int size)
{
	struct options options = shipper_options;

	options.specs = list->specs;
	if (settle_config(c)) {
		snprintf(problem, size,
			 "no source is enabled: there is nothing to send");
		return -EINVAL;
	}
	return judge(c, &options, problem, size);
}

void config_parse(struct config *c, int argc, char **argv)
{
	struct option_list list = { 0 };
	char problem[1024];

	if (load_config(c, &list, argc, argv, problem, sizeof(problem)) ||
	    settle_and_judge(c, &list, problem, sizeof(problem))) {
		fprintf(stderr, "ktach-shipper: %s\n", problem);
		exit(2);
	}
	option_list_free(&list);
	if (!c->check)
		return;
	printf("%s: good\n", c->file ? c->file : CONFIG_FILE);
	exit(0);
}

/* Sealing does not begin or end within a session: then a key, and going without
 * one, change with the next start.
 */
static void hold_sealing(struct option_list *list, const struct config *fresh,
			 const struct config *running)
{
	size_t i;

	if (!fresh->key == !running->key)
		return;
	for (i = 0; i < list->count; i++)
		if (list->specs[i].value == &fresh->key ||
		    list->specs[i].value == &fresh->unsealed)
			list->specs[i].start = true;
}

int config_reload(struct config *fresh, struct config *running, int argc,
		  char **argv, char *changes, unsigned int size)
{
	struct option_list list = { 0 }, old = { 0 };
	char problem[1024];
	int err =
		load_config(fresh, &list, argc, argv, problem, sizeof(problem));

	if (!err)
		err = settle_and_judge(fresh, &list, problem, sizeof(problem));
	if (!err) {
		add_specs(running, &old);
		hold_sealing(&list, fresh, running);
		err = options_change(&list, &old, changes, size);
		snprintf(problem, sizeof(problem), "no memory for options");
	}
	/* Once more, as some values stay what they are until the next start. */
	if (!err)
		err = settle_and_judge(fresh, &list, problem, sizeof(problem));
	if (err)
		log_error("%s; going on as before", problem);
	option_list_free(&old);
	option_list_free(&list);
	return err;
}
