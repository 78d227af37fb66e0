// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host is, as its collector tells, and what follows or is known here. */
#include <string.h>

#include "host/file.h"
#include "ktach/subject.h"

/* Keys of facts that are not on the wire, or in a frame's header there. */
enum local_fact {
	FACT_UPTIME_S = WIRE_FACT_KEYS,
	FACT_NODE_ID,
	FACT_VERSION,
};

/* Made by the shipper's first start, unless it keeps it elsewhere. */
#define NODE_ID_FILE "var/lib/ktach/node-id"

const struct fact facts[] = {
	{ WIRE_FACT_HOST_NAME, "host_name", "host name" },
	{ FACT_NODE_ID, "node_id", "node id" },
	{ WIRE_FACT_KERNEL, "kernel", "kernel" },
	{ WIRE_FACT_DISTRIBUTION, "distribution", "distribution" },
	{ WIRE_FACT_ARCHITECTURE, "architecture", "architecture" },
	{ WIRE_FACT_VIRTUALISATION, "virtualisation", "virtualisation" },
	{ WIRE_FACT_CPU_MODEL, "cpu_model", "CPU model" },
	{ WIRE_FACT_SOCKETS, "sockets", "sockets", true },
	{ WIRE_FACT_CORES, "cores", "cores", true },
	{ WIRE_FACT_THREADS, "threads", "threads", true },
	{ WIRE_FACT_MEMORY_BYTES, "memory_bytes", "memory", true, false,
	  format_memory },
	{ WIRE_FACT_BOOT_REAL_NS, "boot_real_ns", "booted at", true, false,
	  format_time },
	{ FACT_UPTIME_S, "uptime_s", "up", true, false, format_uptime },
	{ WIRE_FACT_BOOT_ID, "boot_id", "boot id" },
	{ WIRE_FACT_TIME_ZONE, "time_zone", "time zone" },
	{ WIRE_FACT_ADDRESS, "addresses", "address", false, true },
	{ WIRE_FACT_STACKED, "stacked", "lies on others", false, true },
	{ FACT_VERSION, "version", "ktach" },
	{ WIRE_FACT_MODULES_VERSION, "modules_version", "ktach's modules" },
	{ 0 },
};

static void add(struct reading *r, uint64_t key, const char *text)
{
	struct rows *rows = &r->table[WIRE_FACTS].rows;

	if (*text && rows_add(rows, key))
		rows_text(rows, WIRE_FACT, text, strlen(text));
}

/* What a file begins with, up to a character that it has to have. */
static void add_file(struct reading *r, uint64_t key, const char *tree,
		     const char *name, char end)
{
	struct host_file file;
	char *at;

	if (host_file_once(&file, tree, name))
		return;
	at = strchr(file.text, end);
	if (at) {
		*at = '\0';
		add(r, key, file.text);
	}
	host_file_close(&file);
}

void facts_add(struct reading *r, const struct host_options *o)
{
	add_file(r, FACT_UPTIME_S, o->proc, "uptime", '.');
	add_file(r, FACT_NODE_ID, o->root, NODE_ID_FILE, '\n');
	add(r, FACT_VERSION, KTACH_VERSION);
}
