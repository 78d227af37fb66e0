// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_torn COPIES: read the slot under the pen of a fast writer, again and
 * again. Each sample is copied when it is the newest and kept; whatever is
 * accepted later as the same sample must be the same, to the last byte. Ends after
 * so many COPIES.
 */
#include <sched.h>

#include "ring.h"

enum {
	KEPT = 4096
};

static struct test_ring ring;
static uint8_t *kept[KEPT]; /* by number; [0] tells which sample it is */
static uint64_t kept_number[KEPT];
static uint8_t *copy;
static unsigned long accepted, rejected, fresh, torn, backward;

/* The timer is on the first CPU: keep out of its way to get in its way. */
static void move_to_last_cpu(void)
{
	cpu_set_t set;
	int cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	need(sched_setaffinity(0, sizeof(set), &set) == 0, "move to CPU %d",
	     cpu);
}

/* No value may be smaller than in the sample before. */
static bool runs_backward(const uint8_t *before, const uint8_t *after)
{
	const uint64_t *a, *b;
	unsigned int i, field;

	for (i = 0; i < ring.h.records; i++) {
		a = record_of(&ring, before, i);
		b = record_of(&ring, after, i);
		for (field = 1; field < ring.h.record_size / 8; field++)
			if (b[field] < a[field])
				return true;
	}
	return false;
}

static void keep_newest(void)
{
	uint64_t n = head(&ring);
	unsigned int i = n % KEPT, last = (n - 1) % KEPT;

	if (kept_number[i] == n || ring_copy(&ring, n, copy) != READ_OK)
		return;
	memcpy(kept[i], copy, ring.h.slot_stride);
	kept_number[i] = n;
	fresh++;
	if (kept_number[last] == n - 1 && runs_backward(kept[last], kept[i]))
		backward++;
}

/* The slot that is written next, up to the moment when it has been. */
static void read_under_pen(void)
{
	uint64_t n = head(&ring) + 1 - ring.h.slots;
	unsigned int i = n % KEPT, tries;

	for (tries = 0; tries < 200; tries++) {
		if (ring_copy(&ring, n, copy) != READ_OK) {
			rejected++;
			return;
		}
		accepted++;
		if (kept_number[i] == n &&
		    memcmp(copy, kept[i], ring.h.slot_stride))
			torn++;
		keep_newest();
	}
}

int main(int argc, char **argv)
{
	unsigned long wanted;
	unsigned int i;

	need(argc == 2, "arguments: COPIES");
	wanted = strtoul(argv[1], NULL, 10);
	ring_open(&ring, STAT_DEV, 0);
	copy = malloc(ring.h.slot_stride);
	for (i = 0; i < KEPT; i++)
		need((kept[i] = calloc(1, ring.h.slot_stride)) != NULL,
		     "memory");
	move_to_last_cpu();
	set_period("cpustat", 100);
	need(wait_head(&ring, head(&ring) + ring.h.slots), "the ring fills");
	while (accepted + rejected < wanted || rejected <= 100) {
		keep_newest();
		read_under_pen();
	}
	set_period("cpustat", 1000000);
	printf("# %lu samples kept, %lu copies accepted, %lu rejected\n", fresh,
	       accepted, rejected);
	check(fresh > 100 && accepted > 100 && rejected > 100,
	      "a reader got in the way of a writer with a period of 100 us");
	check(!torn, "no torn slot was accepted");
	check(!backward, "no value runs backwards");
	ring_close(&ring);
	return done_testing();
}
