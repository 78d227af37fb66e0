// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of nodes: sessions, samples, rates and shares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lib/base/clean.h"
#include "collector/api/json.h"
#include "collector/nodes/namesakes.h"
#include "collector/nodes/sender.h"
#include "collector/nodes/visit.h"
#include "tests/unit/near.h"

#define S UINT64_C(1000000000)

static struct nodes nodes;

static int setup(void **state)
{
	return nodes_init(&nodes, 0);
}

static int teardown(void **state)
{
	nodes_exit(&nodes);
	assert_int_equal(nodes.rows_left, nodes.rows_max);
	return 0;
}

/* As the collector does with a frame and its samples. */
static enum node_verdict come(struct wire_frame *f, uint64_t mono_ns,
			      const char *from, struct node **node)
{
	struct node_time now = { .real_ns = 4 * S + mono_ns,
				 .mono_ns = mono_ns };
	struct peer peer = { .text = "" };
	enum node_verdict verdict;

	strcpy(peer.text, from);
	verdict = nodes_take(&nodes, f, &now, &peer, node);

	if (verdict == NODE_OK)
		node_seen(&nodes, *node, &now);
	return verdict;
}

static enum node_verdict frame(const char *id, uint64_t session,
			       uint64_t sequence, struct node **node)
{
	struct wire_frame f = { .sequence = sequence,
				.sender.session = session };

	memcpy(f.sender.node, id, WIRE_ID_SIZE);
	return come(&f, 3 * S, "there:1", node);
}

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"

static struct node *node_a(void)
{
	struct node *node = NULL;

	assert_int_equal(frame(A, 1, 1, &node), NODE_OK);
	return node;
}

static struct wire_table table(uint32_t kind, uint32_t columns, uint32_t rows,
			       uint64_t mono_ns, const uint64_t *cells)
{
	return (struct wire_table){ .kind = kind,
				    .schema = 1,
				    .origin = WIRE_ORIGIN_RING,
				    .real_ns = 100 * S + mono_ns,
				    .mono_ns = mono_ns,
				    .columns = columns,
				    .rows = rows,
				    .cells = cells };
}

/* What is written, read by another hand. */
static json_t *document(void (*write)(struct document *w,
				      const struct samples *s),
			const struct samples *s)
{
	struct document w = { 0 };
	struct text *text;
	json_t *o;

	write(&w, s);
	text = document_done(&w);
	assert_non_null(text);
	o = json_loadb(text->data, text->size, JSON_DECODE_ANY, NULL);
	assert_non_null(o);
	text_put(text);
	return o;
}

