// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is sampled and when, of a /proc of the test's own; and what a shipper says of
 * itself in the first table of its frames.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "host/collector.h"
#include "lib/base/clock.h"
#include "lib/base/options.h"
#include "shipper/packets/complaints.h"
#include "shipper/self.h"
#include "shipper/sources.h"
#include "tests/unit/said.h"
#include "tests/unit/sending.h"

#define MS UINT64_C(1000000)
#define HOUR (3600000 * MS)

enum {
	KEYS = 4096, /* of values, at most */
};

static char folder[64];
static struct sources sources;
static struct config config;
static unsigned int begun;
static uint64_t values[KEYS];
static unsigned int tables[OUTPUT_KINDS];
static uint64_t node[WIRE_NODE_COLUMNS];
static uint32_t node_columns;
static char node_name[64], leaves_for[64];

static void count_begin(void *owner)
{
	assert_ptr_equal(owner, &begun);
	begun++;
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static unsigned int number_of(const char *name)
{
	unsigned int i = 0;

	while (strcmp(source_collector(i)->name, name))
		i++;
	return i;
}

static void turn_on(const char *name, uint64_t interval_ns)
{
	struct source_setting *s = &config.sources[number_of(name)];

	s->on = interval_ns;
	s->interval_ns = interval_ns ? interval_ns : HOUR;
}

static void ready(void *carrier)
{
}

static int setup(void **state)
{
	unsigned int i;

	if (sending_begin() || !scratch_folder(folder))
		return -1;
	log_init("test", LOG_INFO);
	said_begin();
	output.ready = ready;
	begun = 0;
	memset(&config, 0, sizeof(config));
	memset(&sources, 0, sizeof(sources));
	host_options_preset(&config.host);
	config.host.proc = folder;
	config.interval_ns = 10 * MS;
	for (i = 0; i < source_count(); i++)
		config.sources[i].interval_ns = HOUR;
	sources.begin = count_begin;
	sources.owner = &begun;
	write_file("loadavg", "1.50 2.50 3.50 2/345 6789\n");
	write_file("meminfo", "MemTotal: 4000 kB\nMemFree: 1000 kB\n");
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	sources_close(&sources);
	said_end();
	sending_end();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void take_table(const struct wire_table *t)
{
	uint32_t i;

	tables[t->kind]++;
	for (i = 0; i < t->rows; i++) {
		const uint64_t *row = t->cells + (size_t)i * t->columns;

		if (t->kind == WIRE_GAUGES || t->kind == WIRE_COUNTERS)
			values[row[WIRE_VALUE_KEY]] = row[WIRE_VALUE];
		else if (t->kind == WIRE_FACTS && row[0] == WIRE_FACT_LEAVES)
			snprintf(leaves_for, sizeof(leaves_for), "%.*s",
				 (int)t->text[i].size, t->text[i].data);
	}
	if (t->kind != WIRE_NODE)
		return;
	node_columns = t->columns;
	memcpy(node, t->cells, t->columns * sizeof(*node));
	snprintf(node_name, sizeof(node_name), "%.*s",
		 (int)t->text[WIRE_NODE_NAME].size,
		 t->text[WIRE_NODE_NAME].data);
}

/* What frames have that were written since. */
static void arrive(void)
{
	static uint64_t cells[WIRE_CELLS_MAX];
	static struct wire_text text[WIRE_FRAME_MAX];
	static struct wire_stamp stamps[WIRE_SAMPLES_MAX];
	struct wire_room room = { cells, WIRE_CELLS_MAX, text, WIRE_FRAME_MAX,
				  stamps };
	struct queue_frame *frame;
	struct wire_frame f;
	struct wire_table t;

	memset(values, 0xff, sizeof(values));
	memset(tables, 0, sizeof(tables));
	memset(node, 0, sizeof(node));
	leaves_for[0] = '\0';
	output_flush(&output);
	while ((frame = queue_next(&queue))) {
		assert_int_equal(wire_open(&f, frame->data, frame->size),
				 WIRE_OK);
		while (wire_next(&f, &t, &room) == 1)
			take_table(&t);
		queue_take(&queue);
		frame->done = true;
		output_trim(&output);
	}
}

static void open_sources(void)
{
	assert_int_equal(sources_open(&sources, &config, &loop, &output), 0);
}

static uint64_t due_of(const char *name)
{
	return sources.source[number_of(name)].due_ns;
}

/* Between two moments; at a multiple of @interval_ns. */
static void assert_due(const char *name, uint64_t before_ns,
		       uint64_t interval_ns)
{
	uint64_t due_ns = due_of(name);

	assert_int_equal(due_ns % interval_ns, 0);
	assert_true(due_ns > before_ns);
	assert_true(due_ns <= clock_mono_ns() + interval_ns);
}

static void each_has_its_interval(void **state)
{
	uint64_t now_ns = clock_mono_ns(), due_ns;

	turn_on("load", 40 * MS);
	turn_on("memory", HOUR);
	open_sources();
	/* All of them with the first tick. */
	assert_due("load", now_ns, 10 * MS);
	assert_due("memory", now_ns, 10 * MS);
	assert_false(sources.source[number_of("disk")].open);
	due_ns = sources_due_ns(&sources);
	sources_collect(&sources, due_ns - 1);
	assert_int_equal(begun, 0);
	now_ns = clock_mono_ns();
	sources_collect(&sources, UINT64_MAX);
	assert_int_equal(begun, 1);
	assert_due("load", now_ns, 40 * MS);
	assert_due("memory", now_ns, HOUR);
	assert_int_equal(sources_due_ns(&sources), due_of("load"));
	arrive();
	assert_int_equal(values[WIRE_LOAD_1MIN], 150);
	assert_int_equal(values[WIRE_MEMORY_TOTAL_BYTES], 4000 * 1024);
	/* Intervals of their own: a table each. */
	assert_int_equal(tables[WIRE_GAUGES], 2);
	sources_collect(&sources, due_of("load"));
	assert_int_equal(begun, 2);
	arrive();
	assert_int_equal(values[WIRE_LOAD_1MIN], 150);
	assert_true(values[WIRE_MEMORY_TOTAL_BYTES] == UINT64_MAX);
}

/* Now and SOURCES_REPEATS times more; then as ever. */
static void what_is_repeated_comes_soon(void **state)
{
	uint64_t now_ns;
	int i;

	turn_on("load", HOUR);
	turn_on("memory", 40 * MS);
	open_sources();
	sources_collect(&sources, UINT64_MAX);
	now_ns = clock_mono_ns();
	sources_repeat(&sources);
	assert_due("load", now_ns, SOURCES_REPEAT_NS);
	assert_due("memory", now_ns - 40 * MS, 40 * MS);
	for (i = 0; i < SOURCES_REPEATS; i++) {
		now_ns = clock_mono_ns();
		sources_collect(&sources, UINT64_MAX);
		assert_due("load", now_ns, SOURCES_REPEAT_NS);
	}
	now_ns = clock_mono_ns();
	sources_collect(&sources, UINT64_MAX);
	assert_due("load", now_ns, HOUR);
}

static void another_configuration_is_taken_over(void **state)
{
	uint64_t now_ns;

	turn_on("load", HOUR);
	open_sources();
	sources_collect(&sources, UINT64_MAX);
	arrive();
	turn_on("load", 0);
	turn_on("memory", HOUR);
	now_ns = clock_mono_ns();
	sources_change(&sources, &config);
	assert_false(sources.source[number_of("load")].open);
	assert_due("memory", now_ns, 10 * MS);
	sources_collect(&sources, UINT64_MAX);
	arrive();
	assert_true(values[WIRE_LOAD_1MIN] == UINT64_MAX);
	assert_int_equal(values[WIRE_MEMORY_TOTAL_BYTES], 4000 * 1024);
	/* Another interval holds from its next multiple on. */
	turn_on("memory", 30 * MS);
	now_ns = clock_mono_ns();
	sources_change(&sources, &config);
	assert_due("memory", now_ns, 30 * MS);
}

static void where_there_is_no_proc_nothing_starts(void **state)
{
	config.host.proc = "/nowhere/proc";
	turn_on("load", HOUR);
	assert_int_equal(sources_open(&sources, &config, &loop, &output),
			 -ENOENT);
	assert_true(said("cannot read /nowhere/proc: No such file"));
}

static void nothing_is_due_where_nothing_is_on(void **state)
{
	open_sources();
	assert_true(sources_due_ns(&sources) == UINT64_MAX);
}

static void any_of_them_is_due(void **state)
{
	unsigned int i;

	open_sources();
	for (i = 0; i < source_count(); i++) {
		sources.source[i].open = true;
		sources.source[i].due_ns = 5;
		assert_int_equal(sources_due_ns(&sources), 5);
		sources.source[i].open = false;
	}
}

/* Two options each, by name. */
static void each_has_its_options(void **state)
{
	struct option_list list = { 0 };
	struct source_setting settings[SOURCES_MAX];
	unsigned int i;
	char name[64];

	source_specs(settings, &list);
	assert_int_equal(list.count, 2 * source_count());
	for (i = 0; i < source_count(); i++) {
		snprintf(name, sizeof(name), "%s-interval",
			 source_collector(i)->name);
		assert_string_equal(list.specs[2 * i].name, name);
		assert_ptr_equal(list.specs[2 * i].value,
				 &settings[i].given_ns);
		snprintf(name, sizeof(name), "%s-enabled",
			 source_collector(i)->name);
		assert_string_equal(list.specs[2 * i + 1].name, name);
		assert_ptr_equal(list.specs[2 * i + 1].value,
				 &settings[i].enabled);
	}
	option_list_free(&list);
}

/* No more often than their own default, unless that was asked for. */
static void intervals_are_settled(void **state)
{
	struct source_setting settings[SOURCES_MAX];
	unsigned int load = number_of("load"), facts = number_of("facts"), i;
	unsigned int net = source_count() - 1;

	source_preset(settings);
	for (i = 0; i < source_count(); i++)
		assert_int_equal(settings[i].enabled,
				 source_collector(i)->enabled);
	settings[load].given_ns = 3 * MS;
	assert_int_equal(source_settle(settings, 20 * MS, true), 3 * MS);
	assert_int_equal(settings[load].interval_ns, 3 * MS);
	assert_int_equal(settings[facts].interval_ns,
			 source_collector(facts)->interval_ns);
	assert_int_equal(settings[net].interval_ns, 20 * MS);
	assert_true(settings[net].on);
	settings[load].enabled = false;
	assert_int_equal(source_settle(settings, HOUR, false), HOUR);
	assert_false(settings[load].on || settings[net].on);
	assert_int_equal(settings[facts].interval_ns, HOUR);
	for (i = 0; i < source_count(); i++)
		settings[i].enabled = false;
	assert_true(source_settle(settings, HOUR, true) == UINT64_MAX);
}

/* --- itself ------------------------------------------------------------------ */

static struct identity identity = { .name = "here",
				    .first = 77,
				    .untaken = 5,
				    .lost = { 11, 12, 13, 14 },
				    .session_fd = -1 };
static struct carrier carrier;

static uint64_t cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static void it_says_what_it_is(void **state)
{
	struct self_usage usage = { 0 };
	uint64_t least = cpu_ns(), now_ns = clock_mono_ns();

	config.ship_ns = 30 * MS;
	carrier.tcp = true;
	carrier.stream.connects = 4;
	carrier.stream.unknown = 6;
	carrier.failed = 9;
	output.shed_class[OUTPUT_CPU] = 21;
	output.oversize = 23;
	carrier.stream.output = &output;
	self_put(&output, &config, &identity, &carrier, NULL, &usage);
	arrive();
	assert_int_equal(tables[WIRE_NODE], 1);
	assert_int_equal(node_columns, WIRE_NODE_COLUMNS);
	assert_string_equal(node_name, "here");
	assert_int_equal(node[WIRE_NODE_PERIOD_NS], 30 * MS);
	assert_int_equal(node[WIRE_NODE_SAMPLE_NS], 10 * MS);
	assert_int_equal(node[WIRE_NODE_SEND_FAILED], 9);
	assert_int_equal(node[WIRE_NODE_RECONNECTS], 3);
	assert_int_equal(node[WIRE_NODE_UNKNOWN], 6);
	assert_int_equal(node[WIRE_NODE_QUEUED_FRAMES], 0);
	assert_int_equal(node[WIRE_NODE_QUEUED_BYTES], 0);
	assert_int_equal(node[WIRE_NODE_LOST_QUEUE], 21);
	assert_int_equal(node[WIRE_NODE_LOST_SIZE], 23);
	assert_int_equal(node[WIRE_NODE_FIRST], 77);
	assert_int_equal(node[WIRE_NODE_UNTAKEN], 5);
	assert_int_equal(node[WIRE_NODE_QUEUE_BEFORE], 11);
	assert_int_equal(node[WIRE_NODE_KEY_BEFORE], 14);
	assert_true(node[WIRE_NODE_CPU_NS] >= least);
	assert_true(node[WIRE_NODE_CPU_NS] <= cpu_ns());
	assert_true(node[WIRE_NODE_MEMORY_BYTES] > 1 << 20);
	assert_true(node[WIRE_NODE_MEMORY_BYTES] < UINT64_C(1) << 32);
	assert_true(usage.due_ns >= now_ns + SELF_USAGE_NS);
	assert_true(usage.due_ns <= clock_mono_ns() + SELF_USAGE_NS);
}

/* What it uses is asked for seldom. */
static void what_it_uses_is_seldom_asked(void **state)
{
	struct self_usage usage = { .due_ns = clock_mono_ns() + HOUR,
				    .cpu_ns = 5,
				    .memory_bytes = 6 };

	self_put(&output, &config, &identity, &carrier, NULL, &usage);
	arrive();
	assert_int_equal(node[WIRE_NODE_CPU_NS], 5);
	assert_int_equal(node[WIRE_NODE_MEMORY_BYTES], 6);
	usage.due_ns = clock_mono_ns();
	self_put(&output, &config, &identity, &carrier, NULL, &usage);
	arrive();
	assert_true(node[WIRE_NODE_CPU_NS] > 5);
}

/* What stays the same is in the first frames, and in each sixteenth. */
static void what_stays_is_seldom_said(void **state)
{
	struct self_usage usage = { 0 };
	uint64_t at;

	for (at = 0; at < 40; at++) {
		output.sequence = at;
		self_put(&output, &config, &identity, &carrier, NULL, &usage);
		arrive();
		assert_int_equal(node_columns, at < 10 || at % 16 == 0 ?
						       WIRE_NODE_COLUMNS :
						       WIRE_NODE_FIRST);
	}
}

static void frames_that_wait_are_counted(void **state)
{
	struct self_usage usage = { 0 };
	struct queue_frame *f;
	size_t size;

	put(1);
	f = queue_next(&queue);
	size = f->size;
	self_put(&output, &config, &identity, &carrier, NULL, &usage);
	arrive();
	assert_int_equal(node[WIRE_NODE_QUEUED_FRAMES], 1);
	assert_in_range(node[WIRE_NODE_QUEUED_BYTES], size, size + 128);
}

static void a_last_word_names_the_next_one(void **state)
{
	self_put_leaving(&output, "other:7");
	arrive();
	assert_int_equal(tables[WIRE_FACTS], 1);
	assert_string_equal(leaves_for, "other:7");
}

/* --- interfaces that are not counted ----------------------------------------- */

static void complaints_are_few(void **state)
{
	struct complaints c = { 0 };

	complain_busy(&c);
	assert_false(said("network"));
	complain(&c, "eth0", 2, -EBUSY);
	complain_busy(&c);
	assert_true(
		said("eth0 is not counted: another ktach counts it already"));
	complain(&c, "eth1", 3, -EBUSY);
	complain(&c, "eth2", 4, -EBUSY);
	complain(&c, "eth3", 5, -EBUSY);
	complain_busy(&c);
	assert_true(
		said("eth1 and 2 more interfaces are not counted: another"));
	complain_busy(&c);
	assert_int_equal(said_times("another ktach"), 2);
	complain(&c, "eth4", 6, -ENODEV);
	assert_false(said("eth4"));
	complain(&c, "eth5", 7, -EEXIST);
	assert_true(
		said("\"tc qdisc replace dev eth5 clsact\" keeps the room"));
	complain(&c, "eth6", 8, -ENOSPC);
	assert_true(said("all places for its number 8 are others'"));
	complain(&c, "eth7", 9, -EPERM);
	assert_true(said("cannot attach to it: Operation not permitted"));
	complain_full(&c, 128);
	complain_full(&c, 128);
	assert_int_equal(said_times("more than 128 interfaces"), 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_has_its_interval),
		test(what_is_repeated_comes_soon),
		test(another_configuration_is_taken_over),
		test(where_there_is_no_proc_nothing_starts),
		test(nothing_is_due_where_nothing_is_on),
		test(any_of_them_is_due),
		test(each_has_its_options),
		test(intervals_are_settled),
		test(it_says_what_it_is),
		test(what_it_uses_is_seldom_asked),
		test(what_stays_is_seldom_said),
		test(frames_that_wait_are_counted),
		test(a_last_word_names_the_next_one),
		test(complaints_are_few),
	};

	return cmocka_run_group_tests_name("sources of the shipper", tests,
					   NULL, NULL);
}
