// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "bench/feeds/fleet.h"

#define SECOND UINT64_C(1000000000)
#define TICK_NS UINT64_C(4000000)

static uint64_t state = 88172645463325252;

/* xorshift64* */
static double uniform(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (double)((state * 2685821657736338717) >> 11) / 9007199254740992;
}

/* Events at a rate that varies by a tenth or so; sums of uniforms will do. */
static uint64_t events(double expected)
{
	double noise = uniform() + uniform() + uniform() - 1.5;
	double n = expected + noise * 2 * (sqrt(expected) + expected / 10);

	return n > 0 ? (uint64_t)(n + uniform()) : 0;
}

static const double shares[WIRE_CPU_REQUIRED] = {
	[WIRE_CPU_USER_NS] = 0.65,
	[WIRE_CPU_SYSTEM_NS] = 0.25,
	[WIRE_CPU_IOWAIT_NS] = 0.02,
	[WIRE_CPU_SOFTIRQ_NS] = 0.03,
};

/* Softirqs a second of a CPU at full load. */
static const double rates[WIRE_SOFTIRQ_REQUIRED] = {
	[WIRE_SOFTIRQ_TIMER] = 250,  [WIRE_SOFTIRQ_NET_TX] = 2,
	[WIRE_SOFTIRQ_NET_RX] = 900, [WIRE_SOFTIRQ_BLOCK] = 40,
	[WIRE_SOFTIRQ_TASKLET] = 1,  [WIRE_SOFTIRQ_SCHED] = 300,
	[WIRE_SOFTIRQ_RCU] = 220,
};

static void run_cpu(struct fleet_host *h, uint32_t cpu, double seconds,
		    double busy)
{
	double ns = seconds * (double)SECOND, used = 0;
	uint64_t *exact = h->exact[cpu];
	uint32_t i;

	busy *= 0.4 + 1.2 * uniform();
	busy = busy > 1 ? 1 : busy;
	for (i = WIRE_CPU_USER_NS; i < WIRE_CPU_REQUIRED; i++) {
		double part = ns * busy * shares[i] * (0.8 + 0.4 * uniform());

		used += part;
		exact[i] += (uint64_t)part;
	}
	exact[WIRE_CPU_IDLE_NS] += used < ns ? (uint64_t)(ns - used) : 0;
	for (i = WIRE_CPU_USER_NS; i < WIRE_CPU_REQUIRED; i++) {
		int fine = i == WIRE_CPU_IDLE_NS || i == WIRE_CPU_IOWAIT_NS;
		uint64_t unit = fine ? 1000 : TICK_NS;

		h->cpu[cpu][i] = exact[i] / unit * unit;
	}
	for (i = WIRE_SOFTIRQ_HI; i < WIRE_SOFTIRQ_REQUIRED; i++)
		if (rates[i] > 0)
			h->softirq[cpu][i] += events(rates[i] * busy * seconds);
}

static void run_nets(struct fleet_host *h, double seconds)
{
	uint32_t i, side;

	for (i = 0; i < FLEET_NETS; i++) {
		for (side = WIRE_NET_RX_BYTES; side < WIRE_NET_REQUIRED;
		     side += 4) {
			uint64_t *at = &h->net[i][side];
			double rate = i ? 0.3 : 20 + 4000 * h->load;
			uint64_t packets = events(rate * seconds);
			uint64_t bytes = packets * (80 + events(300));

			at[0] += bytes;
			at[1] += packets;
			at[2] = (uint64_t)((double)bytes / seconds);
			at[3] = (uint64_t)((double)packets / seconds);
		}
	}
}

static void run_values(struct fleet_host *h, double seconds)
{
	static const double counts[FLEET_COUNTERS] = {
		[WIRE_CONTEXT_SWITCHES] = 9000, [WIRE_FORKS] = 4,
		[WIRE_INTERRUPTS] = 6000,	[WIRE_EXITS] = 4,
		[WIRE_PAGES_OUT_BYTES] = 30,	[WIRE_FAULTS] = 900,
		[WIRE_PSI_CPU_SOME_NS] = 4e6,
	};
	uint32_t i;

	for (i = 0; i < FLEET_COUNTERS; i++) {
		uint64_t n = events(counts[i] * h->load * seconds);

		h->counters[i][1] += i == WIRE_PAGES_OUT_BYTES ? n << 12 : n;
	}
	for (i = WIRE_LOAD_1MIN; i <= WIRE_LOAD_15MIN; i++)
		if (h->sample % 5 == 0)
			h->gauges[i][1] = events(h->load * 800);
	h->gauges[WIRE_TASKS_RUNNING][1] = 1 + events(h->load * 8);
	h->gauges[WIRE_TASKS_SLEEPING][1] = 210 + events(2);
	h->gauges[WIRE_THREADS][1] = 400 + events(2);
	for (i = WIRE_MEMORY_FREE_BYTES; i <= WIRE_MEMORY_SLAB_BYTES; i++)
		h->gauges[i][1] += (events(60) - 60) * 4096;
	h->gauges[WIRE_MEMORY_DIRTY_BYTES][1] = events(300) * 4096;
	h->gauges[WIRE_PSI_CPU_SOME_10S][1] = events(h->load * 20);
	h->gauges[WIRE_PSI_CPU_SOME_60S][1] = events(h->load * 10);
}

