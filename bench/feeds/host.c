// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "bench/feeds/host.h"

#define SECOND UINT64_C(1000000000)
#define UPTIME_S 2592000.0
#define TICK_NS UINT64_C(4000000)

static uint64_t state = 88172645463325252;
static int from_proc;
static uint64_t exact[HOST_CPUS][WIRE_CPU_REQUIRED]; /* ns, unrounded */
static double load[HOST_CPUS];

/* xorshift64* */
static double uniform(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (double)((state * 2685821657736338717) >> 11) / 9007199254740992;
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(6.283185307 * uniform());
}

/* Events in an interval at a rate that varies by a tenth or so. */
static uint64_t events(double expected)
{
	double n = expected + normal() * (sqrt(expected) + expected / 10);

	return n > 0 ? (uint64_t)n : 0;
}

/* What a CPU does of a second, by column, as shares; the rest is idle. */
static const double shares[WIRE_CPU_REQUIRED] = {
	[WIRE_CPU_USER_NS] = 0.6,     [WIRE_CPU_NICE_NS] = 0.01,
	[WIRE_CPU_SYSTEM_NS] = 0.25,  [WIRE_CPU_IOWAIT_NS] = 0.02,
	[WIRE_CPU_SOFTIRQ_NS] = 0.03,
};

/* Softirqs a second of a CPU at full load. */
static const double rates[WIRE_SOFTIRQ_REQUIRED] = {
	[WIRE_SOFTIRQ_HI] = 0.02,   [WIRE_SOFTIRQ_TIMER] = 250,
	[WIRE_SOFTIRQ_NET_TX] = 2,  [WIRE_SOFTIRQ_NET_RX] = 3000,
	[WIRE_SOFTIRQ_BLOCK] = 40,  [WIRE_SOFTIRQ_TASKLET] = 1,
	[WIRE_SOFTIRQ_SCHED] = 400, [WIRE_SOFTIRQ_HRTIMER] = 0.5,
	[WIRE_SOFTIRQ_RCU] = 220,
};

static uint64_t rounded(uint64_t ns, uint32_t column)
{
	uint64_t unit = TICK_NS;

	if (column == WIRE_CPU_IDLE_NS || column == WIRE_CPU_IOWAIT_NS)
		unit = 1000;
	if (from_proc)
		unit = 10000000;
	return ns / unit * unit;
}

static void run_cpu(struct host_sample *s, uint32_t cpu, double seconds)
{
	double ns = seconds * (double)SECOND, used = 0, busy = load[cpu];
	uint32_t i;

	if (seconds < 100) {
		busy *= 1 + 0.3 * normal();
		busy = busy < 0.001 ? 0.001 : busy > 1 ? 1 : busy;
	}
	for (i = WIRE_CPU_USER_NS; i < WIRE_CPU_REQUIRED; i++) {
		double part = ns * busy * shares[i] * (0.8 + 0.4 * uniform());

		used += part;
		exact[cpu][i] += (uint64_t)part;
	}
	exact[cpu][WIRE_CPU_IDLE_NS] += used < ns ? (uint64_t)(ns - used) : 0;
	for (i = WIRE_CPU_USER_NS; i < WIRE_CPU_REQUIRED; i++)
		s->cpu[cpu][i] = rounded(exact[cpu][i], i);
	for (i = WIRE_SOFTIRQ_HI; i < WIRE_SOFTIRQ_REQUIRED; i++)
		s->softirq[cpu][i] += events(rates[i] * busy * seconds);
}

static void run_nets(struct host_sample *s, double seconds)
{
	uint32_t i, side;

	for (i = 0; i < HOST_NETS; i++) {
		for (side = WIRE_NET_RX_BYTES; side < WIRE_NET_REQUIRED;
		     side += 4) {
			uint64_t *at = &s->net[i][side];
			uint64_t packets = events(2e4 / (i * i + 1) * seconds);
			uint64_t bytes = (uint64_t)((double)packets *
						    (500 + 400 * uniform()));

			at[0] += bytes;
			at[1] += packets;
			at[2] = (uint64_t)((double)bytes / seconds);
			at[3] = (uint64_t)((double)packets / seconds);
		}
	}
}

