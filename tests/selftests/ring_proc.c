// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_proc SECONDS: under load, what the rings say against what /proc says.
 *
 *   read /proc   tick: sample n   read /proc
 *   ----before-------|------------after-----> time
 *
 * Every value of a sample that was taken between two reads must lie between
 * what these returned: softirq counts exactly, times within a tick of the
 * kernel and the unit of /proc/stat.
 */
#include "ring.h"
#include "ring_load.h"
#include "ring_table.h"

enum {
	VECTORS = KTACH_SOFTIRQ_VECTORS,
	PERIOD_US = 2000,
};

static struct test_ring stat_ring, softirq_ring;
static uint64_t tick_ns;
static uint8_t *copy;
static struct proc_table before, after, first, last;
static unsigned long compared, outside, standing, moving, wrong_flags;

/* Copy the first sample that was begun after @since. */
static void fresh_sample(const struct test_ring *r, uint64_t since)
{
	const struct ktach_slot *slot = (void *)copy;
	uint64_t n = head(r);

	do {
		n++;
		need(wait_head(r, n), "sample %lu", n);
		if (ring_copy(r, n, copy) != READ_OK) {
			n = head(r);
			continue;
		}
	} while (slot->mono_ns <= since);
}

static void report(const char *what, unsigned int cpu, unsigned int i,
		   uint64_t value)
{
	if (outside++ < 10)
		printf("# %s of CPU %u, field %u: %lu not in %lu to %lu\n",
		       what, cpu, i, value, before.value[cpu][i],
		       after.value[cpu][i]);
}

static void compare_times(unsigned int cpu,
			  const struct ktach_cpustat_record *r)
{
	const __u64 *ns = &r->user_ns;
	unsigned int i;

	for (i = 0; i < PROC_STATES; i++) {
		compared++;
		if (!proc_times_hold(&before, &after, cpu, i, ns[i], tick_ns))
			report("time", cpu, i, ns[i]);
	}
}

static void bracket_times(void)
{
	const struct ktach_cpustat_record *r;
	unsigned int i;

	proc_read_stat(&before);
	fresh_sample(&stat_ring, mono_ns());
	proc_read_stat(&after);
	for (i = 0; i < stat_ring.h.records; i++) {
		r = record_of(&stat_ring, copy, i);
		if (!before.present[i]) {
			/* Possible, but never there. */
			wrong_flags += r->flags != 0 || r->user_ns ||
				       r->idle_ns;
			continue;
		}
		wrong_flags += r->flags != (KTACH_CPU_ONLINE | KTACH_CPU_SEEN);
		compare_times(i, r);
	}
}

static void compare_counts(unsigned int cpu,
			   const struct ktach_softirq_record *r)
{
	unsigned int i;

	for (i = 0; i < VECTORS; i++) {
		compared++;
		if (before.value[cpu][i] != after.value[cpu][i])
			moving++;
		else if (before.value[cpu][i])
			standing++;
		if (r->count[i] < before.value[cpu][i] ||
		    r->count[i] > after.value[cpu][i])
			report("count", cpu, i, r->count[i]);
	}
}

static void bracket_counts(void)
{
	unsigned int i;

	proc_read_softirqs(&before);
	fresh_sample(&softirq_ring, mono_ns());
	proc_read_softirqs(&after);
	for (i = 0; i < softirq_ring.h.records; i++)
		compare_counts(i, record_of(&softirq_ring, copy, i));
}

/* Run @bracket over and over; @read says what moved in all that time. */
static void watch(const char *what, unsigned int seconds, void (*bracket)(void),
		  void (*read)(struct proc_table *))
{
	uint64_t end = mono_ns() + seconds * 1000000000ULL;
	unsigned int rounds = 0;

	compared = 0;
	outside = 0;
	read(&first);
	while (mono_ns() < end || rounds <= seconds) {
		bracket();
		rounds++;
		sleep_ms(50);
	}
	read(&last);
	printf("# %s: %u rounds, %lu values\n", what, rounds, compared);
	check(rounds > seconds && compared > rounds,
	      "%s were compared for %u s under load", what, seconds);
}

/* Did field @i move on any CPU while we watched? */
static bool moved(unsigned int i)
{
	unsigned int cpu;

	for (cpu = 0; cpu < PROC_CPUS; cpu++)
		if (last.value[cpu][i] > first.value[cpu][i])
			return true;
	return false;
}

static void test_times(unsigned int seconds)
{
	watch("times", seconds, bracket_times, proc_read_stat);
	check(!outside, "times agree with /proc/stat within a tick");
	check(!wrong_flags, "online CPUs are flagged, absent ones are empty");
	check(moved(0) && moved(1) && moved(2) && moved(3) && moved(6),
	      "user, nice, system, idle and softirq time all moved meanwhile");
}

static void test_counts(unsigned int seconds)
{
	watch("softirq counts", seconds, bracket_counts, proc_read_softirqs);
	check(!outside, "softirq counts lie exactly between two reads");
	printf("# %lu counts stood still, %lu moved\n", standing, moving);
	/* In proportion, so that a short run proves as much a second. */
	check(standing > 10 * seconds, "and are equal where those are");
	check(moving > 10 * seconds && moved(KTACH_SOFTIRQ_NET_RX) &&
		      moved(KTACH_SOFTIRQ_TIMER),
	      "network and timer softirqs moved meanwhile");
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? atoi(argv[1]) : 30;
	struct timespec tick;

	/* The coarse clock goes once a tick: its resolution is the tick. */
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	tick_ns = tick.tv_nsec;
	printf("# a tick is %lu ns\n", tick_ns);
	ring_open(&stat_ring, STAT_DEV, 0);
	ring_open(&softirq_ring, SOFTIRQ_DEV, 0);
	copy = malloc(stat_ring.size + softirq_ring.size);
	need(copy != NULL, "memory");
	set_period("cpustat", PERIOD_US);
	set_period("softirq", PERIOD_US);
	load_start();
	test_times(seconds);
	test_counts(seconds / 3);
	load_stop();
	set_period("cpustat", 1000000);
	set_period("softirq", 1000000);
	return done_testing();
}
