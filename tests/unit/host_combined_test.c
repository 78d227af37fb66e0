// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters that have the shares and rates of combined samples. The kernel's answers are
 * the test's: the real ones come from a module (tests/vm).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/collector.h"
#include "lib/base/log.h"
#include "lib/kernel/cpu_table.h"
#include "lib/netlink/genl.h"

enum {
	CPUS = 2,
	SAMPLES_MAX = 4,
	TABLES_MAX = 8,
};

#define MS UINT64_C(1000000)
#define S (1000 * MS)

/**
 * struct answer - of the kernel to the next question
 * @err: what the call returns
 * @count: samples before that
 * @since: what was asked
 * @has_since: the same
 */
static struct answer {
	int err;
	unsigned int count;
	struct family_sample sample[SAMPLES_MAX];
	struct ktach_cpu_sample cpu[SAMPLES_MAX][CPUS];
	uint64_t since;
	bool has_since;
} answers[2];
static unsigned int asked;

static struct family_source source;
static int source_err, open_err;

int __wrap_family_open(struct family **out);
void __wrap_family_close(struct family *f);
const char *__wrap_family_error(const struct family *f);
int __wrap_family_source(struct family *f, const char *name,
			 struct family_source *found);
int __wrap_family_samples(struct family *f, const struct family_query *query,
			  family_sample_fn fn, void *arg);

int __wrap_family_open(struct family **out)
{
	*out = NULL;
	return open_err;
}

void __wrap_family_close(struct family *f)
{
}

const char *__wrap_family_error(const struct family *f)
{
	return "";
}

int __wrap_family_source(struct family *f, const char *name,
			 struct family_source *found)
{
	assert_string_equal(name, KTACH_COMBINED_NAME);
	*found = source;
	return source_err;
}

int __wrap_family_samples(struct family *f, const struct family_query *query,
			  family_sample_fn fn, void *arg)
{
	struct answer *a = &answers[asked++];
	unsigned int i;

	assert_in_range(asked, 1, 2);
	assert_false(query->totals_only || query->has_range || query->cpu_mask);
	a->since = query->since;
	a->has_since = query->has_since;
	for (i = 0; i < a->count; i++)
		fn(&a->sample[i], arg);
	return a->err;
}

/**
 * struct taken - a table that was put
 * @table: but for what it points to
 * @cells: row by row
 */
static struct taken {
	struct wire_table table;
	uint64_t cells[64];
} taken[TABLES_MAX];
static unsigned int put_count;

static void take(void *arg, const struct wire_table *t)
{
	struct taken *to = &taken[put_count++];

	assert_in_range(put_count, 1, TABLES_MAX);
	to->table = *t;
	memset(to->cells, 0xff, sizeof(to->cells));
	memcpy(to->cells, t->cells, sizeof(*t->cells) * t->rows * t->columns);
}

static uint64_t cell(unsigned int number, uint32_t row, uint32_t column)
{
	return taken[number].cells[row * taken[number].table.columns + column];
}

static void *opened;
static struct host_options options;

static int setup(void **state)
{
	log_init("test", LOG_ERROR);
	memset(answers, 0, sizeof(answers));
	source = (struct family_source){ 0 };
	source_err = open_err = 0;
	options = (struct host_options){ 0 };
	return 0;
}

static int teardown(void **state)
{
	if (opened)
		host_combined.close(opened);
	opened = NULL;
	return 0;
}

static int read_all(void)
{
	const struct host_sink sink = { take, NULL };

	asked = put_count = 0;
	return host_combined.read(opened, &sink);
}

static uint64_t bits(unsigned int first, unsigned int count)
{
	return ((1ULL << count) - 1) << first;
}

/* The next sample of an answer: both rings' at @mono_ns, after @ms. CPU 0 has a tenth of
 * user time more with each metric; CPU 3 is offline.
 */
static struct family_sample *add_sample(struct answer *a, uint64_t number,
					uint64_t mono_ns, uint64_t ms)
{
	struct family_sample *s = &a->sample[a->count];
	struct ktach_cpu_sample *cpu = a->cpu[a->count++];
	unsigned int m;

	*s = (struct family_sample){
		.number = number,
		.mono_ns = mono_ns + 5 * MS,
		.real_ns = 1000 * S + mono_ns + 5 * MS,
		.missed = 3,
		.metrics = bits(KTACH_METRIC_USER, CPU_TABLE_VALUES) |
			   bits(KTACH_METRIC_SOFTIRQ_RATE, CPU_TABLE_VALUES),
		.load = { 1000, 2505, 14 },
		.memory = { 11, 12, 13, 14, 15 },
		.rings = 2,
		.ring = { { KTACH_RING_SOFTIRQ, number, mono_ns + MS, ms * MS },
			  { KTACH_RING_CPUSTAT, number, mono_ns, ms * MS } },
		.cpu = cpu,
		.cpus = CPUS,
	};
	cpu[0].cpu = 0;
	cpu[0].flags = 3;
	cpu[1].cpu = 3;
	cpu[1].flags = 2;
	for (m = 0; m < CPU_TABLE_VALUES; m++) {
		cpu[0].value[KTACH_METRIC_USER + m] = 1000 + m;
		cpu[0].value[KTACH_METRIC_SOFTIRQ_RATE + m] = 2000 + 1000 * m;
	}
	return s;
}

