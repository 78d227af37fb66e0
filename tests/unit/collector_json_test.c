// SPDX-License-Identifier: GPL-2.0-or-later
/* What the API says of a node, of what was lost, dropped and refused, and of the
 * history: each count under its own name, and good JSON of a node of which nothing
 * is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "collector/api/json.h"
#include "collector/base/loss.h"
#include "collector/base/refusal.h"
#include "tests/unit/nodes_table.h"

static const struct node_time now = { .real_ns = 20 * S, .mono_ns = 4 * S };

/* Read by another hand; each name stands in an object once. */
static json_t *parsed(struct document *w)
{
	struct text *text = document_done(w);
	json_t *o;

	assert_non_null(text);
	o = json_loadb(text->data, text->size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	text_put(text);
	return o;
}

static json_t *of_node(void)
{
	struct document w = { 0 };

	json_node(&w, node, &now, JSON_ALL_PARTS);
	return parsed(&w);
}

static json_int_t count(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void assert_text(const json_t *o, const char *key, const char *want)
{
	const char *got = json_string_value(json_object_get(o, key));

	assert_non_null(got);
	assert_string_equal(got, want);
}

static void assert_nulls(const json_t *o, const char *const *keys)
{
	for (; *keys; keys++)
		assert_true(json_is_null(json_object_get(o, *keys)));
}

static void nothing_is_known(void **state)
{
	static const char *const null[] = {
		"moved_to", "clock_offset_ns", "cpu_busy", "shared",
		"cpu",	    "softirq",	       "net",	   "facts",
		"memory",   "pressure",	       "disk",	   "mount",
		"link",	    "sensor",	       "process",  "core",
		"irq",	    "agent",	       NULL
	};
	json_t *o = of_node(), *senders = json_object_get(o, "senders");

	assert_nulls(o, null);
	assert_int_equal(count(o, "cpus"), 0);
	assert_text(o, "state", "fresh");
	assert_text(o, "id", "61616161-6161-6161-6161-616161616161");
	assert_int_equal(count(o, "now_ns"), 20 * S);
	assert_int_equal(count(o, "first_seen_ns"), 7 * S);
	assert_int_equal(count(o, "last_seen_ns"), 7 * S);
	assert_int_equal(count(o, "age_ns"), S);
	assert_int_equal(count(o, "received"), 1);
	assert_int_equal(count(o, "sessions"), 1);
	assert_int_equal(count(o, "session_ns"), 1);
	assert_int_equal(count(o, "sequence"), 1);
	assert_int_equal(json_array_size(senders), 1);
	assert_text(json_array_get(senders, 0), "address", "there");
	assert_true(json_is_true(
		json_object_get(json_array_get(senders, 0), "taken")));
	assert_int_equal(json_object_size(json_object_get(o, "gauges")), 0);
	assert_int_equal(json_object_size(json_object_get(o, "counters_per_s")),
			 0);
	json_decref(o);
}

/* A counter has its sum at once, and its rate with the second sample. */
static void memory(void **state)
{
	const uint64_t gauges[][2] = { { WIRE_MEMORY_TOTAL_BYTES, 1000 },
				       { WIRE_MEMORY_AVAILABLE_BYTES, 250 } };
	uint64_t faults[] = { WIRE_FAULTS, 300 };
	json_t *o, *m;

	take(WIRE_GAUGES, S, 2, 2, gauges[0], 0, NULL);
	take(WIRE_COUNTERS, S, 2, 1, faults, 0, NULL);
	o = of_node();
	m = json_object_get(o, "memory");
	assert_int_equal(count(m, "total_bytes"), 1000);
	assert_int_equal(count(m, "used_bytes"), 750);
	assert_int_equal(count(m, "faults"), 300);
	assert_true(json_is_null(json_object_get(m, "faults_per_s")));
	assert_true(json_is_null(json_object_get(m, "swap_free_bytes")));
	assert_true(json_is_null(json_object_get(o, "pressure")));
	json_decref(o);

	faults[1] = 340;
	take(WIRE_COUNTERS, 3 * S, 2, 1, faults, 0, NULL);
	o = of_node();
	m = json_object_get(o, "memory");
	assert_int_equal(count(m, "faults"), 340);
	assert_int_equal(json_number_value(json_object_get(m, "faults_per_s")),
			 20);
	json_decref(o);
}

/* Counts of processes come by themselves; a process may have no letter. */
static void processes(void **state)
{
	static const char *const null[] = { "origin",  "sample",
					    "real_ns", "mono_ns",
					    "lost",    "processes_all",
					    NULL };
	const uint64_t exits[] = { WIRE_EXITS, 300 };
	uint64_t cells[WIRE_PROCESS_COLUMNS] = { 7 };
	const struct wire_text texts[WIRE_PROCESS_TEXTS] = { { "sh", 2 } };
	json_t *o, *p, *row;

	take(WIRE_COUNTERS, S, 2, 1, exits, 0, NULL);
	o = of_node();
	p = json_object_get(o, "process");
	assert_nulls(p, null);
	assert_int_equal(count(p, "exits"), 300);
	assert_int_equal(json_array_size(json_object_get(p, "processes")), 0);
	json_decref(o);

	cells[WIRE_PROCESS_STATE] = WIRE_ABSENT;
	take(WIRE_PROCESS, S, WIRE_PROCESS_COLUMNS, 1, cells,
	     WIRE_PROCESS_TEXTS, texts);
	o = of_node();
	p = json_object_get(o, "process");
	assert_text(p, "origin", "proc");
	row = json_array_get(json_object_get(p, "processes"), 0);
	assert_int_equal(count(row, "pid"), 7);
	assert_true(json_is_null(json_object_get(row, "state")));
	json_decref(o);
}

static void losses(void **state)
{
	json_t *o, *loss;
	int i;

	node->received = 1;
	node->dropped[NODE_DROP_DUPLICATE] = 2;
	node->dropped[NODE_DROP_LATE] = 3;
	node->dropped[NODE_DROP_STRAGGLER] = 4;
	node->dropped[NODE_DROP_CLONE] = 5;
	node->elsewhere = 6;
	node->send_failed = 7;
	node->dropped[NODE_DROP_BUDGET] = 8;
	node->dropped[NODE_DROP_TABLE] = 14;
	node->dropped[NODE_DROP_VALUE] = 15;
	node->dropped[NODE_DROP_FULL] = 16;
	node->dropped[NODE_DROP_LEFT] = 17;
	node->unknown = 9;
	for (i = LOSS_QUEUE; i <= LOSS_KEY; i++)
		node->shed[i - LOSS_QUEUE] = (uint64_t)(100 + i);
	node->cpu.lost = 11;
	node->softirq.lost = 12;
	node->net.lost = 13;
	o = of_node();
	loss = json_object_get(o, "loss");
	assert_int_equal(count(loss, "received"), 1);
	assert_int_equal(count(loss, "lost"), count(o, "lost"));
	assert_int_equal(count(loss, "duplicate"), 2);
	assert_int_equal(count(loss, "late"), 3);
	assert_int_equal(count(loss, "straggler"), 4);
	assert_int_equal(count(loss, "clone"), 5);
	assert_int_equal(count(loss, "elsewhere"), 6);
	assert_int_equal(count(loss, "send_failed"), 7);
	assert_int_equal(count(loss, "budget"), 8);
	assert_int_equal(count(loss, "table"), 14);
	assert_int_equal(count(loss, "value"), 15);
	assert_int_equal(count(loss, "full"), 16);
	assert_int_equal(count(loss, "left"), 17);
	assert_int_equal(count(loss, "unknown_answers"), 9);
	for (i = LOSS_QUEUE; i <= LOSS_KEY; i++)
		assert_int_equal(count(loss, loss_names[i]), 100 + i);
	loss = json_object_get(loss, "samples");
	assert_int_equal(count(loss, "cpu"), 11);
	assert_int_equal(count(loss, "softirq"), 12);
	assert_int_equal(count(loss, "net"), 13);
	json_decref(o);
}

static void dropped(void **state)
{
	struct ingest_counts counts = { .dropped[WIRE_OK] = 1 };
	struct document w = { 0 };
	unsigned int i;
	json_t *o;

	for (i = WIRE_OK + 1; i < DROP_REASONS; i++)
		counts.dropped[i] = 100 + i;
	json_dropped(&w, &counts);
	o = parsed(&w);
	assert_int_equal(json_object_size(o), DROP_REASONS - 1);
	for (i = WIRE_OK + 1; i < DROP_REASONS; i++)
		assert_int_equal(count(o, drop_name(i)), 100 + i);
	json_decref(o);
}

/* By doors, each with its own reasons. */
static void refused(void **state)
{
	struct document w = { 0 };
	json_t *o;

	refuse(REFUSAL_FEED_FULL, "a");
	refuse(REFUSAL_FEED_FULL, "a");
	refuse(REFUSAL_PAGE_FULL, "a");
	refuse(REFUSAL_PAGE_DESCRIPTORS, "a");
	json_refused(&w);
	o = parsed(&w);
	assert_int_equal(json_object_size(o), 3);
	assert_int_equal(count(json_object_get(o, "feed"), "full"), 2);
	assert_int_equal(count(json_object_get(o, "feed"), "revoked"), 0);
	assert_int_equal(count(json_object_get(o, "page"), "full"), 1);
	assert_int_equal(count(json_object_get(o, "page"), "descriptors"), 1);
	json_decref(o);
}

static json_t *of_store(const struct store_stats *stats)
{
	struct document w = { 0 };

	json_store(&w, stats);
	return parsed(&w);
}

static void history(void **state)
{
	static const char *const names[] = {
		"queued",  "queued_bytes", "written",	    "dropped",
		"expired", "open_bytes",   "chunks",	    "size",
		"commits", "commit_ns",	   "commit_last_ns"
	};
	struct store_stats s = { 0, 1, 2, 3, 4,	 5,
				 6, 7, 8, 9, 10, .trouble = { 11, 12, 0 } };
	json_t *o = of_store(&s);
	int i;

	for (i = 0; i < 11; i++)
		assert_int_equal(count(o, names[i]), i);
	assert_int_equal(count(o, "damaged_chunks"), 11);
	assert_int_equal(count(o, "damaged_frames"), 12);
	assert_int_equal(count(o, "aside"), 0);
	assert_true(json_is_false(json_object_get(o, "failing")));
	assert_null(json_object_get(o, "aside_node"));
	json_decref(o);
	s.failing = true;
	s.trouble.aside = 1;
	memset(s.trouble.node, 'b', WIRE_ID_SIZE);
	o = of_store(&s);
	assert_true(json_is_true(json_object_get(o, "failing")));
	assert_int_equal(count(o, "aside"), 1);
	assert_text(o, "aside_node", "62626262-6262-6262-6262-626262626262");
	json_decref(o);
}

#define of_a_node(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		of_a_node(nothing_is_known), of_a_node(memory),
		of_a_node(processes),	     of_a_node(losses),
		cmocka_unit_test(dropped),   cmocka_unit_test(refused),
		cmocka_unit_test(history),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
