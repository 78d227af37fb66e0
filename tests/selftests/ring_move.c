// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_move: take the CPU that has the timer offline. It moves to the next
 * that does housekeeping, past one that is isolated, and back again; no tick is
 * lost without being counted. Wants four CPUs, CPU 0 to be removable and CPU 1
 * to be isolated (cpu0_hotplug isolcpus=1).
 */
#include "ring.h"

/* The CPUs that a timer of the rings is on, one bit each. */
static unsigned long timer_cpus(void)
{
	unsigned long cpus = 0;
	unsigned int cpu = 0;
	char line[512];
	FILE *file = fopen("/proc/timer_list", "re");

	need(file != NULL, "open /proc/timer_list");
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "cpu: %u", &cpu);
		if (strstr(line, "on_tick"))
			cpus |= 1UL << cpu;
	}
	fclose(file);
	return cpus;
}

struct count {
	uint64_t number, mono_ns, missed;
};

static struct count newest(const struct test_ring *r)
{
	struct ktach_slot *slot = malloc(r->h.slot_stride);
	struct count count;

	next_sample(r, slot);
	count = (struct count){ slot->sequence / 2, slot->mono_ns,
				slot->missed };
	free(slot);
	return count;
}

int main(void)
{
	const uint64_t period_ns = 10000000;
	struct count before, after;
	struct test_ring ring;

	ring_open(&ring, STAT_DEV, 0);
	set_period("cpustat", period_ns / 1000);
	set_period("softirq", period_ns / 1000);
	check(timer_cpus() == 1UL << 0, "the timer is on CPU 0");
	before = newest(&ring);
	set_online(0, false);
	check(timer_cpus() == 1UL << 2, "CPU 0 goes: it is on CPU 2");
	newest(&ring);
	set_online(2, false);
	check(timer_cpus() == 1UL << 3, "CPU 2 goes: it is on CPU 3");
	newest(&ring);
	set_online(0, true);
	set_online(2, true);
	check(timer_cpus() == 1UL << 0, "CPU 0 is back: so is it");
	after = newest(&ring);
	check(after.number + after.missed - before.number - before.missed ==
		      after.mono_ns / period_ns - before.mono_ns / period_ns,
	      "each period on the way holds a sample or counts as missed");
	printf("# %lu samples, %lu missed\n", after.number - before.number,
	       after.missed - before.missed);
	return done_testing();
}