static void run_disks(struct fleet_host *h, double seconds)
{
	uint64_t *d = h->disk[0];
	uint64_t writes = events(12 * seconds), reads = events(1 * seconds);

	d[WIRE_DISK_READS] += reads;
	d[WIRE_DISK_READ_BYTES] += reads * 16384;
	d[WIRE_DISK_READ_NS] += reads * 1000000;
	d[WIRE_DISK_WRITES] += writes;
	d[WIRE_DISK_WRITES_MERGED] += events(4 * seconds);
	d[WIRE_DISK_WRITTEN_BYTES] += writes * events(4) * 4096;
	d[WIRE_DISK_WRITE_NS] += events((double)writes) * 1000000;
	d[WIRE_DISK_BUSY_NS] += events((double)writes) * 1000000;
	d[WIRE_DISK_QUEUE_NS] += events((double)writes) * 1000000;
}

static void run(struct fleet_host *h, double seconds)
{
	uint32_t i;

	for (i = 0; i < FLEET_CPUS; i++)
		run_cpu(h, i, seconds, h->load);
	run_nets(h, seconds);
	run_values(h, seconds);
	run_disks(h, seconds);
}

void fleet_begin(struct fleet_host *h, uint32_t number, uint64_t real_ns)
{
	uint32_t i;

	memset(h, 0, sizeof(*h));
	h->load = 0.01 + 0.7 * uniform() * uniform() * uniform();
	h->real_ns = real_ns + (uint64_t)(uniform() * 1e9);
	h->mono_ns = (uint64_t)(uniform() * 1e16);
	for (i = 0; i < FLEET_CPUS; i++) {
		h->cpu[i][0] = i;
		h->softirq[i][0] = i;
		h->cpu[i][1] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		h->softirq[i][1] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
	}
	for (i = 0; i < FLEET_NETS; i++)
		h->net[i][0] = i + 1;
	for (i = 0; i < FLEET_GAUGES; i++)
		h->gauges[i][0] = i;
	for (i = 0; i < FLEET_COUNTERS; i++)
		h->counters[i][0] = i;
	h->disk[0][0] = UINT64_C(259) << 20;
	for (i = WIRE_MEMORY_TOTAL_BYTES; i <= WIRE_MEMORY_SLAB_BYTES; i++)
		h->gauges[i][1] = (uint64_t)(uniform() * 8e6) * 4096;
	run(h, 1e6 * (1 + number % 7));
}

void fleet_step(struct fleet_host *h)
{
	uint64_t passed = SECOND + (uint64_t)(uniform() * 60000);

	/* Hours go up and down, minutes too, and now and then something runs. */
	h->load += (uniform() - 0.5) * 0.02;
	if (uniform() < 0.003)
		h->load = uniform() * uniform();
	h->load = h->load < 0.01 ? 0.01 : h->load;
	h->real_ns += passed;
	h->mono_ns += passed;
	h->sample++;
	run(h, (double)passed / 1e9);
}

static void table(struct wire_table *t, const struct fleet_host *h,
		  uint32_t kind, uint32_t rows, uint32_t columns,
		  const uint64_t *cells)
{
	*t = (struct wire_table){ .kind = kind,
				  .schema = 1,
				  .origin = WIRE_ORIGIN_PROC,
				  .sample = h->sample,
				  .real_ns = h->real_ns,
				  .mono_ns = h->mono_ns,
				  .columns = columns,
				  .rows = rows,
				  .cells = cells };
}

void fleet_tables(const struct fleet_host *h,
		  struct wire_table tables[FLEET_TABLES])
{
	static const struct wire_text nets[] = { { "eth0", 4 }, { "lo", 2 } };
	static const struct wire_text disks[] = { { "nvme0n1", 7 } };

	table(&tables[0], h, WIRE_CPU, FLEET_CPUS, WIRE_CPU_REQUIRED,
	      h->cpu[0]);
	table(&tables[1], h, WIRE_SOFTIRQ, FLEET_CPUS, WIRE_SOFTIRQ_REQUIRED,
	      h->softirq[0]);
	table(&tables[2], h, WIRE_NET, FLEET_NETS, WIRE_NET_REQUIRED,
	      h->net[0]);
	table(&tables[3], h, WIRE_GAUGES, FLEET_GAUGES, WIRE_VALUE_COLUMNS,
	      h->gauges[0]);
	table(&tables[4], h, WIRE_COUNTERS, FLEET_COUNTERS, WIRE_VALUE_COLUMNS,
	      h->counters[0]);
	table(&tables[5], h, WIRE_DISK, FLEET_DISKS, WIRE_DISK_REQUIRED,
	      h->disk[0]);
	tables[2].texts = WIRE_NET_TEXTS;
	tables[2].text = nets;
	tables[5].texts = WIRE_DISK_TEXTS;
	tables[5].text = disks;
}

uint64_t fleet_values(void)
{
	return FLEET_CPUS *
		       (WIRE_CPU_REQUIRED - 2 + WIRE_SOFTIRQ_REQUIRED - 2) +
	       FLEET_NETS * (WIRE_NET_REQUIRED - 1) + FLEET_GAUGES +
	       FLEET_COUNTERS + FLEET_DISKS * (WIRE_DISK_REQUIRED - 1);
}
