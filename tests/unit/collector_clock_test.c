// SPDX-License-Identifier: GPL-2.0-or-later
/* A node's clock beside ours, whether ours is to be trusted, and what of a node
 * outlives the collector.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/nodes_table.h"

#include "collector/nodes/judge.h"
#include "collector/state/state.h"

#define BASE (UINT64_C(1790000000) * S)
#define HOUR (3600 * S)

/* Samples of @from to @to s, by a clock @ahead_s off; each was on its way for
 * @way_ns. Our monotonic clock is 5 s ahead of the node's.
 */
static void run(struct clock *c, uint64_t from, uint64_t to, int64_t ahead_s,
		uint64_t way_ns)
{
	for (; from <= to; from++) {
		struct node_time now = { BASE + from * S + way_ns,
					 (from + 5) * S + way_ns };

		clock_take(c, BASE + from * S + (uint64_t)ahead_s * S, from * S,
			   &now);
	}
}

static void assert_offset(const struct clock *c, double expected)
{
	assert_true(clock_known(c));
	assert_true(fabs(clock_offset_s(c) - expected) < 0.05);
}

static void offsets(void **state)
{
	struct clock c = { 0 };

	run(&c, 1, 2, 7, S / 1000);
	assert_false(clock_known(&c));
	run(&c, 3, 9, 7, S / 1000);
	assert_offset(&c, 7);
	run(&c, 10, 20, 7, 20 * S); /* out of a queue */
	assert_offset(&c, 7);
	run(&c, 21, 25, -3, S / 1000); /* it was set */
	assert_offset(&c, -3);
	run(&c, 26, 99, -3, 2 * S); /* a longer way, for good */
	run(&c, 100, 103, -3, 2 * S);
	assert_offset(&c, -5);
}

/* A history that was written to a while ago proves the clock, in either direction. */
static void a_history_proves_the_clock(void **state)
{
	const struct node_time now = { BASE, 5 * S };
	static const int64_t far[] = { CLOCK_FAR_NS, -CLOCK_FAR_NS };
	struct judge j;
	size_t i;

	judge_begin(&j, 0, &now);
	assert_string_equal(judge_name(&j), "good");
	for (i = 0; i < 2; i++) {
		judge_begin(&j, BASE + (uint64_t)far[i], &now);
		assert_string_equal(judge_name(&j), "good");
		judge_begin(&j, BASE + (uint64_t)(far[i] + (i ? -1 : 1)), &now);
		assert_string_equal(judge_name(&j), "unproven");
	}
}

/* What comes out of a queue first does not look like a wrong clock for long. */
static void queued(void **state)
{
	struct clock c = { 0 };

	run(&c, 1, 1, 0, 99 * S);
	run(&c, 2, 2, 0, 60 * S);
	run(&c, 3, 3, 0, 30 * S);
	assert_false(clock_known(&c));
	run(&c, 4, 8, 0, S / 1000);
	assert_offset(&c, 0);
}

static struct judge judge;

/* The node's and another one's clocks; then what is said of ours, 1 s later. */
static unsigned int judged(uint64_t at_s, int64_t ours_s, int64_t a, int64_t b)
{
	struct node_time now = { BASE + (at_s + (uint64_t)ours_s) * S,
				 at_s * S };
	struct wire_frame f = { .sequence = at_s, .sender.session = 1 };
	struct node *other;

	memset(f.sender.node, 'b', WIRE_ID_SIZE);
	nodes_take(&nodes, &f, &now, &(struct peer){ .text = "there" }, &other);
	node_seen(&nodes, other, &now);
	node_seen(&nodes, node, &now);
	judge_tick(&judge, &nodes, &now); /* was it set? */
	now.mono_ns += S;
	now.real_ns += S;
	node->clock = (struct clock){ 9, a * (int64_t)S, 0, 1, now.mono_ns };
	other->clock = (struct clock){ 9, b * (int64_t)S, 0, 1, now.mono_ns };
	nodes_age(&nodes, now.mono_ns);
	judge_tick(&judge, &nodes, &now);
	assert_int_equal(judge_trusts(&judge, &now),
			 judge.verdict == JUDGE_GOOD);
	now.real_ns += 40 * 24 * HOUR; /* set before anybody looked */
	assert_false(judge_trusts(&judge, &now));
	return judge.verdict;
}

