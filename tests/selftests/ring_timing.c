// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_timing SECONDS: the exact times of modules that were loaded with
 * timing=1, against the clock, against what a task knows of itself, and in a
 * flood of packets. CPU 1 is taken offline and back.
 */
#include <sched.h>

#include "ring.h"
#include "ring_load.h"

enum {
	CPU = 1,
	RX = KTACH_SOFTIRQ_NET_RX,
	FILL_NS = 1000000, /* of a sample that was made without a break */
	TRIES = 1000,
};

static struct test_ring stat_ring, softirq_ring;
static uint8_t *before, *after;

static const struct ktach_cpustat_record *stat_of(const void *slot, int cpu)
{
	return record_of(&stat_ring, slot, cpu);
}

static const struct ktach_cpustat_timing *busy_of(const void *slot, int cpu)
{
	return (const void *)(stat_of(slot, cpu) + 1);
}

static const struct ktach_softirq_timing *softirq_of(const void *slot, int cpu)
{
	const struct ktach_softirq_record *r =
		record_of(&softirq_ring, slot, cpu);

	return (const void *)(r + 1);
}

static uint64_t mono_of(const void *slot)
{
	return ((const struct ktach_slot *)slot)->mono_ns;
}

/*
 * A sample in which no CPU was read much later than it says: the guest's CPU that makes
 * it may stand still for long.
 */
static void prompt_sample(const struct test_ring *r, void *to)
{
	const struct ktach_slot *slot = to;
	uint64_t fill_ns;
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		next_sample(r, to);
		fill_ns = header(r)->fill_ns_last;
		if (head(r) == slot->sequence / 2 && fill_ns < FILL_NS)
			return;
	}
	need(false, "a sample that takes less than %d ns", FILL_NS);
}

static uint64_t busy_ns(int cpu)
{
	return busy_of(after, cpu)->busy_ns - busy_of(before, cpu)->busy_ns;
}

/* How much busy + idle of @cpu differs from the wall, in parts of a million. */
static long off_ppm(int cpu)
{
	long wall = mono_of(after) - mono_of(before);
	long idle =
		busy_of(after, cpu)->idle_ns - busy_of(before, cpu)->idle_ns;

	return labs((long)busy_ns(cpu) + idle - wall) * 1000000 / wall;
}

static bool online(const void *slot, int cpu)
{
	return stat_of(slot, cpu)->flags & KTACH_CPU_ONLINE;
}

static void test_layout(void)
{
	check(stat_ring.h.features == KTACH_RING_TIMING &&
		      softirq_ring.h.features == KTACH_RING_TIMING,
	      "the rings say that they have exact times");
	check(stat_ring.h.record_size == 88 + 16 &&
		      softirq_ring.h.record_size == 88 + 240,
	      "records are as long as exact times make them");
}

static void test_sum(unsigned int seconds)
{
	unsigned int cpu, cpus = 0;
	long off, worst = 0;

	prompt_sample(&stat_ring, before);
	load_start();
	sleep_ms(1000 * seconds);
	load_stop();
	prompt_sample(&stat_ring, after);
	for (cpu = 0; cpu < stat_ring.h.records; cpu++) {
		if (!online(after, cpu))
			continue;
		off = off_ppm(cpu);
		worst = off > worst ? off : worst;
		cpus++;
	}
	printf("# busy and idle of %u CPUs differ from the clock by up to %ld ppm\n",
	       cpus, worst);
	check(cpus > 1 && worst < 5000,
	      "busy + idle is the clock's time within 0.5 %% under mixed load");
}

/*
 * Run for some 300 us and pause for 3 ms, which no timer tick sees rightly. Returns for
 * how long we were at it, by the clock: what the scheduler says is longer where
 * its clock stands still while a CPU sleeps, and goes on in a jump.
 */
