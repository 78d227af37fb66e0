// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything about one node, part by part. */
#include <string.h>

#include "collector/api/json.h"

typedef void write_part(struct document *w, const struct node *node);

/**
 * struct part - one or several members of a node
 * @name: of the member, or of all of them
 * @members: writes them with their keys; NULL: the others write the value of one
 * @value: of one
 * @group: the same; 0: none
 * @kind: the same, a table of rows
 */
struct part {
	const char *name;
	write_part *members;
	write_part *value;
	enum book_group group;
	uint32_t kind;
};

static void write_session(struct document *w, const struct node *node)
{
	json_key_count(w, "session_ns", node->from.session);
	json_key_count(w, "sessions", node->sessions);
	json_key_count(w, "rows_refused", node->budget.refused);
	json_key_count(w, "redated_frames", node->redated);
	json_key(w, "shared");
	json_shared(w, node);
	json_key_count(w, "sequence", node->sequence.newest & INT64_MAX);
}

static void write_cpu(struct document *w, const struct node *node)
{
	json_cpu(w, &node->cpu);
}

static void write_softirq(struct document *w, const struct node *node)
{
	json_softirq(w, &node->softirq);
}

static void write_gauges(struct document *w, const struct node *node)
{
	json_values(w, node, WIRE_GAUGES);
}

static void write_counters(struct document *w, const struct node *node)
{
	json_values(w, node, WIRE_COUNTERS);
}

static const struct part parts[] = {
	{ "session", .members = write_session },
	{ "alarms", .value = json_alarms },
	{ "senders", .value = json_senders },
	{ "loss", .value = json_loss },
	{ "cpu", .value = write_cpu },
	{ "softirq", .value = write_softirq },
	{ "net", .kind = WIRE_NET },
	{ "facts" },
	{ "shipper", .value = json_shipper },
	{ "load", .group = BOOK_LOAD },
	{ "system", .group = BOOK_SYSTEM },
	{ "memory", .group = BOOK_MEMORY },
	{ "pressure", .group = BOOK_PRESSURE },
	{ "meminfo", .group = BOOK_MEMINFO },
	{ "protocol", .group = BOOK_PROTOCOL },
	{ "limit", .group = BOOK_LIMIT },
	{ "timex", .group = BOOK_TIMEX },
	{ "gauges", .value = write_gauges },
	{ "counters_per_s", .value = write_counters },
};

enum {
	PARTS = sizeof(parts) / sizeof(parts[0]),
	/* Behind those, in the order of the book: tables with rows. */
	TABLES = WIRE_KINDS - WIRE_DISK,
};

_Static_assert(PARTS + TABLES < 64, "a bit each");

static const char *name_part(size_t index)
{
	return index < PARTS ?
		       parts[index].name :
		       book_table((uint32_t)(WIRE_DISK + index - PARTS))->name;
}

uint64_t json_part(const char *name)
{
	size_t i;

	for (i = 0; i < PARTS + TABLES; i++)
		if (!strcmp(name_part(i), name))
			return UINT64_C(1) << i;
	return 0;
}

static void write_one(struct document *w, const struct node *node,
		      const struct node_time *now, const struct part *part)
{
	if (part->members) {
		part->members(w, node);
		return;
	}
	json_key(w, part->name);
	if (part->value)
		part->value(w, node);
	else if (part->group)
		json_group(w, node, part->group);
	else if (part->kind)
		json_rows(w, node, part->kind);
	else
		json_facts(w, &node->facts, now);
}

void json_parts(struct document *w, const struct node *node,
		const struct node_time *now, uint64_t which)
{
	size_t i;

	for (i = 0; i < PARTS + TABLES; i++) {
		struct part table = { name_part(i) };

		if (!(which >> i & 1))
			continue;
		if (i >= PARTS)
			table.kind = (uint32_t)(WIRE_DISK + i - PARTS);
		write_one(w, node, now, i < PARTS ? &parts[i] : &table);
	}
}

void json_node(struct document *w, const struct node *node,
	       const struct node_time *now, uint64_t which)
{
	json_open(w, '{');
	json_summary_members(w, node, now);
	json_key_count(w, "now_ns", now->real_ns);
	json_parts(w, node, now, which);
	json_close(w, '}');
}
