// SPDX-License-Identifier: GPL-2.0-or-later
/* Datagrams through a real socket and io_uring: good ones arrive, bad ones are
 * counted by reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/feed/ingest.h"
#include "collector/feed/listen.h"
#include "collector/feed/receive.h"
#include "lib/base/log.h"

#define S UINT64_C(1000000000)

static struct loop loop;
static struct nodes nodes;
static struct feed feed;
static struct ingest ingest;
static struct receive receive;
static int sender;
static uint8_t frame[WIRE_FRAME_MAX];
static size_t frame_size;

static const struct wire_sender from = { .node = "0123456789abcde",
					 .boot = "boot",
					 .session = 5 };

static void make_frame(uint64_t sequence, uint64_t mono_ns)
{
	uint64_t cells[WIRE_CPU_REQUIRED] = { 0, WIRE_CPU_ONLINE, 1, 2, 3 };
	struct wire_table t = { .kind = WIRE_CPU,
				.schema = 1,
				.origin = WIRE_ORIGIN_RING,
				.real_ns = S,
				.mono_ns = mono_ns,
				.columns = WIRE_CPU_REQUIRED,
				.rows = 1,
				.cells = cells };
	struct wire_encoder e = { 0 };

	wire_begin(&e, frame, 1400, S);
	assert_int_equal(wire_put(&e, &t, 0), 1);
	frame_size = wire_finish(&e, &from, sequence);
}

/* Send what @frame holds; run the loop until it was seen. */
static void deliver(size_t size)
{
	uint64_t before = ingest.counts.frames;

	assert_int_equal(send(sender, frame, size, 0), size);
	while (ingest.counts.frames == before)
		assert_int_equal(loop_run_once(&loop, true), 0);
	assert_int_equal(ingest.counts.frames, before + 1);
}

static void assert_drops(unsigned int reason, uint64_t count)
{
	assert_int_equal(ingest.counts.dropped[reason], count);
}

/* Where to listen, and how. */
struct way {
	const char *address;
	bool polled;
};

static int setup(void **state)
{
	const struct way *way = *state;
	struct listen_pair pair;
	struct address a;

	log_init("test", LOG_ERROR);
	assert_int_equal(way->polled ? loop_init_polled(&loop, 16) :
				       loop_init(&loop, 16),
			 0);
	assert_int_equal(nodes_init(&nodes, 0), 0);
	feed_init(&feed, &nodes, NULL);
	assert_int_equal(ingest_init(&ingest, &feed), 0);
	assert_int_equal(address_resolve(&a, way->address, 0), 0);
	assert_int_equal(listen_feed(&pair, &a, 1, "--listen"), 0);
	assert_int_equal(receive_open(&receive, &loop, &ingest, pair.udp), 0);
	assert_int_equal(loop_run_once(&loop, false), 0);
	close(pair.tcp);
	sender = socket(a.family, SOCK_DGRAM, 0);
	return connect(sender, (struct sockaddr *)&a.storage, a.size);
}

static int teardown(void **state)
{
	close(sender);
	receive_close(&receive);
	loop_exit(&loop);
	ingest_exit(&ingest);
	feed_exit(&feed);
	nodes_exit(&nodes);
	return 0;
}

static void good(void **state)
{
	uint64_t i;

	for (i = 1; i <= 300; i++) { /* more than there are buffers */
		make_frame(i, i * S);
		deliver(frame_size);
	}
	assert_int_equal(nodes.count, 1);
	assert_int_equal(nodes.list[0]->received, 300);
	assert_int_equal(nodes.list[0]->cpu.rows[0]->cells[WIRE_CPU_USER_NS],
			 1);
	for (i = WIRE_OK; i < DROP_REASONS; i++)
		assert_drops((unsigned int)i, 0);
}

static void bad(void **state)
{
	make_frame(1, S);
	deliver(0);
	deliver(WIRE_HEADER_SIZE - 1);
	assert_drops(WIRE_E_SHORT, 2);
	deliver(frame_size - 1);
	deliver(frame_size + 1);
	deliver(sizeof(frame));
	memset(frame + 8, 0xff, 4); /* absurd length */
	deliver(frame_size);
	assert_drops(WIRE_E_LENGTH, 4);
	make_frame(1, S);
	frame[4]++;
	deliver(frame_size);
	assert_drops(WIRE_E_VERSION, 1);
	make_frame(1, S);
	frame[frame_size - 1] ^= 1;
	deliver(frame_size);
	assert_drops(WIRE_E_CRC, 1);
	frame[0] = 'X';
	deliver(frame_size);
	assert_drops(WIRE_E_MAGIC, 1);
	assert_int_equal(nodes.count, 0);

	make_frame(1, S);
	deliver(frame_size);
	assert_int_equal(nodes.count, 1);
	deliver(frame_size);
	assert_drops(DROP_DUPLICATE, 1);
	make_frame(2, 0);
	deliver(frame_size);
	assert_drops(DROP_VALUE, 1);
	assert_int_equal(nodes.list[0]->received, 2);
}

/* A table that promises more rows than follow, under a good CRC. */
static void broken_table(void **state)
{
	static const uint8_t body[] = {
		WIRE_CPU, 1, 9, WIRE_ORIGIN_RING, 0, 0, 1, 0, 12, 5, 0, 1,
	};
	struct wire_encoder e = { 0 };

	wire_begin(&e, frame, 1400, S);
	memcpy(frame + e.used, body, sizeof(body));
	e.used += sizeof(body);
	deliver(wire_finish(&e, &from, 1));
	assert_drops(WIRE_E_TABLE, 1);
	assert_int_equal(nodes.list[0]->cpu.count, 0);
	make_frame(2, S);
	deliver(frame_size);
	assert_int_equal(nodes.list[0]->cpu.count, 1);
}

#define ON(test, way) \
	cmocka_unit_test_prestate_setup_teardown(test, setup, teardown, way)

int main(void)
{
	static struct way uring = { "127.0.0.1:0" }, six = { "[::1]:0" },
			  polled = { "127.0.0.1:0", true };
	const struct CMUnitTest tests[] = {
		ON(good, &uring), ON(good, &six),   ON(good, &polled),
		ON(bad, &uring),  ON(bad, &polled), ON(broken_table, &uring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
