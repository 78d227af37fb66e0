// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules: what is read of them, when they hold, and when that is over. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/rules_table.h"

/* What ktach comes with can be read, and says why each is there. */
static void default_rules(void **state)
{
	struct rules rules;
	size_t i;

	assert_int_equal(rules_load(&rules, "/nonexistent", false, problem,
				    sizeof(problem)),
			 0);
	assert_true(rules.count > 20);
	for (i = 0; i < rules.count; i++) {
		assert_non_null(rules.all[i].why);
		assert_non_null(rules.all[i].look);
		assert_true(rules.all[i].weight > 0);
	}
	rules_free(&rules);
	assert_int_equal(rules_load(&rules, "/nonexistent", true, problem,
				    sizeof(problem)),
			 -ENOENT);
	assert_string_equal(problem, "/nonexistent: No such file or directory");
}

#define TEN "abcdefghij"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void wrong_lines(void **state)
{
	static const char *const wrong[][2] = {
		{ "metric = load_1min\n", ":1: metric: expected [NAME" },
		{ "[a]\nmetric = no.such\n",
		  ":2: metric: 'no.such': expected" },
		{ "[a]\nmetrik = load_1min\n", ":2: metrik: no such key" },
		{ "[a]\nmetric = load_1min\nmetric = load_5min\n",
		  ":3: metric: it stands twice" },
		{ "[a]\nmetric = load_1min\ntext = x\n",
		  "[a]: above or below is missing" },
		{ "[a]\nmetric = load_1min\nabove = 1\n",
		  "[a]: text is missing" },
		{ "[a]\nmetric = load_1min\nabove = 1\nbelow = 1\n",
		  ":4: below: one of above and below" },
		{ "[a]\nmetric = load_1min\nabove = 5 %\ntext = x\n",
		  "above: '5 %': expected a number" },
		{ "[a]\nmetric = load_1min\nabove = 2 x no.such\ntext = x\n",
		  "above: '2 x no.such': expected" },
		{ "[a]\nmetric = load_1min\nabove = nan\ntext = x\n",
		  "above: 'nan': expected" },
		{ "[a]\nmetric = load_1min\nrows = x\nabove = 1\ntext = x\n",
		  "it has no rows" },
		{ "[a]\nabove = 1\ntext = x\n", "metric or silent is missing" },
		{ "[a]\nsilent = 5s\nfor = 5s\ntext = x\n",
		  "silent stands without" },
		{ "[a]\nsilent = soon\n",
		  ":2: silent: 'soon': expected a dur" },
		{ "[a]\nmetric = mount.used\nwithin = 4h\nabove = 1\ntext = x\n",
		  "within or per, and window: both" },
		{ "[a]\nmetric = mount.used\nonly = link.up\nabove = 1\n"
		  "text = x\n",
		  "not of the metric's rows" },
		{ "[a]\nseverity = bad\n", ":2: severity: 'bad': expected" },
		{ "[a]\nonce-good = true\n",
		  ":2: once-good: 'true': expected" },
		{ "[a]\nweight = 101\n", ":2: weight: '101': expected" },
		{ "[a]\nsilent = 5s\ntext = x\n[b]\nsilent = 5s\ntext = x\n"
		  "[a]\nsilent = 6s\n",
		  ":8: [a]: there is one of this name at" },
		{ "[a]\nabsent = 5s\nsilent = 5s\ntext = x\n",
		  "one of silent and absent" },
		{ "[a]\nmetric = load_1min\nabsent = 5s\nabove = 1\ntext = x\n",
		  "absent stands without" },
		{ "[a]\nmetric = load_1min\nper = 5s\nwithin = 5s\n"
		  "window = 5s\nabove = 1\ntext = x\n",
		  "one of within and per" },
		{ "[a]\nshare = 100 %\n", ":2: share: '100 %': expected" },
		{ "[a\n", ":1: expected 'key = value'" },
		{ "# " HUNDRED HUNDRED "\n[a]\ntext = " HUNDRED HUNDRED
		  "\nx = 1\n",
		  ":3: the line is too long" },
		{ "[a]\nx = 1\ntext = " HUNDRED HUNDRED "\n",
		  ":2: x: no such key" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (read_rules(wrong[i][0], 0) != -EINVAL)
			fail_msg("'%s' is taken", wrong[i][0]);
		if (!strstr(problem, wrong[i][1]))
			fail_msg("'%s' says '%s', not '%s'", wrong[i][0],
				 problem, wrong[i][1]);
	}
}

static void texts_go_on(void **state)
{
	const struct rule *r;

	assert_int_equal(read_rules("[a]\nsilent = 5s\ntext = one\n  two\n"
				    "why = because\nweight = 7\n",
				    0),
			 0);
	r = &warden.rules.all[0];
	assert_string_equal(r->text, "one two");
	assert_string_equal(r->why, "because");
	assert_int_equal(r->weight, 7);
	assert_int_equal(r->severity, SEVERITY_WARNING);
}

/* For as long as it asks; until it is back by the margin. */
static void holds_for_a_time(void **state)
{
	struct health h;

	assert_int_equal(read_rules("[load]\nmetric = load_1min\nabove = 2\n"
				    "margin = 0.5\nfor = 10s\n"
				    "severity = critical\nweight = 30\n"
				    "text = load {value} over {limit} on {node}"
				    " {such}\n",
				    0),
			 0);
	gauge(100 * S, WIRE_LOAD_1MIN, 201);
	gauge(109 * S, WIRE_LOAD_1MIN, 201);
	assert_null(firing("load", ""));
	assert_int_equal(warden_health(node).state, HEALTH_OK);
	gauge(110 * S, WIRE_LOAD_1MIN, 199); /* not all of the time */
	gauge(111 * S, WIRE_LOAD_1MIN, 300);
	gauge(120 * S, WIRE_LOAD_1MIN, 300);
	assert_null(firing("load", ""));
	gauge(121 * S, WIRE_LOAD_1MIN, 300);
	assert_non_null(firing("load", ""));
	gauge(122 * S, WIRE_LOAD_1MIN, 160); /* within the margin */
	h = warden_health(node);
	assert_int_equal(h.state, HEALTH_CRITICAL);
	assert_int_equal(h.score, 70);
	assert_int_equal(h.alarms, 1);
	assert_int_equal(warden.past_count, 0);
	gauge(123 * S, WIRE_LOAD_1MIN, 149);
	assert_null(node->alarms.first);
	assert_int_equal(warden.past_count, 1);
	assert_string_equal(warden.past[0].rule, "load");
	assert_int_equal(warden.past[0].fired_ns, 1121 * S);
	assert_int_equal(warden.past[0].cleared_ns, 1123 * S);
	assert_int_equal(warden_health(node).score, 100);
}

static void says_its_values(void **state)
{
	assert_int_equal(
		read_rules("[load]\nmetric = load_1min\nabove = 2\n"
			   "text = {value} over {limit} on {node}, "
			   "{such} {\n"
			   "[memory]\nmetric = memory_free_bytes\n"
			   "below = 2 GiB\ntext = {value} of {limit}\n",
			   0),
		0);
	strcpy(node->name, "db3");
	gauge(100 * S, WIRE_LOAD_1MIN, 201);
	assert_said("load", "", "2.01 over 2 on db3, {such} {");
	gauge(100 * S, WIRE_MEMORY_FREE_BYTES, 1536 << 20);
	assert_said("memory", "", "1.5 GiB of 2.0 GiB");
}

/* A rate is over as soon as it is seen. */
static void kept_for_a_time(void **state)
{
	assert_int_equal(read_rules("[load]\nmetric = load_1min\nabove = 2\n"
				    "keep = 1m\ntext = x\n",
				    0),
			 0);
	gauge(100 * S, WIRE_LOAD_1MIN, 300);
	gauge(101 * S, WIRE_LOAD_1MIN, 0);
	gauge(159 * S, WIRE_LOAD_1MIN, 0);
	assert_non_null(firing("load", ""));
	gauge(160 * S, WIRE_LOAD_1MIN, 0);
	assert_null(firing("load", ""));
}

/* What was never good is none of its business, until it was. */
static void only_once_good(void **state)
{
	assert_int_equal(read_rules("[load]\nmetric = load_1min\nbelow = 1\n"
				    "once-good = yes\ntext = x\n",
				    0),
			 0);
	gauge(100 * S, WIRE_LOAD_1MIN, 0);
	gauge(101 * S, WIRE_LOAD_1MIN, 0);
	assert_null(firing("load", ""));
	gauge(102 * S, WIRE_LOAD_1MIN, 120);
	assert_null(firing("load", ""));
	gauge(103 * S, WIRE_LOAD_1MIN, 0);
	assert_non_null(firing("load", ""));
	gauge(104 * S, WIRE_LOAD_1MIN, 120);
	assert_null(firing("load", ""));
	assert_int_equal(warden.past_count, 1);
	gauge(105 * S, WIRE_LOAD_1MIN, 0);
	assert_non_null(firing("load", ""));
}

/* Lines of the log while a node's value comes and goes each 10 ms. */
static unsigned int flap(uint64_t from_ns, unsigned int times)
{
	FILE *log = tmpfile();
	int kept = dup(STDERR_FILENO), c;
	unsigned int i, lines = 0;

	assert_non_null(log);
	dup2(fileno(log), STDERR_FILENO);
	for (i = 0; i < times; i++)
		gauge(from_ns + i * S / 100, WIRE_LOAD_1MIN, i % 2 ? 0 : 300);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(log);
	while ((c = getc(log)) != EOF)
		lines += c == '\n';
	fclose(log);
	return lines;
}

/* One node neither fills the log nor pushes out what others' alarms were. */
static void flaps(void **state)
{
	assert_int_equal(read_rules("[load]\nmetric = load_1min\nabove = 2\n"
				    "text = x\n",
				    0),
			 0);
	assert_int_equal(flap(100 * S, 2000), 10);
	assert_int_equal(warden.past_count, 100);
	assert_int_equal(flap(161 * S, 2000), 1);
	assert_int_equal(warden.past_count, 101);
	/* After a while without it is as before. */
	assert_int_equal(flap(10000 * S, 4), 4);
	assert_int_equal(warden.past_count, 103);
}

static void other_metrics(void **state)
{
	assert_int_equal(
		read_rules("[a]\nmetric = swap.used_bytes\n"
			   "above = 0.5 x swap_total_bytes\ntext = x\n",
			   0),
		0);
	gauge(100 * S, WIRE_SWAP_TOTAL_BYTES, 1000);
	gauge(100 * S, WIRE_SWAP_FREE_BYTES, 510);
	assert_null(firing("a", ""));
	gauge(101 * S, WIRE_SWAP_FREE_BYTES, 490);
	assert_non_null(firing("a", ""));
}

/* Who sends rows without end is looked at less often, and not for ever. */
static void many_rows(void **state)
{
	const uint64_t full[] = { 960, 960, 960, 960 };
	const uint64_t less[] = { 500, 500, 500, 500 };
	unsigned int i;

	assert_int_equal(
		read_rules("[full]\nmetric = mount.used\nabove = 95 %\n"
			   "text = {row}\n",
			   0),
		0);
	mounts(100 * S, "/a/b/c/d", full, NULL, 4);
	assert_non_null(firing("full", "/d"));
	for (i = 0; i < 30000; i++)
		look(WIRE_MOUNT, 100 * S);
	mounts(100 * S + 1, "/a/b/c/d", less, NULL, 4);
	assert_non_null(firing("full", "/d"));
	look(WIRE_MOUNT, 101 * S);
	assert_null(firing("full", "/d"));
}

/* Each for itself, by name and flag; what is gone is over. */
static void rows(void **state)
{
	const uint64_t used[] = { 960, 500, 1000, 1000 };
	const uint64_t flags[] = { 0, 0, WIRE_MOUNT_READ_ONLY, 0 };
	const uint64_t less[] = { 900, 970 };

	assert_int_equal(
		read_rules("[full]\nmetric = mount.used\nabove = 95 %\n"
			   "not-rows = /x\nunless = mount.read_only\n"
			   "text = {row} is {value} full\n",
			   0),
		0);
	mounts(100 * S, "/a/b/c/x", used, flags, 4);
	assert_said("full", "/a", "/a is 96.0 % full");
	assert_null(firing("full", "/b"));
	assert_null(firing("full", "/c"));
	assert_null(firing("full", "/x"));
	mounts(101 * S, "/a/b", less, NULL, 2);
	assert_null(firing("full", "/a"));
	assert_non_null(firing("full", "/b"));
	mounts(102 * S, "/a", less, NULL, 1);
	mounts(103 * S, "/a", less, NULL, 1);
	assert_null(firing("full", "/b"));
	assert_int_equal(warden.past_count, 2);
}

/* Flags are metrics here. */
static void flags(void **state)
{
	const uint64_t used[] = { 1, 1 };
	const uint64_t hung[] = { WIRE_MOUNT_HUNG, 0 };

	assert_int_equal(read_rules("[hung]\nmetric = mount.hung\nabove = 0\n"
				    "text = {row}\n",
				    0),
			 0);
	mounts(100 * S, "/a/b", used, hung, 2);
	assert_non_null(firing("hung", "/a"));
	assert_null(firing("hung", "/b"));
}

/* 0.5 % more a minute is full in 100 minutes; but only once that was seen for a while. */
static void looks_ahead(void **state)
{
	const uint64_t still[] = { 500 };
	uint64_t t, used[1];

	assert_int_equal(read_rules("[fills]\nmetric = mount.used\n"
				    "above = 100 %\nwithin = 2h\nwindow = 30m\n"
				    "text = {row} {value}\n",
				    0),
			 0);
	for (t = 0; t < 14; t++) {
		used[0] = 500 + 5 * t;
		mounts((100 + 60 * t) * S, "/a", used, NULL, 1);
		assert_null(firing("fills", "/a"));
	}
	for (; t < 20; t++) {
		used[0] = 500 + 5 * t;
		mounts((100 + 60 * t) * S, "/a", used, NULL, 1);
	}
	assert_said("fills", "/a", "/a 59.5 %");
	for (; t < 200; t++)
		mounts((100 + 60 * t) * S, "/a", still, NULL, 1);
	assert_null(firing("fills", "/a"));
}

/* By the collector's clock; not one that said that it ends. */
static void silence(void **state)
{
	struct node_time now = { 2000 * S, 20 * S };

	assert_int_equal(
		read_rules("[silent]\nsilent = 30s\ntext = {value}\n", 0), 0);
	warden_tick(&warden, &nodes, &now);
	assert_null(firing("silent", ""));
	now.mono_ns = 63 * S;
	warden_tick(&warden, &nodes, &now);
	assert_said("silent", "", "43 s"); /* that we listened */
	assert_int_equal(warden_health(node).state, HEALTH_CRITICAL - 1);
	/* One that has never told anything is silent since it came, at 3 s. */
	node->last_seen.mono_ns = 0;
	warden.began_ns = S;
	now.mono_ns = 33 * S;
	warden_tick(&warden, &nodes, &now);
	assert_null(firing("silent", ""));
	now.mono_ns = 34 * S;
	warden_tick(&warden, &nodes, &now);
	assert_said("silent", "", "31 s");
	node->ended = 1;
	warden_tick(&warden, &nodes, &now);
	assert_null(firing("silent", ""));
}

/* An alarm goes on with a rule that is changed in what it says, and in nothing else. */
static void other_rules(void **state)
{
	static const char first[] = "[a]\nmetric = load_1min\nabove = 2\n"
				    "text = one\n"
				    "[b]\nmetric = load_1min\nabove = 2\n"
				    "text = b\n";

	assert_int_equal(read_rules(first, 0), 0);
	gauge(100 * S, WIRE_LOAD_1MIN, 300);
	assert_non_null(firing("b", ""));
	assert_int_equal(read_rules("[a]\nmetric = load_1min\nabove = 1\n"
				    "text = another\n",
				    110 * S),
			 0);
	assert_said("a", "", "another");
	assert_int_equal(firing("a", "")->fired_ns, 1100 * S);
	assert_null(firing("b", ""));
	assert_int_equal(read_rules("[a]\nmetric = load_5min\nabove = 1\n"
				    "text = another\n",
				    120 * S),
			 0);
	assert_null(node->alarms.first);
	assert_int_equal(warden.past_count, 2);
	/* One that can't be read changes nothing. */
	assert_int_equal(read_rules("[a]\n[b]\nx = y\n", 120 * S), -EINVAL);
	assert_int_equal(warden.rules.count, 1);
}

/* A value that comes no more is over in the end. */
static void not_known(void **state)
{
	uint64_t t;

	assert_int_equal(
		read_rules("[a]\nmetric = load_1min\nabove = 2\ntext = x\n", 0),
		0);
	for (t = 100; t < 105; t++)
		gauge(t * S, WIRE_LOAD_1MIN, 300);
	for (; t < 400; t++)
		gauge(t * S, WIRE_THREADS, 3);
	assert_non_null(firing("a", ""));
	for (; t < 420; t++)
		gauge(t * S, WIRE_THREADS, 3);
	assert_null(firing("a", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_rules),
		cmocka_unit_test_setup_teardown(wrong_lines, begin, end),
		cmocka_unit_test_setup_teardown(texts_go_on, begin, end),
		cmocka_unit_test_setup_teardown(holds_for_a_time, begin, end),
		cmocka_unit_test_setup_teardown(says_its_values, begin, end),
		cmocka_unit_test_setup_teardown(kept_for_a_time, begin, end),
		cmocka_unit_test_setup_teardown(only_once_good, begin, end),
		cmocka_unit_test_setup_teardown(flaps, begin, end),
		cmocka_unit_test_setup_teardown(other_metrics, begin, end),
		cmocka_unit_test_setup_teardown(rows, begin, end),
		cmocka_unit_test_setup_teardown(many_rows, begin, end),
		cmocka_unit_test_setup_teardown(flags, begin, end),
		cmocka_unit_test_setup_teardown(looks_ahead, begin, end),
		cmocka_unit_test_setup_teardown(silence, begin, end),
		cmocka_unit_test_setup_teardown(other_rules, begin, end),
		cmocka_unit_test_setup_teardown(not_known, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
