// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of a node: what its frames bring, and what of it is still true. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/node.h"
#include "collector/nodes/stack.h"
#include "collector/nodes/twins.h"
#include "lib/base/barrier.h"
#include "lib/base/clean.h"

#define PERIOD_MAX_NS UINT64_C(86400000000000)
/* How often what does not come any more is looked for. */
#define AGE_EVERY_NS UINT64_C(1000000000)

static void forget_more(struct nodes *nodes, struct node *node, uint32_t kind)
{
	if (!node->more[kind])
		return;
	samples_clear(node->more[kind], &node->budget);
	free(node->more[kind]);
	node->more[kind] = NULL;
}

static struct samples *largest_table(struct node *node, size_t *rows)
{
	struct samples *all[] = { &node->cpu, &node->softirq, &node->net };
	const size_t count = sizeof(all) / sizeof(all[0]);
	struct samples *largest = &node->cpu, *s;
	uint32_t i;

	*rows = 0;
	for (i = 0; i < count + WIRE_KINDS; i++) {
		s = i < count ? all[i] : node->more[i - count];
		if (!s)
			continue;
		*rows += s->count + s->late_count;
		if (s->count > largest->count)
			largest = s;
	}
	return largest;
}

/* One that sent as much as it may does not have it for as long as it is known. */
void node_forget_large(struct node *node)
{
	struct samples *s;
	size_t rows;

	while ((s = largest_table(node, &rows)) && rows > NODE_ROWS_GONE)
		samples_clear(s, &node->budget);
}

void node_forget_tables(struct nodes *nodes, struct node *node)
{
	uint32_t kind;

	samples_clear(&node->cpu, &node->budget);
	samples_clear(&node->softirq, &node->budget);
	samples_clear(&node->net, &node->budget);
	gauges_clear(&node->gauges);
	counters_clear(&node->counters);
	facts_clear(&node->facts);
	memset(node->shipper, 0, sizeof(node->shipper));
	for (kind = 0; kind < WIRE_KINDS; kind++)
		forget_more(nodes, node, kind);
	run_break(&node->run);
	node->mono_ns = 0;
	node->aged_ns = 0;
}

static bool has(const struct wire_table *t, uint32_t column)
{
	return column < t->columns && t->cells[column] != WIRE_ABSENT;
}

static uint64_t optional(const struct wire_table *t, uint32_t column)
{
	return has(t, column) ? t->cells[column] : 0;
}

/*
 * What a former session lost after the last table that came of it, or a session of
 * which none came. It is in some of a session's frames.
 */
static void take_shed_before(struct node *node, const struct wire_table *t)
{
	uint32_t i;

	if (!has(t, WIRE_NODE_KEY_BEFORE) || node->shed_known == NODE_SHED_TOLD)
		return;
	for (i = 0; i <= LOSS_KEY - LOSS_QUEUE; i++) {
		uint64_t before = optional(t, WIRE_NODE_QUEUE_BEFORE + i);

		if (node->shed_known && before > node->shed_before[i])
			node->carried[i] = before - node->shed_before[i];
		node->shed_before[i] = before - node->carried[i];
	}
	node->shed_known = NODE_SHED_TOLD;
}

/* Columns that a sender may leave out. */
static void take_shed(struct node *node, const struct wire_table *t)
{
	uint32_t i;

	take_shed_before(node, t);
	for (i = 0; i <= LOSS_KEY - LOSS_QUEUE; i++)
		if (has(t, WIRE_NODE_LOST_QUEUE + i))
			node->shed[i] = t->cells[WIRE_NODE_LOST_QUEUE + i] +
					node->carried[i];
}

/*
 * What is missing between the frames of the session before and those of this one:
 * the end of that one, and sessions of which nothing came. Over TCP it went to other
 * collectors, but for what the sender knows that nobody took.
 */