static void run_values(struct host_sample *s, double seconds)
{
	uint32_t i;

	for (i = WIRE_MEMORY_FREE_BYTES; i < WIRE_SWAP_TOTAL_BYTES; i++)
		s->gauges[i][1] = (s->gauges[i][1] + events(1e6)) / 4096 * 4096;
	for (i = 0; i < WIRE_MEMORY_TOTAL_BYTES; i++)
		s->gauges[i][1] = events(20 * (double)(i + 1));
	for (i = WIRE_PSI_CPU_SOME_10S; i < WIRE_GAUGE_KEYS; i++)
		s->gauges[i][1] = events(3);
	for (i = 0; i < WIRE_COUNTER_KEYS; i++)
		s->counters[i][1] += events(3e5 / (i + 1) * seconds);
}

static void run_disks(struct host_sample *s, double seconds)
{
	uint32_t i, column;

	for (i = 0; i < HOST_DISKS; i++) {
		uint64_t *d = s->disk[i];

		for (column = WIRE_DISK_READS; column < WIRE_DISK_REQUIRED;
		     column++)
			d[column] += events(300 / (i + 1.0) * seconds);
		d[WIRE_DISK_READ_BYTES] += 512 * events(4000 * seconds);
		d[WIRE_DISK_WRITTEN_BYTES] += 512 * events(9000 * seconds);
		d[WIRE_DISK_READ_BYTES] &= ~511ULL;
		d[WIRE_DISK_WRITTEN_BYTES] &= ~511ULL;
		d[WIRE_DISK_READ_NS] += 1000000 * events(900 * seconds);
		d[WIRE_DISK_IN_FLIGHT] = events(2);
	}
}

static void run_node(struct host_sample *s)
{
	s->node[WIRE_NODE_PERIOD_NS] = SECOND;
	s->node[WIRE_NODE_SAMPLE_NS] = SECOND;
	s->node[WIRE_NODE_CPU_NS] += 180000 + events(5000);
	s->node[WIRE_NODE_MEMORY_BYTES] = 3 << 20;
	s->node[WIRE_NODE_QUEUED_FRAMES] = events(2);
	s->node[WIRE_NODE_QUEUED_BYTES] = events(2000);
}

static void run(struct host_sample *s, double seconds)
{
	uint32_t i;

	for (i = 0; i < HOST_CPUS; i++)
		run_cpu(s, i, seconds);
	run_nets(s, seconds);
	run_values(s, seconds);
	run_disks(s, seconds);
	run_node(s);
}

static const struct wire_text node_text[] = { { "db7.example.net", 15 },
					      { "0.1.0", 5 } };
static const struct wire_text net_text[] = {
	{ "eno1", 4 }, { "eno2", 4 }, { "eno3", 4 }, { "eno4", 4 }
};
static const struct wire_text disk_text[] = {
	{ "nvme0n1", 7 }, { "nvme1n1", 7 }, { "sda", 3 }, { "sdb", 3 }
};

static void table(struct host_sample *s, enum host_table number,
		  enum wire_table_kind kind, uint32_t rows, uint32_t columns,
		  const uint64_t *cells)
{
	s->tables[number].kind = kind;
	s->tables[number].schema = 1;
	s->tables[number].origin = WIRE_ORIGIN_PROC;
	s->tables[number].rows = rows;
	s->tables[number].columns = columns;
	s->tables[number].cells = cells;
}

