// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_hotplug CPU: take a CPU away and bring it back; its records keep their
 * values, say so, and go on from there.
 */
#include "ring.h"

static struct test_ring stat_ring, softirq_ring;
static unsigned int cpu;

/* Copy the CPU's record out of a sample that is yet to come. */
static void next_record(const struct test_ring *r, void *to)
{
	uint8_t *copy = malloc(r->h.slot_stride);

	next_sample(r, copy);
	memcpy(to, record_of(r, copy, cpu), r->h.record_size);
	free(copy);
}

static bool none_less(const void *before, const void *after, size_t size)
{
	const uint64_t *a = before, *b = after;

	for (size_t i = 1; i < size / sizeof(*a); i++)
		if (b[i] < a[i])
			return false;
	return true;
}

static void cycle(const struct test_ring *r, const char *name)
{
	uint8_t away[128], later[128], back[128];
	const uint32_t *flags = (const uint32_t *)later + 1;
	size_t size = r->h.record_size;

	set_online(cpu, false);
	next_record(r, away);
	sleep_ms(100);
	next_record(r, later);
	check(*flags == KTACH_CPU_SEEN, "%s: an offline CPU is flagged", name);
	check(!memcmp(away, later, size), "%s: it keeps its last values", name);
	set_online(cpu, true);
	next_record(r, back);
	check(((uint32_t *)back)[1] == (KTACH_CPU_ONLINE | KTACH_CPU_SEEN) &&
		      none_less(later, back, size),
	      "%s: back again, it goes on from there", name);
}

int main(int argc, char **argv)
{
	need(argc == 2, "arguments: CPU");
	cpu = atoi(argv[1]);
	ring_open(&stat_ring, STAT_DEV, 0);
	ring_open(&softirq_ring, SOFTIRQ_DEV, 0);
	set_period("cpustat", 10000);
	set_period("softirq", 10000);
	next_record(&stat_ring, (uint8_t[128]){ 0 });
	cycle(&stat_ring, "cpustat");
	cycle(&softirq_ring, "softirq");
	return done_testing();
}