static void first_the_beginning_then_the_growth(void **state)
{
	unsigned int m;

	assert_int_equal(host_combined.open(&opened, &options), 0);
	add_sample(&answers[0], 7, 50 * S, 1000)->lost = 99;
	assert_int_equal(read_all(), 0);
	assert_false(answers[0].has_since);
	assert_int_equal(put_count, 5);
	assert_int_equal(taken[0].table.kind, WIRE_CPU);
	assert_int_equal(taken[0].table.mono_ns, 49 * S);
	assert_int_equal(taken[0].table.real_ns, 1049 * S);
	assert_int_equal(cell(0, 0, 2), 0);
	assert_int_equal(taken[1].table.kind, WIRE_CPU);
	assert_int_equal(taken[1].table.mono_ns, 50 * S);
	assert_int_equal(taken[1].table.real_ns, 1050 * S);
	assert_int_equal(taken[1].table.origin, WIRE_ORIGIN_NETLINK);
	assert_int_equal(taken[1].table.sample, 7);
	assert_int_equal(taken[1].table.missed, 3);
	assert_int_equal(taken[1].table.lost, 0);
	assert_int_equal(taken[1].table.rows, CPUS);
	assert_int_equal(taken[1].table.columns, CPU_TABLE_COLUMNS);
	assert_int_equal(cell(1, 0, 0), 0);
	assert_int_equal(cell(1, 0, 1), 3);
	assert_int_equal(cell(1, 1, 0), 3);
	assert_int_equal(cell(1, 1, 1), 2);
	for (m = 0; m < CPU_TABLE_VALUES; m++) {
		assert_int_equal(cell(1, 0, 2 + m), 100 * MS + m * MS / 10);
		assert_int_equal(cell(1, 1, 2 + m), 0);
	}
	assert_int_equal(taken[2].table.kind, WIRE_SOFTIRQ);
	assert_int_equal(taken[2].table.mono_ns, 49 * S + MS);
	assert_int_equal(taken[3].table.kind, WIRE_SOFTIRQ);
	assert_int_equal(taken[3].table.mono_ns, 50 * S + MS);
	for (m = 0; m < CPU_TABLE_VALUES; m++)
		assert_int_equal(cell(3, 0, 2 + m), 2 + m);
}

static void gauges_of_the_newest(void **state)
{
	const uint64_t *row;
	uint32_t i;

	assert_int_equal(host_combined.open(&opened, &options), 0);
	add_sample(&answers[0], 7, 50 * S, 1000)->memory.total = 1;
	add_sample(&answers[0], 8, 51 * S, 1000);
	assert_int_equal(read_all(), 0);
	assert_int_equal(taken[4].table.kind, WIRE_GAUGES);
	assert_int_equal(taken[4].table.mono_ns, 51 * S + 5 * MS);
	assert_int_equal(taken[4].table.real_ns, 1051 * S + 5 * MS);
	assert_int_equal(taken[4].table.rows, 8);
	for (i = 0; i < 8; i++) {
		static const struct {
			uint64_t key, value;
		} wanted[] = {
			{ WIRE_MEMORY_TOTAL_BYTES, 11 },
			{ WIRE_MEMORY_FREE_BYTES, 12 },
			{ WIRE_MEMORY_AVAILABLE_BYTES, 13 },
			{ WIRE_MEMORY_SHARED_BYTES, 14 },
			{ WIRE_MEMORY_BUFFERS_BYTES, 15 },
			{ WIRE_LOAD_1MIN, 100 },
			{ WIRE_LOAD_5MIN, 251 },
			{ WIRE_LOAD_15MIN, 1 },
		};

		row = &taken[4].cells[i * taken[4].table.columns];
		assert_int_equal(row[0], wanted[i].key);
		assert_int_equal(row[1], wanted[i].value);
	}
}

/* A gap counts as if it had been as what was there; each ring by its own time. */
static void what_was_lost_had_the_mean(void **state)
{
	struct family_sample *s;

	assert_int_equal(host_combined.open(&opened, &options), 0);
	add_sample(&answers[0], 7, 50 * S, 1000);
	assert_int_equal(read_all(), 0);

	memset(answers, 0, sizeof(answers));
	add_sample(&answers[0], 9, 52 * S, 1000)->lost = 1;
	s = add_sample(&answers[0], 10, 53 * S, 1000);
	answers[0].cpu[1][0].value[KTACH_METRIC_USER] = 3000;
	s->cpu = answers[0].cpu[1];
	assert_int_equal(read_all(), 0);
	assert_true(answers[0].has_since);
	assert_int_equal(answers[0].since, 7);
	assert_int_equal(put_count, 3);
	assert_int_equal(taken[0].table.lost, 1);
	assert_int_equal(taken[0].table.mono_ns, 53 * S);
	/* 0.1 s before, then 0.2 of 3 s. */
	assert_int_equal(cell(0, 0, 2), 100 * MS + 600 * MS);
	assert_int_equal(cell(1, 0, 2), 2 + 3 * 2);

	/* Nothing came since. */
	memset(answers, 0, sizeof(answers));
	assert_int_equal(read_all(), 0);
	assert_int_equal(answers[0].since, 10);
	assert_int_equal(put_count, 0);
}

