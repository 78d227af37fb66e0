// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shipper's pen, queue and carrier with samples that are known: sample n
 * has the time n, and values that follow from n. What came out of a collector's
 * history can be checked to the last one.
 *
 *   feeder udp|tcp HOST:PORT STATE-FOLDER FIRST COUNT INTERVAL_US SHIP
 *          [polled] [patient] [jumping] [spool FOLDER]
 *
 * A frame leaves after each SHIP samples. A patient one waits while the queue
 * fills up. The wall clock of a jumping one goes back by an hour and a half after
 * a third of the samples, and to as much ahead after another. "done N" on stdout:
 * sample N and all before it are in frames. After SIGUSR1 the next one is the last. At
 * the end: "grown KB": how much memory was added in the second half; and "shed CPU NET
 * failed FRAMES left FRAMES".
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/carrier.h"
#include "shipper/identity.h"

/* The same for a month: of one to thirty days ago, as collectors want to know. */
#define DAY_S UINT64_C(86400)
#define MONTH_S (30 * DAY_S)
#define REAL_NS                                                       \
	((clock_real_ns() / 1000000000 / MONTH_S * MONTH_S - DAY_S) * \
	 1000000000)
#define JUMP_NS UINT64_C(5400000000000)

enum {
	CPUS = 2,
	QUEUE = 4 << 20,
	PATIENCE_PERCENT = 30,
	END_MS = 900000, /* for the last frames to be taken */
};

static struct feeder {
	struct loop_op timer;
	struct config config;
	struct identity identity;
	struct loop loop;
	struct queue queue;
	struct spool spool;
	struct output output;
	struct carrier carrier;
	uint64_t next;
	uint64_t end;
	uint64_t interval_ns;
	uint64_t at_ns;
	uint64_t ship;
	uint64_t half;
	bool patient;
	bool jumping;
	long memory_kb;
} f;

static volatile sig_atomic_t to_end;

static void end_soon(int signal_number)
{
	to_end = 1;
}

/* Samples of it have times of their own before and after a jump, too. */
static uint64_t real_ns(uint64_t n)
{
	uint64_t third = f.half / 3 * 2 + 1;

	if (!f.jumping || n < third)
		return REAL_NS + n;
	return n < 2 * third ? REAL_NS + n - JUMP_NS : REAL_NS + n + JUMP_NS;
}

static void put(uint32_t kind, uint32_t columns, uint32_t rows, uint64_t n)
{
	static uint64_t cells[CPUS * WIRE_COLUMNS_MAX];
	struct wire_text name = { "feeder", 6 };
	struct wire_table t = {
		.kind = kind,
		.schema = 1,
		.origin = WIRE_ORIGIN_PROC,
		.sample = n,
		.real_ns = real_ns(n),
		.mono_ns = n,
		.columns = columns,
		.rows = rows,
		.texts = kind == WIRE_NET ? 1 : 0,
		.cells = cells,
		.text = &name,
	};
	uint64_t row, column;

	for (row = 0; row < rows; row++) {
		cells[row * columns] = row + 1;
		for (column = 1; column < columns; column++)
			cells[row * columns + column] =
				n * 1000 + row * 100 + column;
	}
	output_put(&f.output, &t);
}

static void put_node(uint64_t n)
{
	uint64_t cells[WIRE_NODE_REQUIRED] = { 0, f.interval_ns * f.ship };
	struct wire_text text[WIRE_NODE_TEXTS] = { { "feeder", 6 },
						   { "1", 1 } };
	struct wire_table t = { .kind = WIRE_NODE,
				.schema = 1,
				.origin = WIRE_ORIGIN_SHIPPER,
				.real_ns = real_ns(n),
				.mono_ns = n,
				.columns = WIRE_NODE_REQUIRED,
				.rows = 1,
				.texts = WIRE_NODE_TEXTS,
				.cells = cells,
				.text = text };

	output_put(&f.output, &t);
}

