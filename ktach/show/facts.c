// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host is, as its collector tells, and what follows or is known here. */
#include <stdio.h>
#include <string.h>

#include "host/file.h"
#include "ktach/show/subject.h"

/* Keys of facts that are not on the wire, or in a frame's header there. */
enum local_fact {
	FACT_UPTIME_NS = WIRE_FACT_KEYS,
	FACT_NODE_ID,
	FACT_VERSION,
};

/* Made by the shipper's first start, unless it keeps it elsewhere. */
#define NODE_ID_FILE "var/lib/ktach/node-id"

static char *format_up(char text[FORMAT_SIZE], uint64_t ns)
{
	return format_uptime(text, ns / 1000000000);
}

struct fact fact_at(uint32_t i)
{
	static const struct fact own[] = {
		{ FACT_UPTIME_NS, "uptime_ns", "up", BOOK_WHOLE, format_up },
		{ FACT_NODE_ID, "node_id", "node id" },
		{ FACT_VERSION, "version", "ktach" },
		{ 0 },
	};

	if (i >= WIRE_FACT_KEYS)
		return own[i - WIRE_FACT_KEYS];
	return (struct fact){
		i,
		book_facts[i].name,
		book_facts[i].title,
		book_facts[i].form,
		i == WIRE_FACT_MEMORY_BYTES ? format_memory :
		i == WIRE_FACT_BOOT_REAL_NS ? format_time :
					      NULL,
	};
}

static void add_fact(struct reading *r, uint64_t key, const char *text)
{
	struct rows *rows = &r->table[WIRE_FACTS].rows;

	if (*text && rows_add(rows, key))
		rows_text(rows, WIRE_FACT, text, strlen(text));
}

/* What a file begins with, up to a character that it has to have, and @more. */
static void add_file(struct reading *r, uint64_t key, const char *tree,
		     const char *name, const char *end, const char *more)
{
	struct host_file file;
	char text[FORMAT_SIZE * 2];

	if (host_file_once(&file, tree, name))
		return;
	if (strpbrk(file.text, end)) {
		snprintf(text, sizeof(text), "%.*s%s",
			 (int)strcspn(file.text, end), file.text, more);
		add_fact(r, key, text);
	}
	host_file_close(&file);
}

void facts_add(struct reading *r, const struct host_options *o)
{
	add_file(r, FACT_UPTIME_NS, o->proc, "uptime", ".", "000000000");
	add_file(r, FACT_NODE_ID, o->root, NODE_ID_FILE, "\n", "");
	add_fact(r, FACT_VERSION, KTACH_VERSION);
}