static void exact_times_where_all_are_known(void **state)
{
	struct family_sample *s;

	assert_int_equal(host_combined.open(&opened, &options), 0);
	s = add_sample(&answers[0], 7, 50 * S, 1000);
	s->metrics |= bits(KTACH_METRIC_EXACT_BUSY, 2) |
		      bits(KTACH_METRIC_SOFTIRQ_TIME, CPU_TABLE_VALUES - 1);
	answers[0].cpu[0][0].value[KTACH_METRIC_EXACT_BUSY] = 2500;
	answers[0].cpu[0][0].value[KTACH_METRIC_EXACT_IDLE] = 7500;
	assert_int_equal(read_all(), 0);
	assert_int_equal(taken[1].table.columns, CPU_TABLE_COLUMNS + 2);
	assert_int_equal(cell(1, 0, CPU_TABLE_COLUMNS), 250 * MS);
	assert_int_equal(cell(1, 0, CPU_TABLE_COLUMNS + 1), 750 * MS);
	assert_int_equal(cell(1, 1, 0), 3);
	assert_int_equal(taken[3].table.columns, CPU_TABLE_COLUMNS);
}

/* A ring that is not there, or not known of in all. */
static void a_table_less(void **state)
{
	struct family_sample *s;

	assert_int_equal(host_combined.open(&opened, &options), 0);
	s = add_sample(&answers[0], 7, 50 * S, 1000);
	s->rings = 1;
	s->metrics &= ~bits(KTACH_METRIC_SOFTIRQ_RATE + 1, 1);
	assert_int_equal(read_all(), 0);
	assert_int_equal(put_count, 1);
	assert_int_equal(taken[0].table.kind, WIRE_GAUGES);
}

/* Numbers that begin again: the module was loaded anew. */
static void loaded_anew(void **state)
{
	assert_int_equal(host_combined.open(&opened, &options), 0);
	add_sample(&answers[0], 7, 50 * S, 1000);
	assert_int_equal(read_all(), 0);
	memset(answers, 0, sizeof(answers));
	answers[0].err = -ERANGE;
	add_sample(&answers[1], 2, 90 * S, 1000);
	assert_int_equal(read_all(), 0);
	assert_int_equal(answers[0].since, 7);
	assert_false(answers[1].has_since);
	assert_int_equal(put_count, 5);
	assert_int_equal(taken[0].table.mono_ns, 89 * S);
	assert_int_equal(cell(0, 0, 2), 100 * MS);
	assert_int_equal(cell(1, 0, 2), 200 * MS);
}

static void as_much_history_as_is_wanted(void **state)
{
	static const struct {
		uint64_t history_ns, period_us, head, since;
	} cases[] = {
		{ 10 * S, 1000000, 100, 90 }, { 0, 1000000, 100, 99 },
		{ 10 * S, 1000000, 10, 0 },   { 10 * S, 1000000, 11, 1 },
		{ 10 * S, 0, 100, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(answers, 0, sizeof(answers));
		source.period_us = (uint32_t)cases[i].period_us;
		source.head = cases[i].head;
		options.history_ns = cases[i].history_ns;
		assert_int_equal(host_combined.open(&opened, &options), 0);
		assert_int_equal(read_all(), -EAGAIN);
		assert_int_equal(answers[0].since, cases[i].since);
		assert_int_equal(answers[0].has_since, cases[i].since != 0);
		host_combined.close(opened);
	}
	opened = NULL;
	source_err = -ENOENT;
	assert_int_equal(host_combined.open(&opened, &options), 0);
	assert_int_equal(read_all(), -EAGAIN);
	assert_false(answers[0].has_since);
}

static void refused(void **state)
{
	void *none = NULL;

	open_err = -ENOENT;
	assert_int_equal(host_combined.open(&none, &options), -ENOENT);
	assert_null(none);
	open_err = 0;
	assert_int_equal(host_combined.open(&opened, &options), 0);
	answers[0].err = -EPERM;
	assert_int_equal(read_all(), -EPERM);
	answers[0].err = -ERANGE; /* of a question without a number */
	assert_int_equal(read_all(), -ERANGE);
	assert_int_equal(asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			first_the_beginning_then_the_growth, setup, teardown),
		cmocka_unit_test_setup_teardown(gauges_of_the_newest, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_was_lost_had_the_mean,
						setup, teardown),
		cmocka_unit_test_setup_teardown(exact_times_where_all_are_known,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_table_less, setup, teardown),
		cmocka_unit_test_setup_teardown(loaded_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(as_much_history_as_is_wanted,
						setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