static void verdicts(void **state)
{
	struct node_time now = { BASE + 10 * S, 10 * S };
	int64_t far = 40 * 86400;

	judge_begin(&judge, 0, &now);
	assert_int_equal(judge.verdict, JUDGE_GOOD);
	assert_int_equal(judged(11, 0, 0, 0), JUDGE_GOOD);
	assert_int_equal(judged(13, 0, 0, far), JUDGE_GOOD);
	assert_int_equal(judged(15, 0, -5, -5), JUDGE_WRONG);
	assert_int_equal(judged(17, 0, 0, 0), JUDGE_GOOD);
	assert_int_equal(judged(19, far, -far, -far), JUDGE_WRONG);
	assert_int_equal(judged(21, 0, 0, 0), JUDGE_GOOD);

	/* A start long after the newest sample that is stored. */
	judge_begin(&judge, BASE - 2 * HOUR, &now);
	assert_int_equal(judge.verdict, JUDGE_UNPROVEN);
	assert_int_equal(judged(23, 0, 0, 0), JUDGE_GOOD);
	judge_begin(&judge, BASE - HOUR / 2, &now);
	assert_int_equal(judge.verdict, JUDGE_GOOD);
}

/* A clock that goes to and fro is told of once a minute. */
static void told_now_and_then(void **state)
{
	struct node_time now = { BASE + 30 * S, 30 * S };

	judge_begin(&judge, 0, &now);
	node->clock_told = false;
	node->clock_told_ns = 0;
	assert_int_equal(judged(31, 0, -5, 0), JUDGE_GOOD);
	assert_true(node->clock_told);
	assert_int_equal(judged(33, 0, 0, 0), JUDGE_GOOD);
	assert_true(node->clock_told);
	assert_int_equal(judged(95, 0, 0, 0), JUDGE_GOOD);
	assert_false(node->clock_told);
	assert_int_equal(judged(97, 0, -5, 0), JUDGE_GOOD);
	assert_false(node->clock_told);
}

/* Accounts and values come back as they were, in another table of nodes. */
static void recalled(void **state)
{
	static struct nodes again;
	uint64_t cells[2 * WIRE_IRQ_COLUMNS] = { 3, 1000, 7, 50 };
	const struct wire_text names[] = { { "eth0", 4 }, { "nvme", 4 } };
	const struct node_time later = { 9999 * S, 77 * S };
	uint8_t account[STATE_ACCOUNT_MAX];
	struct buffer values = { 0 };
	const struct samples *was, *is;
	struct node *back;
	size_t size;

	take(WIRE_IRQ, 10 * S, WIRE_IRQ_COLUMNS, 2, cells, 1, names);
	cells[1] = 1600;
	take(WIRE_IRQ, 12 * S, WIRE_IRQ_COLUMNS, 2, cells, 1, names);
	node->elsewhere = UINT64_MAX;
	strcpy(node->moved_to, "c2");
	node->first = 7;
	node->untaken = 3;
	node->shed_before[3] = 12;
	node->shed_known = NODE_SHED_TOLD;
	size = state_account(node, account);
	assert_int_equal(state_values(node, &values), 0);

	assert_int_equal(nodes_init(&again, 0), 0);
	back = state_restore(&again, node->id, account, size, &later);
	assert_non_null(back);
	state_restore_values(&again, back, values.data, values.used);
	assert_int_equal(node_state(back, 77 * S), NODE_MOVED);
	assert_int_equal(back->first, 7);
	assert_int_equal(back->untaken, 3);
	assert_int_equal(back->shed_before[3], 12);
	assert_int_equal(back->shed_known, NODE_SHED_TOLD);
	assert_int_equal(node_age_ns(back, 78 * S), (9999 - 7 + 1) * S);
	assert_int_equal(back->received, node->received);
	assert_true(back->elsewhere == UINT64_MAX);
	assert_string_equal(back->moved_to, "c2");
	was = node_samples(node, WIRE_IRQ);
	is = node_samples(back, WIRE_IRQ);
	assert_int_equal(is->count, 2);
	assert_string_equal(samples_text(is->rows[1], 0), "nvme");
	assert_true(samples_rate(was, was->rows[0], WIRE_IRQ_COUNT) == 300);
	assert_true(samples_rate(is, is->rows[0], WIRE_IRQ_COUNT) == 300);

	/* What is cut, or another version's, is none, or less. */
	assert_null(state_restore(&again, node->id, account, 9, &later));
	assert_non_null(state_restore(&again, node->id, account, 60, &later));
	state_restore_values(&again, back, values.data, values.used / 2);
	buffer_free(&values);
	nodes_exit(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_history_proves_the_clock),
		cmocka_unit_test(offsets),
		cmocka_unit_test(queued),
		cmocka_unit_test_setup_teardown(verdicts, setup, teardown),
		cmocka_unit_test_setup_teardown(told_now_and_then, setup,
						teardown),
		cmocka_unit_test_setup_teardown(recalled, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