static void count_between(struct node *node, uint64_t first, uint64_t untaken)
{
	uint64_t missing = first > node->next_first ? first - node->next_first :
						      0;
	uint64_t lost = missing;

	if (!node->next_first)
		return;
	if (node->by_stream) {
		lost = untaken > node->untaken ? untaken - node->untaken : 0;
		if (lost > missing)
			lost = missing;
	}
	node->lost_before += lost;
	node->elsewhere += missing - lost;
}

/* Some columns are in some frames only. */
static void take_shipper(struct node *node, const struct wire_table *t)
{
	bool first = !node->shipper[WIRE_NODE_PERIOD_NS];
	uint32_t i;

	for (i = 0; i < WIRE_NODE_COLUMNS; i++)
		if (i < t->columns && t->cells[i] != WIRE_ABSENT)
			node->shipper[i] = t->cells[i];
		else if (first)
			node->shipper[i] = WIRE_ABSENT;
}

/* It is in some of a session's frames. */
static void take_first(struct node *node, const struct wire_table *t)
{
	uint64_t first = optional(t, WIRE_NODE_FIRST);
	uint64_t untaken = optional(t, WIRE_NODE_UNTAKEN);

	if (!first)
		return;
	if (!node->first)
		count_between(node, first, untaken);
	node->first = first;
	node->untaken = untaken;
}

_Static_assert(WIRE_NODE_LOST_KEY - WIRE_NODE_LOST_QUEUE ==
		       LOSS_KEY - LOSS_QUEUE,
	       "take_shed()");

static void take_name(struct nodes *nodes, struct node *node,
		      const struct wire_table *t)
{
	char before[sizeof(node->name)];

	if (!t->text[WIRE_NODE_NAME].size)
		return;
	memcpy(before, node->name, sizeof(before));
	clean_text(node->name, sizeof(node->name), &t->text[WIRE_NODE_NAME]);
	if (!strcmp(before, node->name))
		return;
	node->renamed = add_relaxed(&nodes->renamed, 1) + 1;
}

static void take_node(struct nodes *nodes, struct node *node,
		      const struct wire_table *t)
{
	const struct wire_text *text = t->text;

	if (!t->rows)
		return;
	take_name(nodes, node, t);
	clean_text(node->version, sizeof(node->version),
		   &text[WIRE_NODE_VERSION]);
	node->period_ns = t->cells[WIRE_NODE_PERIOD_NS];
	if (node->period_ns > PERIOD_MAX_NS)
		node->period_ns = PERIOD_MAX_NS;
	node->send_failed = t->cells[WIRE_NODE_SEND_FAILED];
	node->unknown = optional(t, WIRE_NODE_UNKNOWN);
	take_shipper(node, t);
	take_shed(node, t);
	take_first(node, t);
}

static bool has_rows(uint32_t kind)
{
	return kind >= WIRE_DISK && kind < WIRE_KINDS;
}

const struct samples *node_samples(const struct node *node, uint32_t kind)
{
	static const struct samples none;

	switch (kind) {
	case WIRE_CPU:
		return &node->cpu;
	case WIRE_SOFTIRQ:
		return &node->softirq;
	case WIRE_NET:
		return &node->net;
	default:
		if (!has_rows(kind))
			return NULL;
		return node->more[kind] ? node->more[kind] : &none;
	}
}

/* The same, to be changed; NULL as above, or without memory. */
static struct samples *own_samples(struct node *node, uint32_t kind)
{
	if (has_rows(kind) && !node->more[kind])
		node->more[kind] = calloc(1, sizeof(*node->more[kind]));
	return has_rows(kind) ? node->more[kind] :
				(struct samples *)node_samples(node, kind);
}

/* The run before a table that comes is over. */
static void end_run(struct node *node, uint32_t kind)
{
	uint32_t ended = run_table(&node->run, kind);
	struct samples *samples = has_rows(ended) ? node->more[ended] :
						    own_samples(node, ended);

	if (samples)
		samples->whole = true;
}