static uint64_t run_shortly(unsigned int times)
{
	uint64_t begin, now, sum = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(CPU, &set);
	need(sched_setaffinity(0, sizeof(set), &set) == 0, "move to CPU %d",
	     CPU);
	while (times--) {
		begin = mono_ns();
		do {
			now = mono_ns();
		} while (now < begin + 300000);
		sum += now - begin;
		usleep(3000);
	}
	memset(&set, 0xff, sizeof(set));
	sched_setaffinity(0, sizeof(set), &set);
	return sum;
}

static void test_short_runs(void)
{
	uint64_t own, wall;

	next_sample(&stat_ring, before);
	own = run_shortly(500);
	next_sample(&stat_ring, after);
	wall = mono_of(after) - mono_of(before);
	printf("# %lu us of a task in short runs, CPU busy for %lu us of %lu us\n",
	       own / 1000, busy_ns(CPU) / 1000, wall / 1000);
	check(busy_ns(CPU) >= own && busy_ns(CPU) < wall * 9 / 10,
	      "runs of 300 us are in busy_ns, what is between them is not");
}

static uint64_t rx_ns(void)
{
	uint64_t sum = 0;

	for (unsigned int cpu = 0; cpu < softirq_ring.h.records; cpu++)
		sum += softirq_of(after, cpu)->time_ns[RX] -
		       softirq_of(before, cpu)->time_ns[RX];
	return sum;
}

static bool max_is_plausible(const void *slot)
{
	const struct ktach_softirq_timing *t;
	unsigned int cpu, vector;

	for (cpu = 0; cpu < softirq_ring.h.records; cpu++)
		for (vector = 0; vector < KTACH_SOFTIRQ_VECTORS; vector++) {
			t = softirq_of(slot, cpu);
			if (t->max_ns[vector] > t->time_ns[vector] ||
			    t->max_at_ns[vector] > mono_of(slot) + 1000000 ||
			    !t->max_ns[vector] != !t->time_ns[vector] ||
			    !t->max_at_ns[vector] != !t->time_ns[vector])
				return false;
		}
	return true;
}

static void test_flood(void)
{
	uint64_t quiet, flood;
	unsigned int i;

	next_sample(&softirq_ring, before);
	sleep_ms(2000);
	next_sample(&softirq_ring, after);
	quiet = rx_ns();

	next_sample(&softirq_ring, before);
	for (i = 0; i < 20; i++)
		load_network();
	prompt_sample(&softirq_ring, after);
	flood = rx_ns();
	printf("# NET_RX: %lu us in 2 s of quiet, %lu us in a flood of 40000 packets\n",
	       quiet / 1000, flood / 1000);
	check(flood > 10 * quiet && flood > 1000000,
	      "NET_RX time rises in a flood of packets");
	check(max_is_plausible(after), "no run is longer than the sum of runs");
}

/* Offline is neither busy nor idle. */
static void test_hotplug(void)
{
	uint64_t sum, away;

	next_sample(&stat_ring, before);
	set_online(CPU, false);
	away = mono_ns();
	sleep_ms(1500);
	away = mono_ns() - away;
	set_online(CPU, true);
	prompt_sample(&stat_ring, after);
	sum = busy_ns(CPU) + busy_of(after, CPU)->idle_ns -
	      busy_of(before, CPU)->idle_ns;
	check(sum <= mono_of(after) - mono_of(before) - away,
	      "while it is offline, a CPU's times stand still");

	prompt_sample(&stat_ring, before);
	sleep_ms(1000);
	prompt_sample(&stat_ring, after);
	check(off_ppm(CPU) < 5000, "back online, they go on with the clock");
}

int main(int argc, char **argv)
{
	need(argc == 2, "arguments: SECONDS");
	ring_open(&stat_ring, STAT_DEV, 0);
	ring_open(&softirq_ring, SOFTIRQ_DEV, 0);
	before = malloc(softirq_ring.h.slot_stride);
	after = malloc(softirq_ring.h.slot_stride);
	need(before && after, "memory");
	set_period("cpustat", 20000);
	set_period("softirq", 20000);
	test_layout();
	test_sum(atoi(argv[1]));
	test_short_runs();
	test_flood();
	test_hotplug();
	return done_testing();
}
