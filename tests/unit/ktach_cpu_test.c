// SPDX-License-Identifier: GPL-2.0-or-later
/* The inspector's arithmetic: counters at two moments become shares and rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ktach/figures/cpu_figures.h"

#define S 1000000000ULL
#define ONLINE (WIRE_CPU_ONLINE | WIRE_CPU_SEEN)

static struct rows *made[64];
static size_t made_count;

static struct reading_table table(uint32_t kind, uint32_t columns,
				  uint32_t origin, uint64_t mono_ns,
				  const uint64_t *cells, uint32_t rows)
{
	struct rows *r = calloc(1, sizeof(*r));
	uint32_t i;

	r->kind = kind;
	for (i = 0; i < rows; i++, cells += columns)
		memcpy(rows_add(r, cells[0]), cells, columns * sizeof(*cells));
	made[made_count++] = r;
	return (struct reading_table){
		.rows = *r,
		.origin = origin,
		.mono_ns = mono_ns,
		.real_ns = 1000 * S + mono_ns,
	};
}

#define TIMES(origin, mono_ns, cells, rows) \
	table(WIRE_CPU, CPU_TABLE_COLUMNS, origin, mono_ns, cells, rows)
#define SOFTIRQS(origin, mono_ns, cells, rows) \
	table(WIRE_SOFTIRQ, CPU_TABLE_COLUMNS, origin, mono_ns, cells, rows)

static int setup(void **state)
{
	static struct cpu_figures f;

	f = (struct cpu_figures){ 0 };
	assert_int_equal(cpu_figures_room(&f, 4), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct cpu_figures *f = *state;

	free(f->row);
	while (made_count) {
		rows_exit(made[--made_count]);
		free(made[made_count]);
	}
	return 0;
}

static void a_share_is_a_part_of_all_states(void **state)
{
	struct cpu_figures *f = *state;
	/* cpu, flags, user nice system idle iowait irq softirq steal guest - */
	uint64_t a[] = { 0, ONLINE, 100, 0, 50, 1000, 10, 0, 0, 0, 20, 0 };
	uint64_t b[] = { 0, ONLINE, 350, 0, 150, 1600, 60, 0, 0, 0, 120, 0 };
	struct reading_table before = TIMES(ORIGIN_RING, 1000, a, 1);
	struct reading_table now = TIMES(ORIGIN_RING, 2000, b, 1);

	cpu_between(&before, &now, f);
	assert_int_equal(f->span.interval_ns, 1000);
	assert_int_equal(f->span.real_ns, 1000 * S + 2000);
	assert_int_equal(f->online, 1);
	/* Guest is a part of user. */
	assert_int_equal(f->row[0].values[STATE_USER], 2500);
	assert_int_equal(f->row[0].values[STATE_SYSTEM], 1000);
	assert_int_equal(f->row[0].values[STATE_IDLE], 6000);
	assert_int_equal(f->row[0].values[STATE_IOWAIT], 500);
	assert_int_equal(f->row[0].values[STATE_GUEST], 1000);
	assert_int_equal(cpu_busy(f->row[0].values), 3500);
	assert_memory_equal(f->total, f->row[0].values, sizeof(f->total));
}

static uint64_t sum_of_states(const uint64_t *shares)
{
	return cpu_sum(shares) - shares[STATE_GUEST] - shares[STATE_GUEST_NICE];
}

/* Ticks that are booked late, or not at all: 97, and 103, of 100. And three thirds. */
static void shares_add_up_whatever_the_clock_says(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			 2, ONLINE, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 };
	uint64_t b[] = { 0, ONLINE, 30, 7, 10, 40,  5, 1, 2, 2, 0, 0,
			 1, ONLINE, 1,	0, 1,  101, 0, 0, 0, 0, 2, 0,
			 2, ONLINE, 5,	5, 6,  6,   5, 6, 5, 5, 5, 5 };
	struct reading_table before = TIMES(ORIGIN_PROC, 1000, a, 3);
	struct reading_table now = TIMES(ORIGIN_PROC, 1100, b, 3);
	uint32_t i;

	cpu_between(&before, &now, f);
	for (i = 0; i < 3; i++)
		assert_int_equal(sum_of_states(f->row[i].values), SHARE_ONE);
	assert_int_equal(f->row[0].values[STATE_IDLE], 4124); /* 40 of 97 */
	assert_int_equal(cpu_busy(f->row[0].values), 10000 - 4124 - 515);
	/* A guest's is never more than what it is a part of. */
	assert_int_equal(f->row[1].values[STATE_GUEST],
			 f->row[1].values[STATE_USER]);
	assert_int_equal(f->row[2].values[STATE_SYSTEM], 3334);
	assert_int_equal(f->row[2].values[STATE_IRQ], 3333);
	/* Of all: sums over sums, not the mean of shares. */
	assert_int_equal(sum_of_states(f->total), SHARE_ONE);
	assert_int_equal(f->total[STATE_IDLE], 142 * SHARE_ONE / 203);
}