/* A table that is not sent any more says nothing of now. A CPU's or an
 * interface's is one that the sender lost: its last figures stay.
 */
static void age(struct nodes *nodes, struct node *node, uint64_t mono_ns)
{
	uint32_t kind;

	if (mono_ns <= node->mono_ns)
		return;
	node->mono_ns = mono_ns;
	if (mono_ns - node->aged_ns < AGE_EVERY_NS)
		return;
	node->aged_ns = mono_ns;
	gauges_age(&node->gauges, mono_ns);
	counters_age(&node->counters, mono_ns);
	for (kind = 0; kind < WIRE_KINDS; kind++) {
		const struct samples *s = node->more[kind];

		if (s && samples_old(mono_ns - s->mono_ns,
				     s->often ? s->every_ns : 0))
			forget_more(nodes, node, kind);
	}
}

static int take_rows(struct nodes *nodes, struct node *node,
		     const struct wire_table *table)
{
	struct samples *samples = own_samples(node, table->kind);

	if (!samples)
		return has_rows(table->kind) ? -ENOMEM : 0;
	return samples_take(samples, table, &node->budget);
}

/* Twins are looked at again with each sample, whatever their names. */
static void tell_twins(struct node *node)
{
	uint32_t kind;

	node->budget.renamed = false;
	for (kind = WIRE_NET; kind < WIRE_KINDS; kind++) {
		struct samples *s = (struct samples *)node_samples(node, kind);

		if (!s || !s->renamed)
			continue;
		s->renamed = twins_tell(s, kind);
		node->budget.renamed |= s->renamed;
	}
}

static void settle_rows(struct node *node)
{
	uint32_t kind;

	node->budget.late = false;
	samples_settle(&node->cpu);
	samples_settle(&node->softirq);
	samples_settle(&node->net);
	for (kind = 0; kind < WIRE_KINDS; kind++)
		if (node->more[kind])
			samples_settle(node->more[kind]);
}

void node_settle(struct node *node)
{
	if (node->budget.late)
		settle_rows(node);
	if (node->budget.renamed)
		tell_twins(node);
}

void node_mark_stacked(struct node *node, uint64_t mono_ns)
{
	struct samples *link = node->more[WIRE_LINK];
	unsigned int steps = 0;

	if (mono_ns < node->mark_after_ns)
		return;
	if (node->new_facts || node->net.new_rows || (link && link->new_rows))
		node_settle(node);
	if (node->new_facts || node->net.new_rows)
		steps += stack_mark(&node->net, WIRE_NET_NAME, &node->facts);
	if (link && (node->new_facts || link->new_rows))
		steps += stack_mark(link, WIRE_LINK_NAME, &node->facts);
	node->new_facts = false;
	node->mark_after_ns =
		steps > STACK_STEPS_MANY ? mono_ns + AGE_EVERY_NS : 0;
}

enum node_verdict node_take(struct nodes *nodes, struct node *node,
			    const struct wire_table *table)
{
	int err = 0;

	if (!samples_sane(table)) {
		run_break(&node->run);
		return NODE_ABSURD;
	}
	end_run(node, table->kind);
	if (facts_say_leaving(table)) {
		node_leaves(nodes, node, &table->text[WIRE_FACT]);
		return NODE_OK;
	}
	node_changed(nodes, node);
	age(nodes, node, table->mono_ns);
	if (table->kind == WIRE_NODE)
		take_node(nodes, node, table);
	else if (table->kind == WIRE_GAUGES)
		gauges_take(&node->gauges, table);
	else if (table->kind == WIRE_COUNTERS)
		counters_take(&node->counters, table);
	else if (table->kind == WIRE_FACTS)
		err = facts_take(&node->facts, table);
	else
		err = take_rows(nodes, node, table);
	node->new_facts |= table->kind == WIRE_FACTS;
	if (err)
		run_break(&node->run);
	return err ? NODE_FULL : NODE_OK;
}
