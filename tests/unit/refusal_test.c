// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames of a key that no collector knows any more: when they are given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shipper/queue/output.h"

enum {
	OLD = 1,
	NEW = 2,
};

static const struct wire_sender sender = { .session = 5 };
static struct seal_key keys[] = { [OLD] = { .id = OLD }, [NEW] = { .id = NEW } };

/* Frames, sealed under one key or unsealed, as they lie in a queue. */
static void put(struct queue *q, int key, uint64_t sequence)
{
	uint8_t frame[WIRE_HEADER_SIZE + WIRE_SEAL_SIZE];
	size_t size =
		wire_message(frame, WIRE_ACK, &sender, sequence, 1, NULL, 0);
	struct seal seal;

	if (key) {
		seal_start(&seal, &keys[key]);
		size = seal_frame(&seal, frame, size);
	}
	queue_put(q, frame, size, sender.session, sequence, false);
}

static void refuse(struct output *o, uint32_t key, int times)
{
	while (times--)
		refusal_count(&o->refusal, key, NEW);
}

static void given_up(void **state)
{
	struct queue q;
	struct output o;
	uint64_t i;

	assert_int_equal(queue_init(&q, 1 << 16), 0);
	assert_int_equal(output_init(&o, &sender, &q, 4096), 0);
	for (i = 1; i <= 7; i++)
		put(&q, i <= 3 ? OLD : i == 4 ? NEW : i == 5 ? OLD : 0, i);
	refuse(&o, OLD, REFUSALS_MAX - 1);
	output_give_up(&o);
	assert_int_equal(q.frames, 7);
	/* A refusal of another key begins anew. */
	refuse(&o, 9, 1);
	refuse(&o, OLD, REFUSALS_MAX - 1);
	output_give_up(&o);
	assert_int_equal(q.frames, 7);
	refuse(&o, OLD, 1);
	output_give_up(&o);
	/* In order: the one behind a frame that may arrive has to wait. */
	assert_int_equal(q.frames, 4);
	assert_int_equal(queue_first(&q)->sequence, 4);
	assert_int_equal(o.refusal.lost, 3);
	queue_take(&q);
	queue_acknowledge(&q, sender.session, 4);
	output_trim(&o);
	queue_rewind(&q);
	output_give_up(&o);
	assert_int_equal(queue_first(&q)->sequence, 6);
	assert_int_equal(o.refusal.lost, 4);
	output_exit(&o);
	queue_exit(&q);
}

static void present_key(void **state)
{
	struct queue q;
	struct output o;

	assert_int_equal(queue_init(&q, 1 << 16), 0);
	assert_int_equal(output_init(&o, &sender, &q, 4096), 0);
	put(&q, NEW, 1);
	put(&q, 0, 2);
	refuse(&o, NEW, 10 * REFUSALS_MAX);
	refuse(&o, 0, 10 * REFUSALS_MAX);
	output_give_up(&o);
	assert_int_equal(q.frames, 2);
	assert_int_equal(o.refusal.lost, 0);
	output_exit(&o);
	queue_exit(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_up),
		cmocka_unit_test(present_key),
	};

	return seal_init() || cmocka_run_group_tests(tests, NULL, NULL);
}