static void sample(uint64_t n)
{
	if (output_empty(&f.output))
		put_node(n);
	put(WIRE_CPU, WIRE_CPU_REQUIRED, CPUS, n);
	put(WIRE_NET, WIRE_NET_REQUIRED, 1, n);
	if (n % f.ship && n + 1 != f.end)
		return;
	output_flush(&f.output);
	if (!f.output.open)
		printf("done %" PRIu64 "\n", n);
}

/* What is allocated: pages of the queue are touched when a slow collector lets it fill up. */
static long memory_kb(void)
{
	const struct mallinfo2 m = mallinfo2();

	return (long)((m.uordblks + m.hblkhd) / 1024);
}

static void timer_done(struct loop_op *op, int result, uint32_t flags)
{
	if (f.patient && queue_percent(&f.queue) >= PATIENCE_PERCENT) {
		f.at_ns = clock_mono_ns() + 1000000;
		loop_timeout(&f.loop, &f.timer, f.at_ns);
		return;
	}
	if (to_end)
		f.end = f.next + 1;
	sample(f.next++);
	if (f.next == f.half)
		f.memory_kb = memory_kb();
	f.at_ns += f.interval_ns;
	if (f.next < f.end)
		loop_timeout(&f.loop, &f.timer, f.at_ns);
	else
		f.loop.stop = true;
}

static void options(char **argv)
{
	bool polled = *argv && !strcmp(*argv, "polled");

	argv += polled;
	f.patient = *argv && !strcmp(*argv, "patient");
	argv += f.patient;
	f.jumping = *argv && !strcmp(*argv, "jumping");
	argv += f.jumping;
	if (polled ? loop_init_polled(&f.loop, 64) : loop_init(&f.loop, 64))
		errx(2, "no event loop");
	if (!*argv || strcmp(*argv, "spool"))
		return;
	if (spool_open(&f.spool, argv[1], 64 << 20, false))
		exit(2);
	f.output.spool = &f.spool;
	spool_refill(&f.spool, &f.queue);
}

static void start(char **argv)
{
	f.config.transport = argv[1];
	f.config.collector = argv[2];
	f.config.datagram = 1400;
	f.next = strtoull(argv[4], NULL, 10);
	f.end = f.next + strtoull(argv[5], NULL, 10);
	f.half = f.next + (f.end - f.next) / 2;
	f.interval_ns = strtoull(argv[6], NULL, 10) * 1000;
	f.ship = strtoull(argv[7], NULL, 10);
	if (identity_init(&f.identity, argv[3], "feeder", &f.config.host) ||
	    queue_init(&f.queue, QUEUE) ||
	    output_init(&f.output, &f.identity.sender, &f.queue, 16384))
		errx(2, "cannot start");
	options(argv + 8);
	if (carrier_open(&f.carrier, &f.config, &f.loop, &f.output))
		exit(2);
}

int main(int argc, char **argv)
{
	uint64_t limit_ns;

	if (argc < 8)
		errx(2, "usage: see the source");
	signal(SIGUSR1, end_soon);
	setvbuf(stdout, NULL, _IOLBF, 0);
	log_init("feeder", LOG_INFO);
	start(argv);
	f.timer.done = timer_done;
	f.at_ns = clock_mono_ns();
	loop_timeout(&f.loop, &f.timer, f.at_ns);
	if (loop_run(&f.loop))
		errx(2, "the loop failed");
	limit_ns = clock_mono_ns() + END_MS * UINT64_C(1000000);
	while (f.queue.frames && clock_mono_ns() < limit_ns) {
		f.loop.stop = false;
		loop_run_once(&f.loop, true);
	}
	printf("grown %ld\n", memory_kb() - f.memory_kb);
	printf("shed %" PRIu64 " %" PRIu64 " failed %" PRIu64 " left %u\n",
	       f.output.shed[WIRE_CPU], f.output.shed[WIRE_NET],
	       carrier_failed(&f.carrier), f.queue.frames);
	carrier_close(&f.carrier);
	return 0;
}
