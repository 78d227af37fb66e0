// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_return ROUNDS CPU...: take these CPUs away and bring them back, at four
 * periods, and suspend the machine at two of them. After each round their idle
 * times are those of /proc/stat (ring_against.h), and from one sample to the next
 * none has more of it than time has passed.
 */
#include "ring_against.h"

static struct test_ring ring;
static struct against cpus[AGAINST_MAX];
static unsigned int count;
static uint64_t too_long, apart_ns;

static const struct ktach_cpustat_record *record(const uint8_t *slot,
						 unsigned int cpu)
{
	return record_of(&ring, slot, cpu);
}

static uint64_t time_of(const uint8_t *slot)
{
	return ((const struct ktach_slot *)slot)->mono_ns;
}

static void check_step(const uint8_t *before, const uint8_t *slot)
{
	uint64_t passed_ns = time_of(slot) - time_of(before);
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct ktach_cpustat_record *a, *b;

		a = record(before, cpus[i].cpu);
		b = record(slot, cpus[i].cpu);
		too_long += b->idle_ns - a->idle_ns > passed_ns ||
			    b->iowait_ns - a->iowait_ns > passed_ns;
	}
}

/* All samples from @first on that are still there. */
static void check_steps(uint64_t first)
{
	uint8_t *slot = malloc(ring.h.slot_stride);
	uint8_t *before = malloc(ring.h.slot_stride), *other;
	uint64_t n, newest = head(&ring), had = 0;

	if (newest + 2 > ring.h.slots && first < newest + 2 - ring.h.slots)
		first = newest + 2 - ring.h.slots;
	for (n = first; n <= newest; n++) {
		if (ring_copy(&ring, n, slot) != READ_OK)
			continue;
		if (had == n - 1)
			check_step(before, slot);
		had = n;
		other = before;
		before = slot;
		slot = other;
	}
	free(slot);
	free(before);
}

static void compare(unsigned int round, bool *good)
{
	char what[32];
	unsigned int i;

	snprintf(what, sizeof(what), "round %u", round);
	for (i = 0; i < count; i++) {
		uint64_t apart = against_compare(&cpus[i], &ring, what);

		if (apart > apart_ns)
			apart_ns = apart;
		*good &= !apart;
	}
}

static void go_and_come(unsigned int round)
{
	against_away(cpus, count, 200 + 300 * (round % 2));
}

static void suspend(unsigned int round)
{
	against_suspend(cpus, count);
}

static void rounds_at(unsigned int period_us, unsigned int rounds,
		      void (*go)(unsigned int round), const char *title)
{
	unsigned int round, good_rounds = 0;

	keep_period(period_us);
	sleep_ms(period_us / 500);
	too_long = 0;
	apart_ns = 0;
	for (round = 0; round < rounds; round++) {
		uint64_t first = head(&ring) + 1;
		bool good = true;

		go(round);
		check_steps(first);
		compare(round, &good);
		good_rounds += good;
	}
	check(good_rounds == rounds,
	      "%u us: /proc/stat's idle time after %u of %u %s; %lu ms off",
	      period_us, good_rounds, rounds, title, apart_ns / 1000000);
	check(!too_long,
	      "%u us: no idle time is longer than the time; %lu were",
	      period_us, too_long);
}

static void suspend_rounds(void)
{
	if (!can_suspend()) {
		check(true, "suspend # SKIP this kernel cannot be told to");
		return;
	}
	rounds_at(1000, 3, suspend, "suspends");
	rounds_at(1000000, 2, suspend, "suspends");
}

int main(int argc, char **argv)
{
	static const unsigned int periods_us[] = { 200, 1000, 10000, 1000000 };
	unsigned int i;

	need(argc > 2 && argc <= 2 + AGAINST_MAX, "arguments: ROUNDS CPU...");
	count = argc - 2;
	ring_open(&ring, STAT_DEV, 0);
	keep_period(periods_us[0]);
	for (i = 0; i < count; i++) {
		cpus[i].cpu = atoi(argv[2 + i]);
		against_begin(&cpus[i], &ring);
	}
	for (i = 0; i < sizeof(periods_us) / sizeof(*periods_us); i++)
		rounds_at(periods_us[i], atoi(argv[1]), go_and_come, "rounds");
	suspend_rounds();
	printf("# %lu times /proc/stat took time off for idle time\n",
	       times_taken);
	return done_testing();
}