/* Nothing is known of a CPU whose states stood still: it is not idle. */
static void a_cpu_that_stood_still_is_not_idle(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 13, 0, 0, 17, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = TIMES(ORIGIN_PROC, 1000, a, 2);
	struct reading_table now = TIMES(ORIGIN_PROC, 1010, b, 2);

	cpu_between(&before, &now, f);
	assert_int_equal(cpu_sum(f->row[0].values), 0);
	assert_int_equal(cpu_busy(f->row[0].values), 0);
	assert_int_equal(cpu_busy(f->total), 3000);
}

static void what_is_shown_adds_up_in_tenths(void **state)
{
	static const uint64_t shares[][CPU_TABLE_VALUES] = {
		{ 1249, 1244, 1246, 1252, 1254, 1251, 1253, 1251, 643, 437 },
		{ 4, 4, 4, 9972, 4, 4, 4, 4, 1, 2 },
		{ 0, 0, 0, 10000, 0, 0, 0, 0, 0, 0 },
		{ 3333, 0, 3333, 3334, 0, 0, 0, 0, 3333, 0 },
	};
	uint64_t shown[CPU_TABLE_VALUES];
	size_t i;
	int s;

	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		cpu_shown(shares[i], shown);
		assert_int_equal(cpu_sum(shown), SHARE_ONE);
		for (s = 0; s < CPU_TABLE_VALUES; s++)
			assert_int_equal(shown[s] % 10, 0);
		for (s = STATE_SYSTEM; s <= STATE_STEAL; s++) {
			assert_true(shown[s] < shares[i][s] + 15);
			assert_true(shown[s] + 15 > shares[i][s]);
		}
		assert_int_equal(cpu_shown_busy(shown),
				 (cpu_busy(shares[i]) + 5) / 10 * 10);
	}
}

/* Nothing is known of a CPU of which a time fell; the others are as they are. */
static void what_runs_backwards_is_not_known(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 0,	0, 0, 900, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 10, 0, 0, 100, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE, 25, 0, 0, 100, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 35, 0, 0, 175, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = TIMES(ORIGIN_PROC, 1000, a, 2);
	struct reading_table now = TIMES(ORIGIN_PROC, 1100, b, 2);

	cpu_between(&before, &now, f);
	assert_int_equal(cpu_sum(f->row[0].values), 0);
	assert_int_equal(cpu_busy(f->row[1].values), 2500);
	assert_int_equal(cpu_busy(f->total), 2500);
}

/* idle and iowait keep their maximum until the kernel has caught up, but begin
 * anew after a suspend.
 */
static void idle_time_is_held(void **state)
{
	struct cpu_held held[2] = { 0 };
	uint64_t row[CPU_TABLE_COLUMNS] = { 1 };
	static const struct {
		uint64_t idle, iowait, told_idle, told_iowait;
	} steps[] = {
		{ 100 * S, 50 * S, 100 * S, 50 * S },
		{ 99 * S, 51 * S, 100 * S, 51 * S },
		{ 101 * S, 49 * S, 101 * S, 51 * S },
		{ 60 * S, 52 * S, 60 * S, 52 * S },
		{ 61 * S, 10 * S, 61 * S, 10 * S },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		row[WIRE_CPU_IDLE_NS] = steps[i].idle;
		row[WIRE_CPU_IOWAIT_NS] = steps[i].iowait;
		stat_hold(held, 2, row, 1);
		assert_int_equal(row[WIRE_CPU_IDLE_NS], steps[i].told_idle);
		assert_int_equal(row[WIRE_CPU_IOWAIT_NS], steps[i].told_iowait);
	}
	row[WIRE_CPU_KEY] = 2; /* one that nobody knows of */
	stat_hold(held, 2, row, 1);
}

