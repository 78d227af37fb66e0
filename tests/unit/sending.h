/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of what sends frames: a loop, and an output whose frames wait in a queue. */
#ifndef KTACH_TESTS_UNIT_SENDING_H
#define KTACH_TESTS_UNIT_SENDING_H

#include <poll.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/loop/loop.h"
#include "shipper/queue/output.h"
#include "tests/unit/patience.h"

enum {
	SENDING_QUEUE = 65536,
	SENDING_FRAME_MAX = 16384,
};

static const struct wire_sender sender = { .node = "node",
					   .boot = "boot",
					   .session = 9 };
static struct loop loop;
static struct queue queue;
static struct output output;

static inline int sending_begin(void)
{
	log_init("test", LOG_ERROR);
	memset(&output, 0, sizeof(output));
	return queue_init(&queue, SENDING_QUEUE) ||
	       output_init(&output, &sender, &queue, SENDING_FRAME_MAX) ||
	       loop_init_polled(&loop, 32);
}

static inline void sending_end(void)
{
	output_exit(&output);
	queue_exit(&queue);
	loop_exit(&loop);
}

/* A frame of one sample. */
static inline void put(uint64_t sample)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 0, sample };
	const struct wire_table t = { .kind = WIRE_CPU,
				      .schema = 1,
				      .origin = WIRE_ORIGIN_PROC,
				      .sample = sample,
				      .real_ns = sample,
				      .mono_ns = sample,
				      .columns = WIRE_CPU_REQUIRED,
				      .rows = 1,
				      .cells = cells };

	output_put(&output, &t);
	output_flush(&output);
}

static inline void turn_loop(void)
{
	struct pollfd none = { -1, 0, 0 };

	assert_int_equal(loop_run_once(&loop, false), 0);
	poll(&none, 1, 1);
}

/* Run the loop until @c holds; give up after a minute. */
#define until(c)                                   \
	do {                                       \
		int left = patience_ms(60000);     \
		bool holds;                        \
                                                   \
		while (!(holds = (c)) && left--)   \
			turn_loop();               \
		if (!holds)                        \
			fail_msg("never: %s", #c); \
	} while (0)

#endif /* KTACH_TESTS_UNIT_SENDING_H */
