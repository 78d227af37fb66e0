// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of a whole host: values that come at different times, rows with
 * several texts, facts; and what becomes of those that come no more.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/figures/told.h"
#include "tests/unit/nodes_table.h"
#include "tests/unit/near.h"

static void value(uint32_t kind, uint64_t mono_ns, uint64_t key, uint64_t v)
{
	const uint64_t cells[] = { key, v };

	take(kind, mono_ns, WIRE_VALUE_COLUMNS, 1, cells, 0, NULL);
}

/* Load each second, pressure each ten. */
static void gauges_by_their_own_time(void **state)
{
	uint64_t t;

	value(WIRE_GAUGES, 90 * S, WIRE_PSI_IO_FULL_10S, 1250);
	value(WIRE_GAUGES, 100 * S, WIRE_PSI_IO_FULL_10S, 1250);
	for (t = 100; t < 110; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	value(WIRE_GAUGES, 110 * S, WIRE_PSI_IO_FULL_10S, 2550);
	value(WIRE_GAUGES, 109 * S, WIRE_PSI_IO_FULL_10S, 1); /* overtaken */
	for (t = 110; t < 135; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	assert_near(gauges_value(&node->gauges, WIRE_PSI_IO_FULL_10S), 0.255);
	assert_near(gauges_value(&node->gauges, WIRE_LOAD_1MIN), 1.34);
	assert_true(isnan(gauges_value(&node->gauges, WIRE_LOAD_5MIN)));

	/* Three of its periods: it does not come any more. */
	for (; t < 142; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	assert_true(isnan(gauges_value(&node->gauges, WIRE_PSI_IO_FULL_10S)));
	assert_near(gauges_value(&node->gauges, WIRE_LOAD_1MIN), 1.41);
}

/* What came only once may be one that comes each minute. */
static void gauges_that_came_once(void **state)
{
	uint64_t t;

	value(WIRE_GAUGES, S, WIRE_THREADS, 400);
	for (t = 2; t < 600; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	assert_near(gauges_value(&node->gauges, WIRE_THREADS), 400);
	for (; t < 605; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	assert_true(isnan(gauges_value(&node->gauges, WIRE_THREADS)));

	value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, WIRE_ABSENT);
	assert_true(isnan(gauges_value(&node->gauges, WIRE_LOAD_1MIN)));
}

/* What is seldom sent comes twice within seconds, as a session begins. */
static void what_is_sent_again(void **state)
{
	const struct wire_text texts[] = { { "/", 1 },
					   { "sda", 3 },
					   { "ext4", 4 } };
	uint64_t cells[WIRE_MOUNT_COLUMNS] = { 1 }, t;

	for (t = 1; t < 120; t++) {
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
		if (t == 6 || t % 30 == 1) {
			take(WIRE_MOUNT, t * S, WIRE_MOUNT_COLUMNS, 1, cells,
			     WIRE_MOUNT_TEXTS, texts);
			value(WIRE_GAUGES, t * S, WIRE_THREADS, 400);
			value(WIRE_COUNTERS, t * S, WIRE_FORKS, 10 * t);
		}
		assert_int_equal(node_samples(node, WIRE_MOUNT)->count, 1);
		assert_near(gauges_value(&node->gauges, WIRE_THREADS), 400);
		assert_true(counters_total(&node->counters, WIRE_FORKS) >= 10);
	}
}

static void counters_by_their_own_time(void **state)
{
	const struct counters *c = &node->counters;
	uint64_t t;

	value(WIRE_COUNTERS, 90 * S, WIRE_FORKS, 930);
	assert_true(isnan(counters_rate(c, WIRE_FORKS)));
	value(WIRE_COUNTERS, 100 * S, WIRE_FORKS, 1000);
	for (t = 100; t < 110; t++)
		value(WIRE_COUNTERS, t * S, WIRE_CONTEXT_SWITCHES, t * 500);
	value(WIRE_COUNTERS, 110 * S, WIRE_FORKS, 1070);
	assert_near(counters_rate(c, WIRE_FORKS), 7);
	assert_near(counters_rate(c, WIRE_CONTEXT_SWITCHES), 500);
	assert_near(counters_total(c, WIRE_FORKS), 1070);

	/* A value that could not be read starts anew. */
	value(WIRE_COUNTERS, 111 * S, WIRE_CONTEXT_SWITCHES, WIRE_ABSENT);
	assert_true(isnan(counters_rate(c, WIRE_CONTEXT_SWITCHES)));
	value(WIRE_COUNTERS, 112 * S, WIRE_CONTEXT_SWITCHES, 60000);
	assert_true(isnan(counters_rate(c, WIRE_CONTEXT_SWITCHES)));
	value(WIRE_COUNTERS, 113 * S, WIRE_CONTEXT_SWITCHES, 60100);
	assert_near(counters_rate(c, WIRE_CONTEXT_SWITCHES), 100);
	value(WIRE_COUNTERS, 160 * S, WIRE_CONTEXT_SWITCHES, 60100);
	assert_true(isnan(counters_rate(c, WIRE_FORKS)));
}

static void disk(uint64_t mono_ns, uint64_t key, uint64_t reads,
		 uint64_t busy_ns)
{
	uint64_t cells[WIRE_DISK_REQUIRED] = { 0 };
	const struct wire_text name = { "nvme0n1", 7 };

	cells[WIRE_DISK_KEY] = key;
	cells[WIRE_DISK_READS] = reads;
	cells[WIRE_DISK_BUSY_NS] = busy_ns;
	take(WIRE_DISK, mono_ns, WIRE_DISK_REQUIRED, 1, cells, WIRE_DISK_TEXTS,
	     &name);
}

static void rows_that_could_not_be_read(void **state)
{
	const struct samples *s;

	assert_int_equal(node_samples(node, WIRE_DISK)->count, 0);
	disk(100 * S, 1, 50, WIRE_ABSENT);
	disk(101 * S, 1, 60, 5);
	s = node_samples(node, WIRE_DISK);
	assert_near(samples_rate(s, s->rows[0], WIRE_DISK_READS), 10);
	assert_true(isnan(samples_rate(s, s->rows[0], WIRE_DISK_BUSY_NS)));
	assert_true(samples_cell(s, s->rows[0], WIRE_DISK_SIZE_BYTES) ==
		    WIRE_ABSENT);
	assert_string_equal(samples_text(s->rows[0], WIRE_DISK_NAME),
			    "nvme0n1");
}

/* Unplugged, and another one plugged in: all that it counts begins anew, even
 * what is larger than before.
 */
static void a_disk_that_comes_back(void **state)
{
	const struct samples *s;

	disk(100 * S, 1, 1000, 5 * S);
	disk(100 * S, 2, 7, 0);
	disk(101 * S, 1, 1010, 5 * S);
	disk(101 * S, 2, 8, 0);
	s = node_samples(node, WIRE_DISK);
	assert_near(samples_rate(s, samples_find(s, 1), WIRE_DISK_READS), 10);
	disk(102 * S, 2, 9, 0);
	disk(103 * S, 2, 10, 0);
	disk(104 * S, 2, 11, 0);
	disk(104 * S, 1, 2000, 6 * S);
	assert_true(
		isnan(samples_rate(s, samples_find(s, 1), WIRE_DISK_READS)));
	assert_near(samples_rate(s, samples_find(s, 2), WIRE_DISK_READS), 1);
	disk(105 * S, 1, 2005, 6 * S);
	assert_near(samples_rate(s, samples_find(s, 1), WIRE_DISK_READS), 5);

	/* Between two samples: one count that fell tells. */
	disk(106 * S, 1, 40, 7 * S);
	assert_true(
		isnan(samples_rate(s, samples_find(s, 1), WIRE_DISK_READS)));
	assert_true(
		isnan(samples_rate(s, samples_find(s, 1), WIRE_DISK_BUSY_NS)));
	disk(107 * S, 1, 50, 7 * S + S / 2);
	assert_near(samples_rate(s, samples_find(s, 1), WIRE_DISK_READS), 10);
	assert_near(told_metric(book_find("disk.busy"), s, samples_find(s, 1)),
		    0.5);
}

static void a_counter_that_falls(void **state)
{
	const struct counters *c = &node->counters;

	value(WIRE_COUNTERS, 100 * S, WIRE_FORKS, 1000);
	value(WIRE_COUNTERS, 101 * S, WIRE_FORKS, 1007);
	assert_near(counters_rate(c, WIRE_FORKS), 7);
	value(WIRE_COUNTERS, 102 * S, WIRE_FORKS, 3);
	assert_true(isnan(counters_rate(c, WIRE_FORKS)));
	assert_near(counters_total(c, WIRE_FORKS), 3);
	value(WIRE_COUNTERS, 103 * S, WIRE_FORKS, 10);
	assert_near(counters_rate(c, WIRE_FORKS), 7);
}

static void link_at(uint64_t mono_ns, const uint64_t *keys, uint32_t rows,
		    const char *addresses)
{
	uint64_t cells[2 * WIRE_LINK_COLUMNS] = { 0 };
	const struct wire_text text[2 * WIRE_LINK_TEXTS] = {
		{ "eth0", 4 }, { "02:00:00:00:00:01", 17 },
		{ "", 0 },     { addresses, strlen(addresses) },
		{ "eth1", 4 }, { "\xff", 1 },
		{ "veth", 4 }, { "", 0 },
	};
	uint32_t i;

	for (i = 0; i < rows; i++)
		cells[i * WIRE_LINK_COLUMNS] = keys[i];
	take(WIRE_LINK, mono_ns, WIRE_LINK_COLUMNS, rows, cells,
	     WIRE_LINK_TEXTS, text);
}

/* Each ten seconds all of them, in between one that changed. */
static void rows_between_the_periods(void **state)
{
	static const uint64_t both[] = { 2, 3 };
	const struct samples *s;
	uint64_t t;

	for (t = 100; t <= 130; t += 10)
		link_at(t * S, both, 2, "192.0.2.1");
	for (t = 131; t < 135; t++)
		link_at(t * S, both, 1, "192.0.2.1 2001:db8::1");
	s = node_samples(node, WIRE_LINK);
	assert_int_equal(s->count, 2);
	assert_true(samples_current(s, s->rows[0]));
	assert_true(samples_current(s, s->rows[1]));
	assert_string_equal(samples_text(s->rows[0], WIRE_LINK_ADDRESSES),
			    "192.0.2.1 2001:db8::1");
	assert_string_equal(samples_text(s->rows[0], WIRE_LINK_DRIVER), "");
	assert_string_equal(samples_text(s->rows[1], WIRE_LINK_MAC), "?");

	/* Then the second one is not there any more. */
	for (t = 140; t <= 150; t += 10)
		link_at(t * S, both, 1, "192.0.2.1");
	assert_true(samples_current(s, s->rows[0]));
	assert_false(samples_current(s, s->rows[1]));
	for (; t <= 190; t += 10)
		link_at(t * S, both, 1, "192.0.2.1");
	assert_int_equal(s->count, 1);
}

/* A sender that has none left sends no table. */
static void tables_that_end(void **state)
{
	uint64_t t;

	for (t = 100; t < 110; t++)
		disk(t * S, 1, t, t);
	for (; t < 118; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	assert_int_equal(node_samples(node, WIRE_DISK)->count, 1);
	for (; t < 125; t++)
		value(WIRE_GAUGES, t * S, WIRE_LOAD_1MIN, t);
	assert_int_equal(node_samples(node, WIRE_DISK)->count, 0);
}

static void fact(uint64_t mono_ns, const uint64_t *keys,
		 const struct wire_text *text, uint32_t rows)
{
	take(WIRE_FACTS, mono_ns, WIRE_FACT_COLUMNS, rows, keys,
	     WIRE_FACT_TEXTS, text);
}

static void facts(void **state)
{
	static const uint64_t keys[] = { WIRE_FACT_KERNEL, WIRE_FACT_ADDRESS,
					 WIRE_FACT_ADDRESS, WIRE_FACT_KEYS };
	static const struct wire_text first[] = { { "6.1.0", 5 },
						  { "192.0.2.1", 9 },
						  { "2001:db8::1", 11 },
						  { "?", 1 } };
	static const struct wire_text second[] = { { "", 0 },
						   { "192.0.2.9", 9 } };
	const struct facts *f = &node->facts;

	fact(10 * S, keys, first, 2);
	fact(10 * S, keys + 2, first + 2, 2); /* another part of it */
	assert_int_equal(f->count, 3);
	assert_string_equal(f->first->next->next->text, "2001:db8::1");

	fact(20 * S, keys + 1, second + 1, 1);
	assert_int_equal(f->count, 2);
	assert_string_equal(facts_text(f, WIRE_FACT_ADDRESS), "192.0.2.9");
	assert_string_equal(facts_text(f, WIRE_FACT_KERNEL), "6.1.0");
	assert_null(facts_text(f, WIRE_FACT_CPU_MODEL));
}

/* A sender that has more than there can be is told so. */
static void facts_without_end(void **state)
{
	uint64_t keys[FACTS_MAX + 1];
	struct wire_text text[FACTS_MAX + 1];
	struct wire_table t = { .kind = WIRE_FACTS,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.mono_ns = S,
				.columns = 1,
				.rows = FACTS_MAX + 1,
				.texts = 1,
				.cells = keys,
				.text = text };
	int i;

	for (i = 0; i <= FACTS_MAX; i++) {
		keys[i] = WIRE_FACT_ADDRESS;
		text[i] = (struct wire_text){ "192.0.2.1", 9 };
	}
	assert_int_equal(node_take(&nodes, node, &t), NODE_FULL);
	assert_int_equal(node->facts.count, FACTS_MAX);
}

static const struct samples_row *first_link(void)
{
	return node->more[WIRE_LINK]->rows[0];
}

static void interfaces_on_others(void **state)
{
	static const uint64_t keys[] = { 1, 2 };
	static const uint64_t stacked[] = { WIRE_FACT_STACKED,
					    WIRE_FACT_STACKED };
	const struct wire_text text[] = { { "eth0 bond0", 10 },
					  { "bond0 x eth1", 12 } };
	struct node_time now = { 8 * S, 4 * S };

	link_at(S, keys, 2, "");
	fact(S, stacked, text, 2);
	node_seen(&nodes, node, &now);
	assert_true(first_link()->stacked);
	assert_false(node->more[WIRE_LINK]->rows[1]->stacked);
}

/* Of each of them 100 ways lead on, 8 deep: nobody has time for that. */
static void interfaces_without_end(void **state)
{
	static const uint64_t keys[] = { 1 }, key = WIRE_FACT_STACKED;
	char text[WIRE_TEXT_MAX + 1] = "eth0";
	struct wire_text one = { text, 0 };
	struct node_time now = { 8 * S, 4 * S };

	link_at(S, keys, 1, "");
	while (one.size < 200)
		one.size = strlen(strcat(text, " a"));
	fact(S, &key, &one, 1);
	one = (struct wire_text){ text + 5, strlen(text + 5) };
	fact(S, &key, &one, 1);
	node_seen(&nodes, node, &now);
	assert_false(first_link()->stacked);
	assert_true(node->mark_after_ns > now.mono_ns);
}

static void shed(uint64_t failed, uint64_t queue)
{
	const struct wire_text texts[] = { { "one", 3 }, { "1.0", 3 } };
	uint64_t cells[WIRE_NODE_COLUMNS] = { 0 };

	cells[WIRE_NODE_SEND_FAILED] = failed;
	cells[WIRE_NODE_LOST_QUEUE] = queue;
	take(WIRE_NODE, 10 * S, WIRE_NODE_COLUMNS, 1, cells, WIRE_NODE_TEXTS,
	     texts);
}

static void come(uint64_t session, uint64_t sequence)
{
	struct wire_frame f = { .sequence = sequence,
				.sender.session = session };
	struct node_time now = { .real_ns = 7 * S, .mono_ns = 3 * S };

	memset(f.sender.node, 'a', WIRE_ID_SIZE);
	assert_int_equal(nodes_take(&nodes, &f, &now,
				    &(struct peer){ .text = "there" }, &node),
			 NODE_OK);
}

/* Since the last time, by cause. */
static void losses(void **state)
{
	int64_t lost[LOSS_CAUSES];

	shed(50, 7); /* before we met */
	assert_false(node_losses(node, lost));
	assert_int_equal(lost[LOSS_RECEIVED], 1);
	come(1, 2);
	assert_false(node_losses(node, lost));

	come(1, 5);
	shed(51, 7);
	assert_true(node_losses(node, lost));
	assert_int_equal(lost[LOSS_MISSING], 2);
	assert_int_equal(lost[LOSS_SEND_FAILED], 1);
	assert_int_equal(lost[LOSS_QUEUE], 0);
	assert_int_equal(lost[LOSS_RECEIVED], 1);

	/* A hole fills up after all. */
	come(1, 4);
	assert_true(node_losses(node, lost));
	assert_int_equal(lost[LOSS_MISSING], -1);

	/* The sender starts anew, so do its counts. */
	come(2, 1);
	shed(0, 3);
	assert_true(node_losses(node, lost));
	assert_int_equal(lost[LOSS_MISSING], 0);
	assert_int_equal(lost[LOSS_SEND_FAILED], 0);
	assert_int_equal(lost[LOSS_QUEUE], 3);
	assert_false(node_losses(node, lost));
}

/* A session's counts that pass those of the one before between two looks. */
static void losses_over_restarts(void **state)
{
	int64_t lost[LOSS_CAUSES];

	shed(0, 3);
	node_losses(node, lost);
	shed(2, 4);
	come(2, 1);
	shed(5, 7);
	assert_true(node_losses(node, lost));
	assert_int_equal(lost[LOSS_SEND_FAILED], 2 + 5);
	assert_int_equal(lost[LOSS_QUEUE], 1 + 7);

	/* What the clone that came between counted is told once. */
	shed(6, 7);
	come(3, 1);
	come(4, 1);
	shed(1, 0);
	assert_true(node_losses(node, lost));
	assert_int_equal(lost[LOSS_SEND_FAILED], 1 + 1);
	assert_int_equal(lost[LOSS_QUEUE], 0);
}

/* Within its first minute here. */
static void losses_of_a_new_node(void **state)
{
	int64_t lost[LOSS_CAUSES];

	shed(50, 7); /* perhaps before we met */
	come(2, 1);
	shed(3, 4);
	assert_true(node_losses(node, lost));
	assert_int_equal(lost[LOSS_SEND_FAILED], 3);
	assert_int_equal(lost[LOSS_QUEUE], 4);
}

static void first(uint64_t number, uint64_t untaken)
{
	const struct wire_text texts[] = { { "one", 3 }, { "1.0", 3 } };
	uint64_t cells[WIRE_NODE_COLUMNS] = { 0 };

	cells[WIRE_NODE_FIRST] = number;
	cells[WIRE_NODE_UNTAKEN] = untaken;
	take(WIRE_NODE, 10 * S, WIRE_NODE_COLUMNS, 1, cells, WIRE_NODE_TEXTS,
	     texts);
}

static void shed_before(uint64_t queue_before, uint64_t queue)
{
	const struct wire_text texts[] = { { "one", 3 }, { "1.0", 3 } };
	uint64_t cells[WIRE_NODE_COLUMNS] = { 0 };

	cells[WIRE_NODE_LOST_QUEUE] = queue;
	cells[WIRE_NODE_QUEUE_BEFORE] = queue_before;
	take(WIRE_NODE, 10 * S, WIRE_NODE_COLUMNS, 1, cells, WIRE_NODE_TEXTS,
	     texts);
}

/* A table of a later frame, or of an older shipper, says nothing of former sessions. */
static void shed_alone(uint64_t queue)
{
	const struct wire_text texts[] = { { "one", 3 }, { "1.0", 3 } };
	uint64_t cells[WIRE_NODE_FIRST] = { 0 };

	cells[WIRE_NODE_LOST_QUEUE] = queue;
	take(WIRE_NODE, 10 * S, WIRE_NODE_FIRST, 1, cells, WIRE_NODE_TEXTS,
	     texts);
}

static int64_t lost_by_queue(void)
{
	int64_t lost[LOSS_CAUSES];

	node_losses(node, lost);
	return lost[LOSS_QUEUE];
}

/* What a session lost after its last table that came, and sessions without any. */
static void shed_between_sessions(void **state)
{
	shed_before(40, 7); /* before we met */
	assert_int_equal(lost_by_queue(), 0);
	shed_before(40, 9);
	assert_int_equal(lost_by_queue(), 2);
	shed_alone(10);
	assert_int_equal(lost_by_queue(), 1);

	come(2, 1); /* the one before lost 20 in all; this one nothing yet */
	shed_before(60, 0);
	assert_int_equal(lost_by_queue(), 10);
	assert_int_equal(node->shed[0], 10);
	shed_alone(4);
	shed_before(60, 5);
	assert_int_equal(lost_by_queue(), 5);
	assert_int_equal(node->shed[0], 15);

	/* It comes with a later frame of a session. */
	come(3, 1);
	shed_alone(3);
	assert_int_equal(lost_by_queue(), 3);
	shed_before(100, 6);
	assert_int_equal(lost_by_queue(), 100 - 65 + 3);

	/* A session that did not say it; all that it counted is known. */
	come(4, 1);
	shed_alone(8);
	come(5, 1);
	shed_before(115, 0);
	assert_int_equal(lost_by_queue(), 8 + 1);

	/* A state that was lost. */
	come(6, 1);
	shed_before(0, 1);
	assert_int_equal(lost_by_queue(), 1);
	assert_int_equal(node->shed[0], 1);
	come(7, 1);
	shed_before(2, 0);
	assert_int_equal(lost_by_queue(), 1);
}

static void come_by_stream(uint64_t session, uint64_t sequence)
{
	struct wire_frame f = { .sequence = sequence,
				.sender.session = session };
	struct node_time now = { .real_ns = 7 * S, .mono_ns = 3 * S };

	memset(f.sender.node, 'a', WIRE_ID_SIZE);
	assert_int_equal(nodes_take_stored(&nodes, &f, &now,
					   &(struct peer){ .text = "there" },
					   &node),
			 NODE_OK);
}

/* The end of a session, and sessions of which nothing came. */
static void between_sessions(void **state)
{
	first(101, 0);
	assert_int_equal(node_lost(node), 0);
	come(1, 4); /* 101 to 104, of which two are missing */
	come(2, 2); /* 111: the session begins with 110 */
	assert_int_equal(node_lost(node), 3);
	first(110, 0);
	assert_int_equal(node_lost(node), 3 + 5);
	first(110, 0);
	assert_int_equal(node_lost(node), 3 + 5);

	/* One that did not say where it begins; one frame of 112 to 119 is its own. */
	come(3, 1);
	come(4, 2);
	first(120, 0);
	assert_int_equal(node_lost(node), 3 + 5 + 1 + 7);

	/* A shipper whose state was lost, and one that has none. */
	come(5, 1);
	first(1, 0);
	come(6, 1);
	first(0, 0);
	assert_int_equal(node_lost(node), 3 + 5 + 1 + 7);
	assert_int_equal(node->elsewhere, 0);

	/* Over TCP what nobody took is lost, the rest is elsewhere. */
	come_by_stream(7, 1);
	first(13, 4);
	assert_int_equal(node->elsewhere, 10 - 4);
	assert_int_equal(node_lost(node), 3 + 5 + 1 + 7 + 4);
	come_by_stream(8, 1);
	first(14, 9);
	assert_int_equal(node->elsewhere, 10 - 4);
	assert_int_equal(node_lost(node), 3 + 5 + 1 + 7 + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(losses_over_restarts, setup,
						teardown),
		cmocka_unit_test_setup_teardown(losses_of_a_new_node, setup,
						teardown),
		cmocka_unit_test_setup_teardown(between_sessions, setup,
						teardown),
		cmocka_unit_test_setup_teardown(shed_between_sessions, setup,
						teardown),
		cmocka_unit_test_setup_teardown(gauges_by_their_own_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(gauges_that_came_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_sent_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(counters_by_their_own_time,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_disk_that_comes_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_counter_that_falls, setup,
						teardown),
		cmocka_unit_test_setup_teardown(rows_that_could_not_be_read,
						setup, teardown),
		cmocka_unit_test_setup_teardown(rows_between_the_periods, setup,
						teardown),
		cmocka_unit_test_setup_teardown(tables_that_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(facts, setup, teardown),
		cmocka_unit_test_setup_teardown(losses, setup, teardown),
		cmocka_unit_test_setup_teardown(interfaces_on_others, setup,
						teardown),
		cmocka_unit_test_setup_teardown(interfaces_without_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(facts_without_end, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
