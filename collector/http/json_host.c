// SPDX-License-Identifier: GPL-2.0-or-later
/* The whole host: facts, memory, pressure, and tables with a row a thing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/json.h"
#include "collector/metric.h"
#include "collector/nodes/derived.h"
#include "lib/wire_schema.h"

/* Some facts are numbers. Those that are too large are saturated, and texts. */
static void fact_value(struct document *w, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value = strtoull(text, NULL, 10);

	if (digits && !text[digits] && value <= INT64_MAX)
		json_count(w, value);
	else
		json_text(w, text);
}

/* Of those that may have several values. */
static const struct {
	const char *key;
	uint32_t fact;
} lists[] = {
	{ "addresses", WIRE_FACT_ADDRESS },
	{ "stacked", WIRE_FACT_STACKED },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool is_list(uint32_t key)
{
	size_t i;

	for (i = 0; i < COUNT(lists); i++)
		if (lists[i].fact == key)
			return true;
	return false;
}

static void write_lists(struct document *w, const struct facts *f)
{
	const struct fact *fact;
	size_t i;

	for (i = 0; i < COUNT(lists); i++) {
		json_key(w, lists[i].key);
		json_open(w, '[');
		for (fact = f->first; fact; fact = fact->next)
			if (fact->key == lists[i].fact)
				json_text(w, fact->text);
		json_close(w, ']');
	}
}

void json_facts(struct document *w, const struct facts *f,
		const struct node_time *now)
{
	const char *boot = facts_text(f, WIRE_FACT_BOOT_REAL_NS);
	uint64_t boot_ns = boot ? strtoull(boot, NULL, 10) : 0;
	const struct fact *fact;

	if (!f->count) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	for (fact = f->first; fact; fact = fact->next) {
		if (is_list(fact->key))
			continue;
		json_key(w, facts_name(fact->key));
		fact_value(w, fact->text);
	}
	write_lists(w, f);
	if (boot_ns && boot_ns < now->real_ns)
		json_key_count(w, "uptime_ns", now->real_ns - boot_ns);
	json_close(w, '}');
}

struct member {
	const char *key;
	uint64_t which; /* enum wire_gauge or wire_counter */
};

static void gauges(struct document *w, const struct node *node,
		   const struct member *members, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		json_key_number(w, members[i].key,
				gauges_value(&node->gauges, members[i].which));
}

static void rates(struct document *w, const struct node *node,
		  const struct member *members, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		json_key_number(w, members[i].key,
				counters_rate(&node->counters,
					      members[i].which));
}

static void swap(struct document *w, const struct node *node)
{
	static const struct member sizes[] = {
		{ "total_bytes", WIRE_SWAP_TOTAL_BYTES },
		{ "free_bytes", WIRE_SWAP_FREE_BYTES },
	};
	static const struct member speeds[] = {
		{ "in_bytes_per_s", WIRE_SWAPPED_IN_BYTES },
		{ "out_bytes_per_s", WIRE_SWAPPED_OUT_BYTES },
	};

	json_open(w, '{');
	gauges(w, node, sizes, COUNT(sizes));
	rates(w, node, speeds, COUNT(speeds));
	json_close(w, '}');
}

void json_memory(struct document *w, const struct node *node)
{
	static const struct member sizes[] = {
		{ "total_bytes", WIRE_MEMORY_TOTAL_BYTES },
		{ "free_bytes", WIRE_MEMORY_FREE_BYTES },
		{ "available_bytes", WIRE_MEMORY_AVAILABLE_BYTES },
		{ "buffers_bytes", WIRE_MEMORY_BUFFERS_BYTES },
		{ "cached_bytes", WIRE_MEMORY_CACHED_BYTES },
		{ "slab_bytes", WIRE_MEMORY_SLAB_BYTES },
		{ "reclaimable_bytes", WIRE_MEMORY_RECLAIMABLE_BYTES },
		{ "shared_bytes", WIRE_MEMORY_SHARED_BYTES },
		{ "dirty_bytes", WIRE_MEMORY_DIRTY_BYTES },
		{ "writeback_bytes", WIRE_MEMORY_WRITEBACK_BYTES },
		{ "huge_total_bytes", WIRE_MEMORY_HUGE_TOTAL_BYTES },
		{ "huge_free_bytes", WIRE_MEMORY_HUGE_FREE_BYTES },
	};
	static const struct member speeds[] = {
		{ "faults_per_s", WIRE_FAULTS },
		{ "major_faults_per_s", WIRE_MAJOR_FAULTS },
		{ "paged_in_bytes_per_s", WIRE_PAGES_IN_BYTES },
		{ "paged_out_bytes_per_s", WIRE_PAGES_OUT_BYTES },
	};
	double total = gauges_value(&node->gauges, WIRE_MEMORY_TOTAL_BYTES);

	if (isnan(total)) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	gauges(w, node, sizes, COUNT(sizes));
	json_key_number(w, "used_bytes", memory_used_bytes(&node->gauges));
	rates(w, node, speeds, COUNT(speeds));
	json_key_number(w, "oom_kills",
			counters_total(&node->counters, WIRE_OOM_KILLS));
	json_key(w, "swap");
	swap(w, node);
	json_close(w, '}');
}

/* @first: its average of 10 s; those of 60 and 300 s follow it. */
static void stall(struct document *w, const struct node *node, const char *key,
		  uint64_t first, uint64_t ns)
{
	const struct member averages[] = {
		{ "avg10", first },
		{ "avg60", first + 1 },
		{ "avg300", first + 2 },
	};

	json_key(w, key);
	json_open(w, '{');
	gauges(w, node, averages, COUNT(averages));
	json_key_number(w, "share", counters_rate(&node->counters, ns) / 1e9);
	json_close(w, '}');
}

void json_pressure(struct document *w, const struct node *node)
{
	if (isnan(gauges_value(&node->gauges, WIRE_PSI_CPU_SOME_10S)) &&
	    isnan(gauges_value(&node->gauges, WIRE_PSI_IO_SOME_10S))) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_key(w, "cpu");
	json_open(w, '{');
	stall(w, node, "some", WIRE_PSI_CPU_SOME_10S, WIRE_PSI_CPU_SOME_NS);
	json_close(w, '}');
	json_key(w, "memory");
	json_open(w, '{');
	stall(w, node, "some", WIRE_PSI_MEMORY_SOME_10S,
	      WIRE_PSI_MEMORY_SOME_NS);
	stall(w, node, "full", WIRE_PSI_MEMORY_FULL_10S,
	      WIRE_PSI_MEMORY_FULL_NS);
	json_close(w, '}');
	json_key(w, "io");
	json_open(w, '{');
	stall(w, node, "some", WIRE_PSI_IO_SOME_10S, WIRE_PSI_IO_SOME_NS);
	stall(w, node, "full", WIRE_PSI_IO_FULL_10S, WIRE_PSI_IO_FULL_NS);
	json_close(w, '}');
	json_close(w, '}');
}
