// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fleet of hosts that are not there: frames of as many nodes as are asked for,
 * by UDP, with figures that move as those of real hosts do.
 *
 *   fleet HOST PORT NODES CPUS ROUNDS INTERVAL_MS [whole] [lossy] [timed]
 *
 * Whole ones also send what else is known of a host: facts, memory, pressure,
 * disks, mounts, links, sensors, processes, cores and interrupts; mounts each
 * third round, processes and facts each second.
 *
 * Of a lossy fleet each tenth frame of node 5 is not sent; a timed one has exact
 * times of softirqs.
 *
 * A round is one frame a node, spread evenly over the interval. Node n has the
 * id n + 1 and the name "node-N"; its load is about 0.1 to
 * 0.9, by n % 100.
 */
#include <arpa/inet.h>
#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/feeds/whole.h"
#include "lib/base/clock.h"
#include "lib/wire/wire.h"

#define S UINT64_C(1000000000)

enum {
	CPUS_MAX = 64,
	FRAME = 8192,
	NETS = 2,
};

static struct {
	struct wire_encoder encoder;
	uint8_t frame[FRAME];
	uint64_t session;
	uint64_t start_ns;
	uint64_t interval_ns;
	uint32_t cpus;
	bool whole;
	bool lossy;
	bool timed;
	uint64_t round;
	int fd;
} f;

static void put(uint32_t kind, uint32_t origin, uint32_t columns, uint32_t rows,
		const uint64_t *cells, const struct wire_text *text,
		uint32_t texts)
{
	const struct wire_table t = {
		.kind = kind,
		.schema = 1,
		.origin = origin,
		.sample = f.round,
		.real_ns = f.session + f.round * f.interval_ns,
		.mono_ns = S + f.round * f.interval_ns,
		.columns = columns,
		.rows = rows,
		.texts = texts,
		.cells = cells,
		.text = text,
	};

	if (wire_put(&f.encoder, &t, 0) != rows)
		errx(1, "a frame of %d bytes is too short", FRAME);
}

static void put_node(uint64_t n)
{
	uint64_t cells[] = { 0, f.interval_ns, 0 };
	char name[32];
	struct wire_text text[2] = { { name, 0 }, { "fleet", 5 } };

	text[0].size = (size_t)snprintf(name, sizeof(name), "node-%05llu",
					(unsigned long long)n);
	put(WIRE_NODE, WIRE_ORIGIN_SHIPPER, WIRE_NODE_REQUIRED, 1, cells, text,
	    WIRE_NODE_TEXTS);
}

/* Intervals that a CPU was busy so far: the integral of a wave about the node's
 * own load, with another phase for each CPU. It never falls.
 */
static double busy(uint64_t n, uint32_t cpu)
{
	double phase = (double)n + cpu, x = (double)(f.round + 1);

	return (0.1 + 0.008 * (double)(n % 100)) * x +
	       0.1 * 7 * (cos(phase) - cos(x / 7 + phase));
}

