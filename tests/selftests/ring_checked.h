/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader that holds whatever it accepts against what it had before. */
#ifndef KTACH_SELFTESTS_RING_CHECKED_H
#define KTACH_SELFTESTS_RING_CHECKED_H

#include "ring.h"

enum { FLAGS = KTACH_CPU_ONLINE | KTACH_CPU_SEEN };

/* What went wrong; the points of this test. */
enum fault {
	TORN,
	ORDER,
	BACKWARD,
	RECORD,
	FLAG,
	CALL,
	FAULTS
};

static const char *const fault_text[FAULTS] = {
	[TORN] = "no torn slot was accepted",
	[ORDER] = "samples come in order, with rising times",
	[BACKWARD] = "no value runs backwards",
	[RECORD] = "each record is its CPU's, padded with zeroes",
	[FLAG] = "flags are sane: who is online was seen, and stays so",
	[CALL] = "no call failed but for a source that is gone",
};

/* Shared with the parent, written by one reader. */
struct report {
	unsigned long samples, lapped, gone, bad[FAULTS];
	char first[128]; /* what was seen first */
};

struct reader {
	struct report *report;
	const char *device;
	struct test_ring ring;
	uint64_t last; /* number of the newest sample, 0 before the first */
	uint8_t *newest; /* that sample */
	uint8_t *copy, *again;
	unsigned int seed;
};

static inline void __attribute__((format(printf, 4, 5)))
expect(struct reader *r, bool good, enum fault fault, const char *format, ...)
{
	va_list ap;

	if (good)
		return;
	if (!r->report->first[0]) {
		va_start(ap, format);
		vsnprintf(r->report->first, sizeof(r->report->first), format,
			  ap);
		va_end(ap);
	}
	r->report->bad[fault]++;
}

static inline void check_record(struct reader *r, uint64_t n, unsigned int i)
{
	const uint64_t *now = record_of(&r->ring, r->copy, i);
	const uint64_t *before = record_of(&r->ring, r->newest, i);
	const uint32_t *id = (const void *)now, *was = (const void *)before;
	unsigned int field, fields = r->ring.h.record_size / 8;

	expect(r, id[0] == i, RECORD, "%lu: record %u is CPU %u's", n, i,
	       id[0]);
	for (field = fields; field < r->ring.h.record_stride / 8; field++)
		expect(r, now[field] == 0, RECORD, "%lu: CPU %u: padding", n,
		       i);
	expect(r, !(id[1] & ~FLAGS) && id[1] != KTACH_CPU_ONLINE, FLAG,
	       "%lu: CPU %u has flags %x", n, i, id[1]);
	if (!r->last)
		return;
	expect(r,
	       (id[1] & was[1] & KTACH_CPU_SEEN) == (was[1] & KTACH_CPU_SEEN),
	       FLAG, "%lu: CPU %u had flags %x and has %x", n, i, was[1],
	       id[1]);
	for (field = 1; field < fields; field++)
		expect(r, now[field] >= before[field], BACKWARD,
		       "%lu after %lu: CPU %u: field %u: %lu after %lu", n,
		       r->last, i, field, now[field], before[field]);
}

/* Take r->copy as sample @n, which is newer than all before. */
static inline void accept_sample(struct reader *r, uint64_t n)
{
	const struct ktach_slot *now = (void *)r->copy;
	const struct ktach_slot *before = (void *)r->newest;
	uint8_t *swap = r->newest;

	expect(r, now->sequence == 2 * n && n > r->last, ORDER,
	       "sample %lu after %lu has sequence %llu", n, r->last,
	       now->sequence);
	if (r->last)
		expect(r,
		       now->mono_ns > before->mono_ns &&
			       now->missed >= before->missed,
		       ORDER,
		       "%lu: mono %llu after %llu, missed %llu after %llu", n,
		       now->mono_ns, before->mono_ns, now->missed,
		       before->missed);
	for (unsigned int i = 0; i < r->ring.h.records; i++)
		check_record(r, n, i);
	r->newest = r->copy;
	r->copy = swap;
	r->last = n;
	r->report->samples++;
}

/*
 * Copy sample @n from the mapping. As long as it is there every copy of it is
 * the same, whatever the writer does: a second one tells whether the first
 * was torn.
 */
static inline bool take_mapped(struct reader *r, uint64_t n)
{
	if (ring_copy(&r->ring, n, r->copy) != READ_OK) {
		r->report->lapped++;
		return false;
	}
	if (ring_copy(&r->ring, n, r->again) == READ_OK)
		expect(r, !memcmp(r->copy, r->again, r->ring.h.slot_stride),
		       TORN, "two copies of %lu differ", n);
	if (n > r->last)
		accept_sample(r, n);
	return true;
}

/* r->copy came from read(), from position @number on. */
static inline void take_read(struct reader *r, uint64_t number)
{
	const struct ktach_slot *slot = (void *)r->copy;
	uint64_t n = slot->sequence / 2;

	expect(r, !(slot->sequence & 1) && n >= number, ORDER,
	       "read() at %lu gives sequence %llu", number, slot->sequence);
	if (ring_copy(&r->ring, n, r->again) == READ_OK)
		expect(r, !memcmp(r->copy, r->again, r->ring.h.slot_stride),
		       TORN, "read() and the mapping differ in %lu", n);
	r->report->lapped += n > number;
	if (n > r->last)
		accept_sample(r, n);
}

#endif /* KTACH_SELFTESTS_RING_CHECKED_H */
