// SPDX-License-Identifier: GPL-2.0-or-later
/* The whole host: facts, and values with names of their own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/json.h"
#include "collector/figures/told.h"

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

static void write_lists(struct document *w, const struct facts *f)
{
	const struct fact *fact;
	uint32_t key;

	for (key = 0; key < WIRE_FACT_KEYS; key++) {
		if (book_facts[key].form != BOOK_LIST)
			continue;
		json_key(w, book_facts[key].name);
		json_open(w, '[');
		for (fact = f->first; fact; fact = fact->next)
			if (fact->key == key)
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
		if (book_facts[fact->key].form == BOOK_LIST)
			continue;
		json_key(w, book_facts[fact->key].name);
		fact_value(w, fact->text);
	}
	write_lists(w, f);
	if (boot_ns && boot_ns < now->real_ns)
		json_key_count(w, "uptime_ns", now->real_ns - boot_ns);
	json_close(w, '}');
}

static double value_of(const struct book_entry *e, const struct node *node)
{
	if (e->type == WIRE_COUNTER)
		return counters_total(&node->counters, e->column);
	return told_of_values(e, &node->gauges, &node->counters);
}

bool json_group_known(const struct node *node, enum book_group group)
{
	const struct book_entry *e;

	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->group == group && !isnan(value_of(e, node)))
			return true;
	return false;
}

void json_group_members(struct document *w, const struct node *node,
			enum book_group group)
{
	char member[BOOK_NAME_SIZE];
	const struct book_entry *e;

	for (e = book; e < book + BOOK_ENTRIES; e++) {
		if (e->group != group)
			continue;
		json_key_number(w, book_member(e, member), value_of(e, node));
		if (e->type == WIRE_COUNTER)
			json_key_number(w, book_rate_name(e, member),
					told_of_values(e, &node->gauges,
						       &node->counters));
	}
}

void json_group(struct document *w, const struct node *node,
		enum book_group group)
{
	if (!json_group_known(node, group)) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	json_group_members(w, node, group);
	json_close(w, '}');
}

void json_shipper(struct document *w, const struct node *node)
{
	const struct book_entry *e;

	if (!node->shipper[WIRE_NODE_PERIOD_NS]) {
		json_none(w);
		return;
	}
	json_open(w, '{');
	for (e = book_first(WIRE_NODE); e < book_end(WIRE_NODE); e++)
		if (e->type != WIRE_KEY && e->unit != BOOK_FLAGS)
			json_cell(w, e, node->shipper[e->column]);
	json_close(w, '}');
}

void json_values(struct document *w, const struct node *node, uint32_t kind)
{
	const struct book_entry *e;

	json_open(w, '{');
	for (e = book; e < book + BOOK_ENTRIES; e++) {
		double value;

		if (e->kind != kind || e->what != BOOK_VALUE)
			continue;
		value = told_of_values(e, &node->gauges, &node->counters);
		if (!isnan(value))
			json_key_number(w, e->name, value);
	}
	json_close(w, '}');
}