/* The tables of a sample point into it. */
static void point(struct host_sample *s)
{
	table(s, HOST_NODE, WIRE_NODE, 1, WIRE_NODE_COLUMNS, s->node);
	table(s, HOST_CPU, WIRE_CPU, HOST_CPUS, WIRE_CPU_REQUIRED, s->cpu[0]);
	table(s, HOST_SOFTIRQ, WIRE_SOFTIRQ, HOST_CPUS, WIRE_SOFTIRQ_REQUIRED,
	      s->softirq[0]);
	table(s, HOST_NET, WIRE_NET, HOST_NETS, WIRE_NET_REQUIRED, s->net[0]);
	table(s, HOST_GAUGES, WIRE_GAUGES, WIRE_GAUGE_KEYS, WIRE_VALUE_COLUMNS,
	      s->gauges[0]);
	table(s, HOST_COUNTERS, WIRE_COUNTERS, WIRE_COUNTER_KEYS,
	      WIRE_VALUE_COLUMNS, s->counters[0]);
	table(s, HOST_DISK, WIRE_DISK, HOST_DISKS, WIRE_DISK_REQUIRED,
	      s->disk[0]);
	s->tables[HOST_NODE].texts = WIRE_NODE_TEXTS;
	s->tables[HOST_NODE].text = node_text;
	s->tables[HOST_NET].texts = WIRE_NET_TEXTS;
	s->tables[HOST_NET].text = net_text;
	s->tables[HOST_DISK].texts = WIRE_DISK_TEXTS;
	s->tables[HOST_DISK].text = disk_text;
}

static void keys(struct host_sample *s)
{
	uint32_t i;

	for (i = 0; i < HOST_CPUS; i++) {
		s->cpu[i][0] = i;
		s->softirq[i][0] = i;
		s->cpu[i][1] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
		s->softirq[i][1] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
	}
	for (i = 0; i < HOST_NETS; i++)
		s->net[i][0] = i + 2;
	for (i = 0; i < WIRE_GAUGE_KEYS; i++)
		s->gauges[i][0] = i;
	for (i = 0; i < WIRE_COUNTER_KEYS; i++)
		s->counters[i][0] = i;
	for (i = 0; i < HOST_DISKS; i++)
		s->disk[i][0] = UINT64_C(259) << 20 | i;
}

static void stamp(struct host_sample *s, const struct host_sample *last)
{
	uint64_t jitter = last ? SECOND + (uint64_t)(uniform() * 60000) : 0;
	int i;

	for (i = 0; i < HOST_TABLES; i++) {
		struct wire_table *t = &s->tables[i];

		t->sample = last ? last->tables[i].sample + 1 : 2592000;
		t->mono_ns = last ? last->tables[i].mono_ns + jitter :
				    2592000123456789;
		t->real_ns = last ? last->tables[i].real_ns + jitter :
				    1790000000123456789;
	}
}

void host_begin(struct host_sample *s, int proc)
{
	uint32_t i;

	memset(s, 0, sizeof(*s));
	memset(exact, 0, sizeof(exact));
	from_proc = proc;
	for (i = 0; i < HOST_CPUS; i++)
		load[i] = 0.02 + 0.6 * uniform() * uniform();
	keys(s);
	for (i = 0; i < WIRE_GAUGE_KEYS; i++)
		s->gauges[i][1] = (uint64_t)(uniform() * 3e10) / 4096 * 4096;
	run(s, UPTIME_S);
	point(s);
	stamp(s, NULL);
}

void host_step(struct host_sample *s, const struct host_sample *last)
{
	*s = *last;
	run(s, 1);
	point(s);
	stamp(s, last);
}

unsigned int host_values(const struct host_sample *s)
{
	unsigned int values = 0, i;

	for (i = 0; i < HOST_TABLES; i++) {
		const struct wire_table *t = &s->tables[i];
		int flags = t->kind == WIRE_CPU || t->kind == WIRE_SOFTIRQ;

		values += t->rows * (t->columns - 1 - (flags ? 1 : 0));
	}
	return values;
}
