// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring reader against a writer thread that follows the writer's side of
 * the protocol in a shared file: no torn copy is ever accepted, and what was
 * lapped is told. (The kernel's writer is tested in a guest.)
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/kernel/ring.h"
#include "tests/unit/scratch.h"

enum {
	SLOTS = 4,
	RECORDS = 8,
	STRIDE = 128,
	SLOT = 64 + RECORDS * STRIDE,
	SIZE = 4096 + SLOTS * SLOT,
	READS = 300000,
};

struct writer {
	char path[64];
	uint8_t *base;
	struct ktach_ring_header *header;
	int stop;
};

static struct ktach_slot *slot(struct writer *w, uint64_t n)
{
	return (struct ktach_slot *)(w->base + 4096 + (n & (SLOTS - 1)) * SLOT);
}

/* Every value of a sample is its number, so that a mixed one shows. */
static void write_sample(struct writer *w, uint64_t n)
{
	struct ktach_slot *s = slot(w, n);
	volatile uint64_t *values = (uint64_t *)(s + 1);
	size_t i;

	__atomic_store_n(&s->sequence, 2 * n - 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	s->real_ns = n;
	s->mono_ns = n;
	for (i = 0; i < RECORDS * STRIDE / sizeof(*values); i++)
		values[i] = n;
	__atomic_store_n(&s->sequence, 2 * n, __ATOMIC_RELEASE);
	__atomic_store_n(&w->header->head, n, __ATOMIC_RELEASE);
}

static int setup(void **state)
{
	struct writer *w = calloc(1, sizeof(*w));
	int fd;

	fd = scratch_file(w->path);
	assert_true(fd >= 0 && !ftruncate(fd, SIZE));
	w->base = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(w->base, MAP_FAILED);
	close(fd);
	w->header = (struct ktach_ring_header *)w->base;
	*w->header = (struct ktach_ring_header){
		.magic = KTACH_RING_MAGIC,
		.version = KTACH_RING_VERSION,
		.header_size = sizeof(*w->header),
		.kind = KTACH_RING_CPUSTAT,
		.slots = SLOTS,
		.records = RECORDS,
		.records_seen = RECORDS,
		.record_size = 88,
		.record_stride = STRIDE,
		.records_offset = 64,
		.slot_stride = SLOT,
		.slots_offset = 4096,
		.state = KTACH_RING_LIVE,
	};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct writer *w = *state;

	munmap(w->base, SIZE);
	unlink(w->path);
	free(w);
	return 0;
}

static int open_ring(struct writer *w, struct ring *r)
{
	return ring_open(r, w->path, KTACH_RING_CPUSTAT, 88);
}

/* The way of all readers. */
static int read_sample(const struct ring *r, uint64_t number,
		       struct ring_sample *s, uint8_t *records)
{
	int err = ring_begin(r, number, s);

	if (err)
		return err;
	memcpy(records, s->records, (size_t)s->seen * STRIDE);
	return ring_end(r, s);
}

static void states(void **state)
{
	uint8_t records[RECORDS * STRIDE];
	struct ring_sample s;
	struct writer *w = *state;
	struct ring r;
	uint64_t n;

	assert_int_equal(open_ring(w, &r), 0);
	assert_int_equal(ring_head(&r), 0);
	assert_int_equal(read_sample(&r, 1, &s, records), -EAGAIN);
	for (n = 1; n <= 5; n++)
		write_sample(w, n);
	assert_int_equal(ring_head(&r), 5);
	assert_int_equal(ring_oldest(&r, 5), 3);
	assert_int_equal(ring_oldest(&r, 2), 1);
	assert_int_equal(read_sample(&r, 1, &s, records), -EOVERFLOW);
	assert_int_equal(read_sample(&r, 3, &s, records), 0);
	assert_int_equal(s.number, 3);
	assert_int_equal(s.real_ns, 3);
	assert_int_equal(read_sample(&r, 6, &s, records), -EAGAIN);
	slot(w, 6)->sequence = 11;
	assert_int_equal(read_sample(&r, 6, &s, records), -EAGAIN);
	assert_int_equal(read_sample(&r, 2, &s, records), -EOVERFLOW);
	slot(w, 5)->sequence = 10;
	assert_int_equal(ring_begin(&r, 5, &s), 0);
	assert_int_equal(ring_end(&r, &s), 0);
	slot(w, 5)->sequence = 17; /* 9 has begun */
	assert_int_equal(ring_end(&r, &s), -EOVERFLOW);
	assert_true(ring_live(&r));
	w->header->state = 0;
	assert_false(ring_live(&r));
	ring_close(&r);
}

static void other_layouts(void **state)
{
	struct writer *w = *state;
	struct ktach_ring_header good = *w->header;
	struct ring r;

#define REFUSES(change)                                      \
	do {                                                 \
		*w->header = good;                           \
		w->header->change;                           \
		assert_int_equal(open_ring(w, &r), -EPROTO); \
	} while (0)
	REFUSES(magic = 0);
	REFUSES(version = 2);
	REFUSES(kind = KTACH_RING_SOFTIRQ);
	REFUSES(slots = 3);
	REFUSES(slots = 0);
	REFUSES(record_size = 80);
	REFUSES(record_stride = 80);
	REFUSES(records = 9);
	REFUSES(records_offset = 8);
	REFUSES(slots_offset = 64);
#undef REFUSES
	assert_int_equal(ring_open(&r, "/nowhere", KTACH_RING_CPUSTAT, 88),
			 -ENOENT);
}

/* Not more than are there to copy, nor than there is room for. */
static void records_seen(void **state)
{
	uint8_t records[RECORDS * STRIDE + 8] = { 0 };
	struct ring_sample s;
	struct writer *w = *state;
	struct ring r;

	assert_int_equal(open_ring(w, &r), 0);
	write_sample(w, 1);
	w->header->records_seen = 1;
	assert_int_equal(read_sample(&r, 1, &s, records), 0);
	assert_int_equal(records[0], 1);
	assert_int_equal(records[STRIDE], 0);
	w->header->records_seen = RECORDS + 1;
	assert_int_equal(read_sample(&r, 1, &s, records), 0);
	assert_int_equal(records[STRIDE], 1);
	assert_int_equal(records[RECORDS * STRIDE], 0);
	ring_close(&r);
}

static void *write_on(void *data)
{
	struct writer *w = data;
	uint64_t n = 0;

	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		volatile uint64_t pause = n % 13 * 400;

		write_sample(w, ++n);
		while (pause)
			pause--;
	}
	return NULL;
}

static void torn(void **state)
{
	uint8_t records[RECORDS * STRIDE];
	struct ring_sample s;
	struct writer *w = *state;
	int i, accepted = 0, lapped = 0;
	pthread_t thread;
	struct ring r;

	assert_int_equal(open_ring(w, &r), 0);
	pthread_create(&thread, NULL, write_on, w);
	for (i = 0; accepted < READS || !lapped; i++) {
		uint64_t head = ring_head(&r), n = ring_oldest(&r, head);
		const uint64_t *value = (const uint64_t *)records;
		size_t j;
		int ret;

		if (!head) {
			sched_yield();
			continue;
		}
		ret = read_sample(&r, i % 2 ? n : head, &s, records);
		lapped += ret == -EOVERFLOW;
		if (ret)
			continue;
		accepted++;
		assert_int_equal(s.real_ns, s.number);
		for (j = 0; j < sizeof(records) / sizeof(*value); j++)
			if (value[j] != s.number)
				fail_msg("sample %llu holds a value of %llu",
					 (unsigned long long)s.number,
					 (unsigned long long)value[j]);
	}
	__atomic_store_n(&w->stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	ring_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(states, setup, teardown),
		cmocka_unit_test_setup_teardown(other_layouts, setup, teardown),
		cmocka_unit_test_setup_teardown(records_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(torn, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
