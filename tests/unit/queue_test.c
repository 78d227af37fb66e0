// SPDX-License-Identifier: GPL-2.0-or-later
/* The queue of frames, against a plain model, through many turns of its
 * memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shipper/queue/queue.h"

enum {
	SIZE = 4096,
	FRAME_MAX = 700,
	STEPS = 200000,
	OVERHEAD = sizeof(struct queue_frame) + 8,
};

static struct queue q;
static uint32_t spooled;

static int setup(void **state)
{
	return queue_init(&q, SIZE);
}

static int teardown(void **state)
{
	queue_exit(&q);
	return 0;
}

static uint8_t byte(uint64_t sequence, size_t i)
{
	return (uint8_t)(sequence * 31 + i);
}

static void put(uint64_t session, uint64_t sequence, size_t size)
{
	uint8_t data[FRAME_MAX];
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = byte(sequence, i);
	queue_put(&q, data, size, session, sequence, sequence % 2);
}

static void assert_frame(const struct queue_frame *f, uint64_t sequence)
{
	size_t i;

	assert_non_null(f);
	assert_int_equal(f->sequence, sequence);
	for (i = 0; i < f->size; i++)
		assert_int_equal(f->data[i], byte(sequence, i));
}

/* Frames from first to last are in the queue, those before next are under
 * way: puts, takes, rewinds and acknowledgements in any order.
 */
static void model(void **state)
{
	uint64_t first = 1, next = 1, last = 0;
	size_t used = 0, sizes[SIZE], step;
	unsigned int seed = 7;
	int i, refused = 0;

	for (i = 0; i < STEPS; i++) {
		switch (rand_r(&seed) % 8) {
		case 0:
		case 1:
		case 2:
			step = (size_t)(rand_r(&seed) % FRAME_MAX) + 1;
			if (!queue_room(&q, step)) {
				/* At most an end is wasted, less than a frame. */
				assert_true(used + 2 * (FRAME_MAX + OVERHEAD) >
					    SIZE);
				refused++;
				break;
			}
			put(5, ++last, step);
			sizes[last % SIZE] = step;
			used += step + OVERHEAD;
			break;
		case 3:
		case 4:
			if (next > last) {
				assert_null(queue_next(&q));
				break;
			}
			assert_frame(queue_next(&q), next++);
			queue_take(&q);
			break;
		case 5:
			if (rand_r(&seed) % 10 == 0) {
				queue_rewind(&q);
				next = first;
			}
			break;
		default:
			if (first == next)
				break;
			step = (size_t)(rand_r(&seed) % (next - first)) + 1;
			queue_acknowledge(&q, 5, first + step - 1);
			assert_int_equal(queue_trim(&q, &spooled), step);
			for (; step; step--)
				used -= sizes[first++ % SIZE] + OVERHEAD;
		}
		assert_int_equal(q.frames, last + 1 - first);
		if (first <= last)
			assert_frame(queue_first(&q), first);
		else
			assert_null(queue_first(&q));
	}
	assert_true(refused > 100 && last > 10000);
}

/* What is acknowledged is of that session, and was sent. */
static void sessions(void **state)
{
	put(1, 90, 10);
	put(1, 91, 10);
	put(2, 1, 10);
	queue_take(&q);
	queue_take(&q);
	queue_acknowledge(&q, 2, 100);
	assert_int_equal(queue_trim(&q, &spooled), 0);
	queue_acknowledge(&q, 1, 90);
	assert_int_equal(queue_trim(&q, &spooled), 1);
	queue_acknowledge(&q, 1, 91);
	assert_int_equal(queue_trim(&q, &spooled), 1);
	queue_acknowledge(&q, 2, 1);
	assert_int_equal(queue_trim(&q, &spooled), 0);
	assert_frame(queue_next(&q), 1);
}

static void out_of_order(void **state)
{
	struct queue_frame *second;

	put(1, 1, 10);
	put(1, 2, 10);
	queue_take(&q);
	second = queue_next(&q);
	queue_take(&q);
	second->done = true;
	assert_int_equal(queue_trim(&q, &spooled), 0);
	queue_first(&q)->done = true;
	assert_int_equal(queue_trim(&q, &spooled), 2);
	assert_null(queue_first(&q));
}

/* A host whose frames leave at once uses the first bytes again and again. */
static void stays_small(void **state)
{
	int i;

	for (i = 1; i < 1000; i++) {
		put(1, (uint64_t)i, 100);
		assert_ptr_equal(queue_first(&q), q.memory);
		assert_true(queue_percent(&q) < 4);
		queue_take(&q);
		queue_acknowledge(&q, 1, (uint64_t)i);
		assert_int_equal(queue_trim(&q, &spooled), 1);
	}
	assert_false(queue_room(&q, SIZE));
	assert_true(queue_room(&q, SIZE - sizeof(struct queue_frame)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(model, setup, teardown),
		cmocka_unit_test_setup_teardown(sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(out_of_order, setup, teardown),
		cmocka_unit_test_setup_teardown(stays_small, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