static void put_cpus(uint64_t n)
{
	static uint64_t cells[CPUS_MAX * WIRE_CPU_REQUIRED];
	uint64_t all_ns = (f.round + 1) * f.interval_ns;
	uint32_t cpu;

	memset(cells, 0, sizeof(cells));
	for (cpu = 0; cpu < f.cpus; cpu++) {
		uint64_t *c = &cells[cpu * WIRE_CPU_REQUIRED];
		double ns = busy(n, cpu) * (double)f.interval_ns;

		c[WIRE_CPU_KEY] = cpu;
		c[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		c[WIRE_CPU_USER_NS] = (uint64_t)(1e9 + ns * 0.7);
		c[WIRE_CPU_SYSTEM_NS] = (uint64_t)(1e9 + ns * 0.3);
		c[WIRE_CPU_IDLE_NS] = (uint64_t)(1e9 + (double)all_ns - ns);
	}
	put(WIRE_CPU, WIRE_ORIGIN_PROC, WIRE_CPU_REQUIRED, f.cpus, cells, NULL,
	    0);
}

/* Timed ones know how long each ran: 100 us, and once five times that. */
static void put_softirqs(uint64_t n)
{
	static uint64_t cells[CPUS_MAX * WIRE_SOFTIRQ_COLUMNS];
	uint32_t columns = f.timed ? WIRE_SOFTIRQ_COLUMNS :
				     WIRE_SOFTIRQ_REQUIRED;
	uint32_t cpu, i;

	for (cpu = 0; cpu < f.cpus; cpu++) {
		uint64_t *c = &cells[cpu * columns];

		c[WIRE_SOFTIRQ_KEY] = cpu;
		c[WIRE_SOFTIRQ_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		for (i = 0; i < WIRE_SOFTIRQ_VECTORS; i++)
			c[WIRE_SOFTIRQ_HI + i] = f.round * i * (n % 50 + 1);
		for (i = 0; f.timed && i < WIRE_SOFTIRQ_VECTORS; i++) {
			c[WIRE_SOFTIRQ_TIME_NS + i] =
				c[WIRE_SOFTIRQ_HI + i] * 100000;
			c[WIRE_SOFTIRQ_MAX_NS + i] = i ? 500000 : 0;
			c[WIRE_SOFTIRQ_MAX_AT_NS + i] = S;
		}
	}
	put(WIRE_SOFTIRQ, f.timed ? WIRE_ORIGIN_RING : WIRE_ORIGIN_PROC,
	    columns, f.cpus, cells, NULL, 0);
}

static void put_nets(uint64_t n)
{
	static const struct wire_text names[NETS] = { { "lo", 2 },
						      { "eth0", 4 } };
	uint64_t cells[NETS * WIRE_NET_COLUMNS] = { 0 };
	uint32_t i;

	for (i = 0; i < NETS; i++) {
		uint64_t *c = &cells[i * WIRE_NET_COLUMNS];
		uint64_t rate = i * (n % 200 + 1) * 10000;

		c[WIRE_NET_KEY] = i + 1;
		c[WIRE_NET_RX_BYTES] = rate * f.round;
		c[WIRE_NET_RX_PACKETS] = rate * f.round / 500;
		c[WIRE_NET_RX_BYTES_PER_S] = rate;
		c[WIRE_NET_RX_PACKETS_PER_S] = rate / 500;
		c[WIRE_NET_TX_BYTES] = rate * f.round / 2;
		c[WIRE_NET_TX_PACKETS] = rate * f.round / 1000;
		c[WIRE_NET_TX_BYTES_PER_S] = rate / 2;
		c[WIRE_NET_TX_PACKETS_PER_S] = rate / 1000;
		c[WIRE_NET_RX_MORE + WIRE_NET_MAX_BUCKET_BYTES] =
			f.round % 10 == n % 10 ? rate / 20 : rate / 900;
	}
	put(WIRE_NET, WIRE_ORIGIN_BPF, WIRE_NET_COLUMNS, NETS, cells, names, 1);
}

static void put_values(uint64_t n)
{
	uint64_t gauges[] = { WIRE_LOAD_1MIN,
			      n % 100 * f.cpus,
			      WIRE_LOAD_5MIN,
			      n % 100,
			      WIRE_LOAD_15MIN,
			      n % 100,
			      WIRE_MEMORY_TOTAL_BYTES,
			      UINT64_C(16) << 30,
			      WIRE_MEMORY_AVAILABLE_BYTES,
			      (16 - n % 16) << 30 };
	uint64_t counters[] = { WIRE_CONTEXT_SWITCHES, f.round * 5000,
				WIRE_FORKS, f.round * 7 };

	put(WIRE_GAUGES, WIRE_ORIGIN_PROC, 2, 5, gauges, NULL, 0);
	put(WIRE_COUNTERS, WIRE_ORIGIN_PROC, 2, 2, counters, NULL, 0);
}

static void send_node(uint64_t n)
{
	struct wire_sender sender = { .session = f.session };
	uint64_t id = n + 1;
	size_t size;

	memcpy(sender.node, &id, sizeof(id));
	wire_begin(&f.encoder, f.frame, sizeof(f.frame),
		   f.session + f.round * f.interval_ns);
	put_node(n);
	put_cpus(n);
	put_softirqs(n);
	put_nets(n);
	if (f.whole)
		whole_put(&(struct whole){ n, f.round, f.interval_ns, f.cpus,
					   put });
	else
		put_values(n);
	size = wire_finish(&f.encoder, &sender, f.round + 1);
	if (f.lossy && n == 5 && f.round % 10 == 9)
		return;
	if (send(f.fd, f.frame, size, 0) < 0)
		warn("send");
}

static void wait_until(uint64_t ns)
{
	uint64_t now = clock_mono_ns();

	if (now < ns)
		usleep((unsigned int)((ns - now) / 1000));
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint64_t nodes, rounds, n;
	int i;

	if (argc < 7 || argc > 10 ||
	    inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2,
		     "usage: fleet HOST PORT NODES CPUS ROUNDS INTERVAL_MS [whole] [lossy] [timed]");
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	nodes = strtoull(argv[3], NULL, 10);
	f.cpus = (uint32_t)atoi(argv[4]);
	rounds = strtoull(argv[5], NULL, 10);
	f.interval_ns = strtoull(argv[6], NULL, 10) * 1000000;
	for (i = 7; i < argc; i++) {
		f.whole = f.whole || !strcmp(argv[i], "whole");
		f.lossy = f.lossy || !strcmp(argv[i], "lossy");
		f.timed = f.timed || !strcmp(argv[i], "timed");
	}
	if (!nodes || !f.cpus || f.cpus > CPUS_MAX || !f.interval_ns)
		errx(2, "NODES, INTERVAL_MS: at least 1; CPUS: 1 to %d",
		     CPUS_MAX);
	f.fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (f.fd < 0 || connect(f.fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", argv[1]);
	f.session = clock_real_ns();
	f.start_ns = clock_mono_ns();
	for (f.round = 0; f.round < rounds; f.round++) {
		for (n = 0; n < nodes; n++) {
			if (n % 64 == 0)
				wait_until(f.start_ns +
					   f.round * f.interval_ns +
					   f.interval_ns * n / nodes);
			send_node(n);
		}
	}
	return 0;
}