/* CPU 1 went, CPU 2 came: /proc/stat has online CPUs only. */
static void cpus_are_matched_by_number(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 99, 0, 0, 99, 0, 0, 0, 0, 0, 0,
			 3, ONLINE, 10, 0, 0, 10, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE, 20, 0, 0, 10, 0, 0, 0, 0, 0, 0,
			 2, ONLINE, 70, 0, 0, 70, 0, 0, 0, 0, 0, 0,
			 3, ONLINE, 10, 0, 0, 20, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = TIMES(ORIGIN_PROC, 100, a, 3);
	struct reading_table now = TIMES(ORIGIN_PROC, 110, b, 3);

	cpu_between(&before, &now, f);
	assert_int_equal(f->rows, 3);
	assert_int_equal(f->row[0].values[STATE_USER], 10000);
	assert_int_equal(f->row[1].cpu, 2);
	assert_int_equal(cpu_sum(f->row[1].values), 0);
	assert_int_equal(f->row[2].values[STATE_IDLE], 10000);
	/* Of the two that are known. */
	assert_int_equal(f->total[STATE_USER], 5000);
}

static void an_offline_cpu_is_no_part_of_the_total(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE,	   0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			 1, WIRE_CPU_SEEN, 5, 0, 0, 5, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE,	   8, 0, 0, 2, 0, 0, 0, 0, 0, 0,
			 1, WIRE_CPU_SEEN, 9, 0, 0, 5, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = TIMES(ORIGIN_RING, 1000, a, 2);
	struct reading_table now = TIMES(ORIGIN_RING, 1010, b, 2);

	cpu_between(&before, &now, f);
	assert_int_equal(f->online, 1);
	assert_int_equal(f->total[STATE_USER], 8000);
}

/* Busy and idle follow the states; CPU 1 is new, CPU 2 is offline. */
static void exact_times_are_told_where_both_moments_have_them(void **state)
{
	enum {
		COLUMNS = CPU_TABLE_COLUMNS + 2
	};
	struct cpu_figures *f = *state;
	uint64_t a[2 * COLUMNS] = { [0] = 0,	[1] = ONLINE,  [12] = 100,
				    [13] = 900, [COLUMNS] = 2, WIRE_CPU_SEEN };
	uint64_t b[3 * COLUMNS] = { [0] = 0,
				    [1] = ONLINE,
				    [12] = 350,
				    [13] = 1650,
				    [COLUMNS] = 1,
				    ONLINE,
				    [COLUMNS + 12] = 77,
				    [2 * COLUMNS] = 2,
				    WIRE_CPU_SEEN,
				    [2 * COLUMNS + 12] = 500 };
	struct reading_table before =
		table(WIRE_CPU, COLUMNS, ORIGIN_RING, 1000, a, 2);
	struct reading_table now =
		table(WIRE_CPU, COLUMNS, ORIGIN_RING, 2000, b, 3);

	cpu_between(&before, &now, f);
	assert_true(f->has_exact);
	assert_int_equal(f->row[0].exact[0], 2500);
	assert_int_equal(f->row[0].exact[1], 7500);
	assert_int_equal(f->row[1].exact[0], 0);
	assert_int_equal(cpu_sum(f->row[1].exact), 0); /* not known */
	assert_int_equal(f->total_exact[0], 2500);
	assert_int_equal(f->total_exact[1], 7500);
	/* What is not known is not what it was. */
	before.origin = ORIGIN_PROC;
	cpu_between(&before, &now, f);
	assert_false(f->has_exact);
	assert_int_equal(f->row[0].exact[0], 0);
}