static double number(json_t *o, const char *key)
{
	json_t *value = json_object_get(o, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void sessions(void **state)
{
	struct node *node = node_a();

	assert_int_equal(frame(A, 1, 3, &node), NODE_OK);
	assert_int_equal(node_lost(node), 1);
	assert_int_equal(frame(A, 1, 3, &node), NODE_DUPLICATE);

	/* A restart: what came before stays lost, numbers begin at 1. */
	assert_int_equal(frame(A, 2, 2, &node), NODE_OK);
	assert_int_equal(node->sessions, 2);
	assert_int_equal(node_lost(node), 2);
	assert_int_equal(frame(A, 2, 1, &node), NODE_OK);
	assert_int_equal(node_lost(node), 1);

	assert_int_equal(frame(A, 1, 4, &node), NODE_STRAGGLER);
	assert_int_equal(node->received, 4);
	assert_int_equal(nodes.count, 1);
}

static enum node_verdict send_frame(uint64_t session, uint64_t sequence,
				    uint64_t mono_ns, uint32_t flags,
				    const char *from)
{
	struct wire_frame f = { .sequence = sequence,
				.flags = flags,
				.time = 4 * S + mono_ns,
				.sender.session = session };
	struct node *node;

	memcpy(f.sender.node, A, WIRE_ID_SIZE);
	return come(&f, mono_ns, from, &node);
}

/* Two hosts with one id, by turns; then the one that was taken is silent. */
static void clones(void **state)
{
	struct node *node = node_a();
	uint64_t i;

	assert_int_equal(send_frame(7, 1, 4 * S, 0, "there:2"), NODE_OK);
	for (i = 1; i < 4; i++) {
		assert_int_equal(send_frame(1, 1 + i, (4 + i) * S, 0,
					    "there:1"),
				 NODE_STRAGGLER);
		assert_int_equal(send_frame(7, 1 + i, (4 + i) * S, 0,
					    "there:2"),
				 NODE_OK);
	}
	assert_int_equal(sender_rivals(node, 7 * S), 0); /* a tail as yet */
	assert_int_equal(send_frame(1, 5, 8 * S + 1, 0, "there:1"), NODE_CLONE);
	assert_int_equal(sender_rivals(node, 9 * S), 1);
	assert_int_equal(node->last_seen.mono_ns, 7 * S);
	assert_int_equal(node->rivals->frames, 1);
	assert_string_equal(node->rivals->who.address, "there:1");
	assert_string_equal(node->from.address, "there:2");

	/* It is let in where it is, and not from the beginning. */
	assert_int_equal(send_frame(1, 9, 12 * S, 0, "there:1"), NODE_OK);
	assert_int_equal(sender_rivals(node, 12 * S), 0);
	assert_int_equal(node->last_seen.mono_ns, 12 * S);
	assert_int_equal(send_frame(7, 4, 12 * S, 0, "there:2"),
			 NODE_STRAGGLER);
	assert_int_equal(send_frame(7, 5, 13 * S, 0, "there:2"), NODE_OK);
}

/* Frames of a node that is silent, sent once more by somebody else. */
static void replays(void **state)
{
	struct node *node = node_a();

	assert_int_equal(send_frame(1, 2, 4 * S, WIRE_SEALED, "there:1"),
			 NODE_OK);
	assert_int_equal(send_frame(7, 1, 5 * S, WIRE_SEALED, "there:1"),
			 NODE_OK);
	assert_int_equal(send_frame(1, 2, 900 * S, WIRE_SEALED, "there:3"),
			 NODE_STRAGGLER);
	assert_int_equal(send_frame(7, 1, 900 * S, WIRE_SEALED, "there:3"),
			 NODE_DUPLICATE);
	assert_int_equal(node->last_seen.mono_ns, 5 * S);
	assert_int_equal(node->sessions, 2);
	assert_int_equal(node_state(node, 900 * S), NODE_GONE);
}

/* Clones of a running machine have one session, too. */
static void twins(void **state)
{
	struct node *node = node_a();
	uint64_t i;

	for (i = 2; i < 9; i++) {
		assert_int_equal(send_frame(1, i, i * S, 0, "there:1"),
				 NODE_OK);
		assert_int_equal(send_frame(1, i, i * S, 0, "there:2"),
				 i < 5 ? NODE_DUPLICATE : NODE_CLONE);
	}
	assert_int_equal(sender_rivals(node, 9 * S), 1);
}

/* Frames that went to another collector: none are lost, some may be twice. */
static void from_the_middle(void **state)
{
	struct wire_frame f = { .sequence = 9, .sender.session = 7 };
	struct node_time now = { .real_ns = 7 * S, .mono_ns = 3 * S };
	struct node *node;

	memcpy(f.sender.node, B, WIRE_ID_SIZE);
	assert_int_equal(nodes_take_stored(&nodes, &f, &now,
					   &(struct peer){ .text = "there" },
					   &node),
			 NODE_OK);
	assert_int_equal(node_lost(node), 0);
	assert_int_equal(node->elsewhere, 8);
	assert_int_equal(node->shared_from, 9);
	f.sequence = 8;
	assert_int_equal(nodes_take_stored(&nodes, &f, &now,
					   &(struct peer){ .text = "there" },
					   &node),
			 NODE_OK);
	f.sequence = 9;
	assert_int_equal(nodes_take_stored(&nodes, &f, &now,
					   &(struct peer){ .text = "there" },
					   &node),
			 NODE_DUPLICATE);

	/* Over UDP nothing went elsewhere. */
	memcpy(f.sender.node, A, WIRE_ID_SIZE);
	assert_int_equal(nodes_take(&nodes, &f, &now,
				    &(struct peer){ .text = "there" }, &node),
			 NODE_OK);
	assert_int_equal(node_lost(node), 8);
}

static void absurd_frames(void **state)
{
	struct node *node = node_a();

	assert_int_equal(frame("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 1, 1, &node),
			 NODE_ABSURD);
	assert_int_equal(frame(A, 0, 2, &node), NODE_ABSURD);
	assert_int_equal(frame(A, UINT64_MAX, 2, &node), NODE_ABSURD);
	assert_int_equal(frame(A, 1, 0, &node), NODE_ABSURD);
	assert_int_equal(frame(A, 1, UINT64_MAX, &node), NODE_ABSURD);
	assert_int_equal(frame(A, 2, UINT64_MAX, &node), NODE_ABSURD);
	assert_int_equal(node->sessions, 1);
	assert_int_equal(frame(A, 1, 2, &node), NODE_OK);
	assert_int_equal(node_lost(node), 0);
}

static void cpu_cells(uint64_t *cells, uint64_t user, uint64_t system,
		      uint64_t idle, uint64_t guest)
{
	memset(cells, 0, WIRE_CPU_REQUIRED * sizeof(*cells));
	cells[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
	cells[WIRE_CPU_USER_NS] = user;
	cells[WIRE_CPU_SYSTEM_NS] = system;
	cells[WIRE_CPU_IDLE_NS] = idle;
	cells[WIRE_CPU_GUEST_NS] = guest;
}

static void take_cpu(struct node *node, uint64_t mono_ns, const uint64_t *cells)
{
	struct wire_table t =
		table(WIRE_CPU, WIRE_CPU_REQUIRED, 1, mono_ns, cells);

	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
}

/* 1 s: 400 ms user, of which 300 ms a guest; 100 ms system; 500 ms idle. */
static void shares(void **state)
{
	struct node *node = node_a();
	uint64_t cells[WIRE_CPU_REQUIRED];
	json_t *cpu, *share;

	cpu_cells(cells, 5 * S, S, 9 * S, 2 * S);
	take_cpu(node, 10 * S, cells);
	cpu = document(json_cpu, &node->cpu);
	assert_true(json_is_null(json_object_get(cpu, "share")));
	json_decref(cpu);

	cpu_cells(cells, 5 * S + S * 4 / 10, S + S / 10, 9 * S + S / 2,
		  2 * S + S * 3 / 10);
	take_cpu(node, 11 * S, cells);
	cpu = document(json_cpu, &node->cpu);
	share = json_object_get(json_array_get(json_object_get(cpu, "cpus"), 0),
				"share");
	assert_near(number(share, "user"), 0.1);
	assert_near(number(share, "guest"), 0.3);
	assert_near(number(share, "system"), 0.1);
	assert_near(number(share, "idle"), 0.5);
	assert_near(number(json_array_get(json_object_get(cpu, "cpus"), 0),
			   "busy"),
		    0.5);
	assert_near(number(cpu, "busy"), 0.5);
	json_decref(cpu);

	/* Where nothing is counted nothing is known: it is not busy. */
	take_cpu(node, 12 * S, cells);
	take_cpu(node, 13 * S, cells);
	cpu = document(json_cpu, &node->cpu);
	assert_true(json_is_null(json_object_get(cpu, "busy")));
	json_decref(cpu);

	/* Nor while it was off. */
	cells[WIRE_CPU_FLAGS] = WIRE_CPU_SEEN;
	take_cpu(node, 14 * S, cells);
	take_cpu(node, 15 * S, cells);
	cells[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
	cells[WIRE_CPU_IDLE_NS] += S / 10;
	take_cpu(node, 16 * S, cells);
	cpu = document(json_cpu, &node->cpu);
	assert_true(json_is_null(json_object_get(cpu, "busy")));
	json_decref(cpu);
}

static bool share_is_known(const struct samples *s, double *busy)
{
	json_t *cpu = document(json_cpu, s);
	json_t *share = json_object_get(cpu, "share");
	bool known = json_is_object(share);

	if (known)
		*busy = number(cpu, "busy");
	json_decref(cpu);
	return known;
}

/* A suspend: idle time falls once. What is known of that sample is nothing. */
static void a_time_that_falls(void **state)
{
	struct node *node = node_a();
	uint64_t cells[WIRE_CPU_REQUIRED], t;
	double busy;

	for (t = 10; t < 20; t++) {
		cpu_cells(cells, t * S / 4, 0,
			  (t < 15 ? 9000 : 100) * S + t * S * 3 / 4, 0);
		take_cpu(node, t * S, cells);
		if (t == 10 || t == 15) {
			assert_false(share_is_known(&node->cpu, &busy));
		} else {
			assert_true(share_is_known(&node->cpu, &busy));
			assert_near(busy, 0.25);
		}
	}
}

/* Ten a second: no share is of a window that has the fall in it. */
static void a_time_that_falls_between(void **state)
{
	struct node *node = node_a();
	uint64_t cells[WIRE_CPU_REQUIRED], t, unknown = 0;
	double busy;

	for (t = 100; t < 200; t++) {
		cpu_cells(cells, t * S / 40, 0,
			  (t < 155 ? 9000 : 100) * S + t * S * 3 / 40, 0);
		take_cpu(node, t * S / 10, cells);
		if (share_is_known(&node->cpu, &busy))
			assert_near(busy, 0.25);
		else if (t > 100)
			unknown++;
	}
	assert_in_range(unknown, 1, 20);
}

static void exact_times(void **state)
{
	struct node *node = node_a();
	uint64_t cells[WIRE_CPU_REQUIRED];
	json_t *cpu, *row;

	cpu_cells(cells, INT64_MAX, 9007199254740993, 1, 0);
	take_cpu(node, 10 * S, cells);
	cpu = document(json_cpu, &node->cpu);
	row = json_array_get(json_object_get(cpu, "cpus"), 0);
	assert_true(json_integer_value(json_object_get(row, "user_ns")) ==
		    INT64_MAX);
	assert_true(json_integer_value(json_object_get(row, "system_ns")) ==
		    9007199254740993);
	json_decref(cpu);
}

static void softirq_at(struct node *node, uint64_t mono_ns, uint64_t timer)
{
	uint64_t cells[WIRE_SOFTIRQ_REQUIRED] = { [WIRE_SOFTIRQ_TIMER] =
							  timer };
	struct wire_table t =
		table(WIRE_SOFTIRQ, WIRE_SOFTIRQ_REQUIRED, 1, mono_ns, cells);

	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
}

static double timer_rate(struct node *node)
{
	json_t *o = document(json_softirq, &node->softirq);
	double rate = number(json_object_get(o, "per_s"), "timer");

	json_decref(o);
	return rate;
}

/* Rates follow the sender's clock, and go over about a second. */
static void rates(void **state)
{
	struct node *node = node_a();
	uint64_t i;
	json_t *o;

	softirq_at(node, 10 * S, 1000);
	softirq_at(node, 12 * S, 1500);
	assert_near(timer_rate(node), 250);
	softirq_at(node, 11 * S, 1); /* overtaken by a newer one */
	assert_near(timer_rate(node), 250);
	softirq_at(node, 13 * S, 1400); /* backwards: not known */
	o = document(json_softirq, &node->softirq);
	assert_true(json_is_null(
		json_object_get(json_object_get(o, "per_s"), "timer")));
	assert_near(number(json_object_get(o, "per_s"), "net_rx"), 0);
	json_decref(o);

	for (i = 1; i <= 100; i++) /* each 10 ms, ten each */
		softirq_at(node, 13 * S + i * S / 100, 1400 + 10 * i);
	assert_near(timer_rate(node), 1000);
	assert_true(samples_window_ns(node->softirq.rows[0]) >= S * 9 / 10);
}

static void rows_and_parts(void **state)
{
	struct node *node = node_a();
	uint64_t cells[3 * WIRE_SOFTIRQ_REQUIRED] = { 0 };
	struct wire_table t =
		table(WIRE_SOFTIRQ, WIRE_SOFTIRQ_REQUIRED, 2, 10 * S, cells);

	/* CPUs 4 and 5, then the part of the same sample with CPUs 0, 1, 2. */
	cells[0] = 4;
	cells[WIRE_SOFTIRQ_REQUIRED] = 5;
	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
	cells[0] = 0;
	cells[WIRE_SOFTIRQ_REQUIRED] = 1;
	cells[2 * WIRE_SOFTIRQ_REQUIRED] = 2;
	t.rows = 3;
	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
	assert_int_equal(node->softirq.count, 5);
	assert_int_equal(node->softirq.rows[3]->key, 4);

	/* What two samples don't have is not current; later it is forgotten. */
	t.mono_ns = 11 * S;
	node_take(&nodes, node, &t);
	assert_true(samples_current(&node->softirq, node->softirq.rows[4]));
	t.mono_ns = 12 * S;
	node_take(&nodes, node, &t);
	assert_false(samples_current(&node->softirq, node->softirq.rows[4]));
	assert_true(samples_current(&node->softirq, node->softirq.rows[0]));
	t.mono_ns = 30 * S;
	node_take(&nodes, node, &t);
	t.mono_ns = 31 * S;
	node_take(&nodes, node, &t);
	assert_int_equal(node->softirq.count, 3);

	/* Another origin counts from another start. */
	t.origin = WIRE_ORIGIN_PROC;
	t.mono_ns = 32 * S;
	node_take(&nodes, node, &t);
	assert_int_equal(samples_window_ns(node->softirq.rows[0]), 0);
}

static void absurd_tables(void **state)
{
	struct node *node = node_a();
	uint64_t cells[WIRE_CPU_REQUIRED];
	struct wire_table t = table(WIRE_CPU, WIRE_CPU_REQUIRED, 1, S, cells);

	cpu_cells(cells, (uint64_t)INT64_MAX + 1, 0, 0, 0);
	assert_int_equal(node_take(&nodes, node, &t), NODE_ABSURD);
	cpu_cells(cells, 0, 0, 0, 0);
	cells[WIRE_CPU_KEY] = SAMPLES_CPUS_MAX;
	assert_int_equal(node_take(&nodes, node, &t), NODE_ABSURD);
	cells[WIRE_CPU_KEY] = 0;
	t.origin = 77;
	assert_int_equal(node_take(&nodes, node, &t), NODE_ABSURD);
	t.origin = WIRE_ORIGIN_RING;
	t.mono_ns = 0;
	assert_int_equal(node_take(&nodes, node, &t), NODE_ABSURD);
	assert_int_equal(node->cpu.count, 0);

	nodes.rows_left = 0;
	t.mono_ns = S;
	assert_int_equal(node_take(&nodes, node, &t), NODE_FULL);
	nodes.rows_left = nodes.rows_max;
}

static void name(struct node *node, const char *text, size_t size)
{
	struct wire_text texts[] = { { text, size }, { "1.0", 3 } };
	uint64_t cells[] = { 0, S, 0 };
	struct wire_table t = table(WIRE_NODE, WIRE_NODE_REQUIRED, 1, S, cells);

	t.texts = WIRE_NODE_TEXTS;
	t.text = texts;
	assert_int_equal(node_take(&nodes, node, &t), NODE_OK);
}

/* By name or id, as a question does. */
static struct node *find(const char *text, size_t *matches)
{
	struct visit v;
	struct node *found;

	assert_int_equal(visit_begin(&v, &nodes), 0);
	found = visit_find(&v, text, matches);
	assert_ptr_equal(v.held, found);
	visit_end(&v);
	return found;
}

static void names(void **state)
{
	struct node *a = node_a(), *b, *found;
	size_t matches;

	assert_int_equal(frame(B, 1, 1, &b), NODE_OK);
	assert_string_equal(a->name, "61616161-6161-6161-6161-616161616161");
	name(a, "one", 3);
	assert_ptr_equal(find("one", &matches), a);
	assert_int_equal(matches, 1);
	name(b, "one", 3);
	find("one", &matches);
	assert_int_equal(matches, 2);
	found = find(b->id_text, &matches);
	assert_ptr_equal(found, b);
	assert_int_equal(matches, 1);
	assert_null(find("two", &matches));
	assert_int_equal(matches, 0);

	name(a, "\xff<b>\n\xc3\xa9\xe2\x82", 9);
	assert_string_equal(a->name, "?<b>?\xc3\xa9??");
}

/* A line a minute, and none for names that were looked at. */
static void namesakes(void **state)
{
	struct node *a = node_a(), *b;

	assert_int_equal(frame(B, 1, 1, &b), NODE_OK);
	assert_false(namesakes_tell(&nodes, 10 * S));
	name(a, "one", 3);
	name(b, "two", 3);
	assert_false(namesakes_tell(&nodes, 11 * S));
	name(b, "one", 3);
	assert_true(namesakes_tell(&nodes, 12 * S));
	assert_false(namesakes_tell(&nodes, 13 * S));
	name(b, "two", 3);
	name(b, "one", 3);
	assert_false(namesakes_tell(&nodes, 71 * S));
	assert_true(namesakes_tell(&nodes, 72 * S));
	assert_false(namesakes_tell(&nodes, 200 * S));
}

/* Three and twenty periods, but at least 3 and 30 s. */
static void states(void **state)
{
	static const struct {
		uint64_t period_ns, fresh_ns, late_ns;
	} limits[] = {
		{ 0, 3 * S, 30 * S },
		{ S, 3 * S, 30 * S },
		{ S + 1, 3 * S + 3, 30 * S },
		{ 3 * S / 2, 9 * S / 2, 30 * S },
		{ 3 * S / 2 + 1, 9 * S / 2 + 3, 30 * S + 20 },
		{ 60 * S, 180 * S, 1200 * S },
	};
	size_t i;
	struct node *node = node_a(), *found;
	const struct node_time came = node->first_seen;
	size_t matches;

	/* Without a sample it is as old as it is here. */
	node->last_seen = (struct node_time){ 0 };
	assert_int_equal(node_age_ns(node, came.mono_ns + 5 * S), 5 * S);
	assert_int_equal(node_state(node, came.mono_ns), NODE_GONE);
	node_seen(&nodes, node, &came);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const uint64_t seen_ns = node->last_seen.mono_ns;

		node->period_ns = limits[i].period_ns;
		assert_int_equal(node_state(node, 0), NODE_FRESH);
		assert_int_equal(node_state(node, seen_ns + limits[i].fresh_ns),
				 NODE_FRESH);
		assert_int_equal(node_state(node,
					    seen_ns + limits[i].fresh_ns + 1),
				 NODE_LAGGING);
		assert_int_equal(node_state(node, seen_ns + limits[i].late_ns),
				 NODE_LAGGING);
		assert_int_equal(node_state(node,
					    seen_ns + limits[i].late_ns + 1),
				 NODE_GONE);
	}

	nodes_forget(&nodes, 5 * S, 2 * S);
	assert_int_equal(nodes.count, 1);
	nodes_forget(&nodes, 5 * S + 1, 2 * S);
	assert_int_equal(nodes.count, 0);
	assert_null(find("x", &matches));
	assert_int_equal(frame(A, 1, 1, &found), NODE_OK);
	assert_int_equal(found->received, 1);
}

/* Who looks at a node keeps it in memory, but does not find it again. */
static void visits(void **state)
{
	struct node *a = node_a(), *b;
	struct visit v, later;

	assert_int_equal(frame(B, 1, 1, &b), NODE_OK);
	assert_int_equal(visit_begin(&v, &nodes), 0);
	assert_ptr_equal(visit_first(&v), a);
	assert_ptr_equal(visit_next(&v), b);
	assert_null(visit_next(&v));
	visit_leave(&v);

	a->last_seen.mono_ns = b->last_seen.mono_ns + 1;
	nodes_forget(&nodes, a->last_seen.mono_ns, 0);
	assert_int_equal(nodes.count, 1);
	assert_ptr_equal(nodes.gone, b);
	assert_ptr_equal(visit_first(&v), a);
	assert_null(visit_next(&v));
	assert_int_equal(visit_begin(&later, &nodes), 0);
	assert_int_equal(later.count, 1);
	assert_int_equal(later.forgotten, v.forgotten + 1);
	visit_end(&later);
	assert_ptr_equal(nodes.gone, b);
	visit_end(&v);
	nodes_forget(&nodes, 1, 0);
	assert_null(nodes.gone);
}

static void clean(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xc0\x80", "??" }, /* overlong */
		{ "\xed\xa0\x80", "???" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "????" }, /* beyond Unicode */
		{ "\xc2\x85", "??" }, /* C1 control */
		{ "123456789\xc3\xa9", "123456789" }, /* cut before it */
		{ "\xe2\x80\xae"
		  "a",
		  "???a" }, /* right to left from here */
		{ "\xe2\x81\xa6"
		  "a",
		  "???a" }, /* isolates */
		{ "a\xe2\x80\x8b"
		  "b",
		  "a???b" }, /* of no width */
		{ "\xef\xbb\xbf"
		  "a",
		  "???a" }, /* byte order mark */
		{ "\xc2\xad"
		  "a",
		  "??a" }, /* soft hyphen */
		{ "\xd8\x9c"
		  "a",
		  "??a" }, /* Arabic mark of direction */
		{ "\xef\xb8\x8f"
		  "a",
		  "???a" }, /* a variation selector */
		{ "\xf3\xa0\x81\x81"
		  "a",
		  "????a" }, /* a tag */
		{ "\xe2\x80\xa8"
		  "a",
		  "???a" }, /* another line */
		{ "\xe2\xa0\x80"
		  "a",
		  "???a" }, /* a pattern without dots */
		{ "\xef\xbf\xbe"
		  "a",
		  "???a" }, /* no character */
		{ "\xef\xbf\xbd"
		  "a",
		  "\xef\xbf\xbd"
		  "a" }, /* that one is */
		{ "\x1b[31m", "?[31m" }, /* a terminal's */
		{ "\x9b"
		  "31m",
		  "?31m" }, /* C1, not as UTF-8 */
		{ "\xe2\x80\x94 \xe4\xb8\xad", "\xe2\x80\x94 \xe4\xb8\xad" },
	};
	char out[11];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wire_text text = { cases[i].in, strlen(cases[i].in) };

		clean_text(out, sizeof(out), &text);
		assert_string_equal(out, cases[i].out);
		snprintf(out, sizeof(out), "%s", cases[i].in);
		if (strlen(cases[i].in) >= sizeof(out))
			continue;
		clean_string(out);
		assert_string_equal(out, cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(clones, setup, teardown),
		cmocka_unit_test_setup_teardown(replays, setup, teardown),
		cmocka_unit_test_setup_teardown(twins, setup, teardown),
		cmocka_unit_test_setup_teardown(from_the_middle, setup,
						teardown),
		cmocka_unit_test_setup_teardown(absurd_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(shares, setup, teardown),
		cmocka_unit_test_setup_teardown(a_time_that_falls, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_time_that_falls_between,
						setup, teardown),
		cmocka_unit_test_setup_teardown(exact_times, setup, teardown),
		cmocka_unit_test_setup_teardown(rates, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_and_parts, setup,
						teardown),
		cmocka_unit_test_setup_teardown(absurd_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(names, setup, teardown),
		cmocka_unit_test_setup_teardown(namesakes, setup, teardown),
		cmocka_unit_test_setup_teardown(states, setup, teardown),
		cmocka_unit_test_setup_teardown(visits, setup, teardown),
		cmocka_unit_test(clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
