// SPDX-License-Identifier: GPL-2.0-or-later
/* Slots of the packet counters and their recordings, as their one writer leaves them:
 * copies are whole, and of the slot that was asked for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/kernel/net_recorder.h"
#include "lib/kernel/net_table.h"

enum {
	SLOTS = 3,
	RECORDED = 8,
	BUCKETS = RECORDED * KTACH_NET_DIRECTIONS,
	/* More than its content, as of a later version. */
	SLOT_SIZE = sizeof(struct ktach_net_slot) + 64,
	RECORDING_SIZE = sizeof(struct ktach_net_recording) +
			 BUCKETS * sizeof(uint32_t) + 8,
};

static uint64_t slots[SLOTS * SLOT_SIZE / 8 + 1];
static uint64_t recordings[SLOTS * RECORDING_SIZE / 8 + 1];
static struct ktach_net_control controls[SLOTS];
static struct ktach_net_head head = { .slots = SLOTS };
static const struct net_table table = {
	.head = { .data = &head, .value_size = sizeof(head), .entries = 1 },
	.slots = { .data = slots, .value_size = SLOT_SIZE, .entries = SLOTS },
};
static struct net_recorder recorder = {
	.recordings = { .data = recordings,
			.value_size = RECORDING_SIZE,
			.entries = SLOTS },
	.controls = { .data = controls,
		      .value_size = sizeof(controls[0]),
		      .entries = SLOTS },
	.recorded = RECORDED,
};

static struct ktach_net_slot *slot(uint32_t number)
{
	return (void *)((uint8_t *)slots + (size_t)number * SLOT_SIZE);
}

static struct ktach_net_recording *recording(uint32_t number)
{
	return (void *)((uint8_t *)recordings +
			(size_t)number * RECORDING_SIZE);
}

static int setup(void **state)
{
	memset(slots, 0, sizeof(slots));
	memset(recordings, 0, sizeof(recordings));
	memset(controls, 0, sizeof(controls));
	return 0;
}

static void a_slot_is_copied(void **state)
{
	struct ktach_net_slot copy;
	uint32_t i;

	for (i = 1; i < SLOTS; i++) {
		slot(i)->ifindex = 10 * i;
		slot(i)->sequence = 2 * i;
	}
	assert_int_equal(net_table_slots(&table), SLOTS);
	assert_ptr_equal(net_table_head(&table), &head);
	assert_int_equal(net_table_copy(&table, 0, &copy), -ENOENT);
	for (i = 1; i < SLOTS; i++) {
		assert_int_equal(net_table_copy(&table, i, &copy), 0);
		assert_memory_equal(&copy, slot(i), sizeof(copy));
		assert_int_equal(net_table_find(&table, 10 * i, &copy), i);
		assert_int_equal(copy.ifindex, 10 * i);
	}
	assert_int_equal(net_table_copy(&table, SLOTS, &copy), -ENOENT);
	assert_int_equal(net_table_find(&table, 7, &copy), -ENOENT);
}

/* One that is being written for ever: the writer died there. */
static void a_slot_under_way_is_not(void **state)
{
	struct ktach_net_slot copy;

	slot(0)->ifindex = 1;
	slot(0)->sequence = 1;
	assert_int_equal(net_table_copy(&table, 0, &copy), -EAGAIN);
	assert_int_equal(net_table_find(&table, 1, &copy), -EAGAIN);
}

static void a_namespace_is_known(void **state)
{
	head.netns_cookie = net_namespace_cookie();
	assert_true(net_table_is_here(&table));
	head.netns_cookie++;
	assert_false(net_table_is_here(&table));
}

/* Bucket n has the number n, in the other direction n + 1000. */
static void record(struct ktach_net_recording *r, uint64_t first, uint64_t end)
{
	uint64_t n;

	r->first_ms = first;
	r->end_ms = end;
	for (n = first; n < end; n++) {
		r->bytes[n % RECORDED] = (uint32_t)n;
		r->bytes[RECORDED + n % RECORDED] = (uint32_t)n + 1000;
	}
}

static void expect_recorded(uint32_t number, uint64_t first, uint32_t count)
{
	uint32_t memory[BUCKETS], i;
	struct net_recording copy;

	assert_int_equal(net_recorder_copy(&recorder, number, memory, &copy),
			 0);
	assert_int_equal(copy.ifindex, 40 + number);
	assert_int_equal(copy.cause, KTACH_NET_ON_DEMAND);
	assert_int_equal(copy.first_ms, first);
	assert_int_equal(copy.buckets, count);
	for (i = 0; i < count; i++) {
		assert_int_equal(copy.bytes[0][i], first + i);
		assert_int_equal(copy.bytes[1][i], first + i + 1000);
	}
}

static void a_recording_is_copied(void **state)
{
	uint32_t memory[BUCKETS], i;
	struct net_recording copy;

	assert_int_equal(net_recorder_room(&recorder), BUCKETS);
	for (i = 1; i < SLOTS; i++) {
		recording(i)->ifindex = 40 + i;
		recording(i)->cause = KTACH_NET_ON_DEMAND;
		recording(i)->sequence = 2;
	}
	record(recording(1), 3, 7);
	expect_recorded(1, 3, 4);
	record(recording(1), 5, 13);
	expect_recorded(1, 5, RECORDED);
	record(recording(2), 100, 100);
	expect_recorded(2, 100, 0);
	/* An end that was torn reads no more than there is. */
	recording(2)->end_ms = 99;
	assert_int_equal(net_recorder_copy(&recorder, 2, memory, &copy), 0);
	assert_int_equal(copy.buckets, RECORDED);
	recording(2)->sequence = 3;
	assert_int_equal(net_recorder_copy(&recorder, 2, memory, &copy),
			 -EAGAIN);
	assert_int_equal(net_recorder_copy(&recorder, 0, memory, &copy),
			 -ENOENT);
	assert_int_equal(net_recorder_copy(&recorder, SLOTS, memory, &copy),
			 -ENOENT);
}

/* Each request is another number: odd ones freeze, even ones let it go on. */
static void requests(void **state)
{
	static const struct {
		bool frozen;
		uint32_t request;
	} asked[] = { { true, 1 },
		      { true, 3 },
		      { false, 4 },
		      { false, 6 },
		      { true, 7 } };
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		net_recorder_freeze(&recorder, 1, asked[i].frozen);
		assert_int_equal(controls[1].request, asked[i].request);
	}
	net_recorder_freeze(&recorder, SLOTS, true);
	assert_int_equal(controls[0].request, 0);
	assert_int_equal(controls[2].request, 0);
}

static void no_pins(void **state)
{
	struct net_recorder r;
	struct net_table t;

	assert_int_equal(net_table_open(&t, "/no/such/folder"), -ENOENT);
	assert_null(t.head.data);
	assert_int_equal(net_recorder_open(&r, "/no/such/folder"), -ENOENT);
	assert_null(r.recordings.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_slot_is_copied, setup),
		cmocka_unit_test_setup(a_slot_under_way_is_not, setup),
		cmocka_unit_test(a_namespace_is_known),
		cmocka_unit_test_setup(a_recording_is_copied, setup),
		cmocka_unit_test_setup(requests, setup),
		cmocka_unit_test(no_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