/* Of a vector there are its time, and its longest run and when, as no shares. */
static void softirqs_have_exact_shares_by_vector(void **state)
{
	enum {
		COLUMNS = WIRE_SOFTIRQ_COLUMNS
	};
	struct cpu_figures *f = *state;
	uint64_t a[COLUMNS] = { 0, ONLINE, [12] = 0, [15] = 1000 };
	uint64_t b[COLUMNS] = { 0,
				ONLINE, [12] = 10, [15] = 1500, [22] = 999999 };
	struct reading_table before =
		table(WIRE_SOFTIRQ, COLUMNS, ORIGIN_RING, 1000, a, 1);
	struct reading_table now =
		table(WIRE_SOFTIRQ, COLUMNS, ORIGIN_RING, 2000, b, 1);

	cpu_between(&before, &now, f);
	assert_true(f->has_exact);
	assert_int_equal(f->row[0].exact[0], 100);
	assert_int_equal(f->row[0].exact[3], 5000);
	assert_int_equal(f->total_exact[3], 5000);
	assert_int_equal(cpu_sum(f->total_exact), 5100);
}

static void softirqs_become_rates(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 1, 1000, 0, 0, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 1, 1000, 0, 0, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE, 1, 1500, 0, 0, 0, 0, 0, 0, 0, 0,
			 1, ONLINE, 2, 2000, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = SOFTIRQS(ORIGIN_RING, S, a, 2);
	struct reading_table now = SOFTIRQS(ORIGIN_RING, 3 * S, b, 2);

	cpu_between(&before, &now, f);
	assert_int_equal(f->row[0].values[1], 250 * RATE_ONE);
	assert_int_equal(f->row[1].values[0], RATE_ONE / 2);
	assert_int_equal(f->total[1], 750 * RATE_ONE);
}

/* The kernel's counts in /proc are 32 bits; a ring's are not. */
static void only_counts_of_proc_wrap(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 4294967290, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = SOFTIRQS(ORIGIN_PROC, S, a, 1);
	struct reading_table now = SOFTIRQS(ORIGIN_PROC, 2 * S, b, 1);

	cpu_between(&before, &now, f);
	assert_int_equal(f->row[0].values[0], 10 * RATE_ONE);
	before.origin = now.origin = ORIGIN_RING;
	cpu_between(&before, &now, f);
	assert_int_equal(f->row[0].values[0], 0);
}

/* Two origins count from different beginnings: nothing can be compared. */
static void a_change_of_origin_has_no_interval(void **state)
{
	struct cpu_figures *f = *state;
	uint64_t a[] = { 0, ONLINE, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	uint64_t b[] = { 0, ONLINE, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct reading_table before = SOFTIRQS(ORIGIN_PROC, S, a, 1);
	struct reading_table now = SOFTIRQS(ORIGIN_RING, 2 * S, b, 1);

	cpu_between(&before, &now, f);
	assert_int_equal(f->span.interval_ns, 0);
	assert_int_equal(cpu_sum(f->total), 0);
}

static void rates_are_rounded_and_wide(void **state)
{
	assert_int_equal(rate_of(1, 1000, 0), 0);
	assert_int_equal(rate_of(2, 1, 3), 1);
	assert_int_equal(rate_of(1, 1, 3), 0);
	assert_int_equal(rate_of(UINT64_MAX, 10, 10), UINT64_MAX);
	assert_int_equal(rate_of(1ULL << 40, 1000 * S, 1000 * S), 1ULL << 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_time_is_held),
		cmocka_unit_test(a_share_is_a_part_of_all_states),
		cmocka_unit_test(shares_add_up_whatever_the_clock_says),
		cmocka_unit_test(a_cpu_that_stood_still_is_not_idle),
		cmocka_unit_test(what_is_shown_adds_up_in_tenths),
		cmocka_unit_test(what_runs_backwards_is_not_known),
		cmocka_unit_test(cpus_are_matched_by_number),
		cmocka_unit_test(an_offline_cpu_is_no_part_of_the_total),
		cmocka_unit_test(
			exact_times_are_told_where_both_moments_have_them),
		cmocka_unit_test(softirqs_have_exact_shares_by_vector),
		cmocka_unit_test(softirqs_become_rates),
		cmocka_unit_test(only_counts_of_proc_wrap),
		cmocka_unit_test(a_change_of_origin_has_no_interval),
		cmocka_unit_test(rates_are_rounded_and_wide),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
