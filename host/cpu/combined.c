// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/collector.h"
#include "host/numbers.h"
#include "lib/kernel/cpu_table.h"
#include "lib/netlink/genl.h"
#include "lib/base/log.h"

enum {
	TABLES = 2, /* of rings: CPU times, softirqs */
	LOAD_UNIT = KTACH_LOAD_ONE / 100, /* the wire's is 1/100 */
};

/**
 * struct combined_table - what makes a ring's two tables
 * @kind: of the table
 * @ring: whose samples the metrics are of
 * @values: the first of CPU_TABLE_VALUES metrics
 * @unit: of @values times us, what counts as one: ns, or a softirq
 * @exact: the first of @exacts metrics that are there with exact times only
 */
static const struct combined_table {
	enum wire_table_kind kind;
	enum ktach_ring_kind ring;
	unsigned int values;
	uint64_t unit;
	unsigned int exact;
	unsigned int exacts;
} tables[TABLES] = {
	{ WIRE_CPU, KTACH_RING_CPUSTAT, KTACH_METRIC_USER,
	  KTACH_SHARE_ONE / 1000, KTACH_METRIC_EXACT_BUSY, 2 },
	{ WIRE_SOFTIRQ, KTACH_RING_SOFTIRQ, KTACH_METRIC_SOFTIRQ_RATE,
	  KTACH_RATE_ONE *UINT64_C(1000000), KTACH_METRIC_SOFTIRQ_TIME,
	  CPU_TABLE_VALUES },
};

/* Values times us, of a CPU. */
struct combined_cpu {
	uint32_t cpu;
	uint32_t flags;
	uint64_t sum[KTACH_METRICS]; /* up to the last reading */
	uint64_t grown[KTACH_METRICS]; /* since then */
};

/**
 * struct combined - where it stands
 * @wanted: the user asks for nothing else: failures are worth a message
 * @since: samples after this number come next; 0: the newest
 * @begun: samples came
 * @error: of the first that could not be taken in
 * @lost: samples that the kernel no longer had
 * @samples: since the last reading
 * @metrics: that are known of these
 * @interval_us: that they took, by table
 * @mono_ns: of each table's last sample; 0: there is none yet
 * @newest: the last one, but for its CPUs
 */
struct combined {
	struct family *family;
	bool wanted;
	uint64_t since;
	bool begun;
	int error;
	uint64_t lost;
	unsigned int samples;
	uint64_t metrics;
	uint64_t interval_us[TABLES];
	uint64_t mono_ns[TABLES];
	struct family_sample newest;
	unsigned int cpus;
	unsigned int room;
	struct combined_cpu *cpu;
	uint64_t *cells;
	struct numbers numbers;
};

static bool make_room(struct combined *s, unsigned int cpus)
{
	struct combined_cpu *cpu;
	uint64_t *cells;

	if (cpus <= s->room)
		return true;
	cpu = reallocarray(s->cpu, cpus, sizeof(*cpu));
	if (!cpu)
		return false;
	s->cpu = cpu;
	cells = reallocarray(s->cells, cpus,
			     WIRE_SOFTIRQ_COLUMNS * sizeof(*cells));
	if (!cells)
		return false;
	s->cells = cells;
	memset(cpu + s->room, 0, (cpus - s->room) * sizeof(*cpu));
	s->room = cpus;
	return true;
}

static const struct family_ring *ring_of(const struct family_sample *s,
					 const struct combined_table *t)
{
	unsigned int i;

	for (i = 0; i < s->rings; i++)
		if (s->ring[i].kind == t->ring)
			return &s->ring[i];
	return NULL;
}

static void add_values(struct combined_cpu *to,
		       const struct ktach_cpu_sample *cpu, unsigned int first,
		       unsigned int count, uint64_t us)
{
	unsigned int m;

	for (m = first; m < first + count; m++)
		to->grown[m] += cpu->value[m] * us;
}

static void add_table(struct combined *s, const struct family_sample *sample,
		      unsigned int i)
{
	const struct combined_table *t = &tables[i];
	const struct family_ring *ring = ring_of(sample, t);
	uint64_t us = ring ? ring->interval_ns / 1000 : 0;
	unsigned int c;

	s->interval_us[i] += us;
	for (c = 0; c < sample->cpus; c++) {
		add_values(&s->cpu[c], &sample->cpu[c], t->values,
			   CPU_TABLE_VALUES, us);
		add_values(&s->cpu[c], &sample->cpu[c], t->exact, t->exacts,
			   us);
	}
}

static void add_sample(const struct family_sample *sample, void *arg)
{
	struct combined *s = arg;
	unsigned int i;

	if (!make_room(s, sample->cpus)) {
		s->error = -ENOMEM;
		return;
	}
	for (i = 0; i < TABLES; i++)
		add_table(s, sample, i);
	for (i = 0; i < sample->cpus; i++) {
		s->cpu[i].cpu = sample->cpu[i].cpu;
		s->cpu[i].flags = sample->cpu[i].flags;
	}
	s->cpus = sample->cpus;
	s->metrics |= sample->metrics;
	/* Samples that were gone before the first reading are not lost: nobody waited
	 * for them.
	 */
	if (s->begun)
		s->lost += sample->lost;
	s->newest = *sample;
	s->samples++;
}

static void forget_growth(struct combined *s)
{
	unsigned int i;

	s->samples = 0;
	s->error = 0;
	s->metrics = 0;
	memset(s->interval_us, 0, sizeof(s->interval_us));
	for (i = 0; i < s->room; i++)
		memset(s->cpu[i].grown, 0, sizeof(s->cpu[i].grown));
}

/* Samples since the last reading; at first, and after a reload, the newest. */
static int take_samples(struct combined *s)
{
	struct family_query query = {
		.has_since = s->since != 0,
		.since = s->since,
	};
	int err;

	forget_growth(s);
	err = family_samples(s->family, &query, add_sample, s);
	if (err == -ERANGE && s->since) {
		s->since = 0;
		memset(s->mono_ns, 0, sizeof(s->mono_ns));
		return take_samples(s);
	}
	return err ? err : s->error;
}

/* Whether all @count metrics from @first on are known of these samples. */
static bool knows(const struct combined *s, unsigned int first,
		  unsigned int count)
{
	uint64_t bits = ((1ULL << count) - 1) << first;

	return (s->metrics & bits) == bits;
}

/* Lost samples are taken to have the mean values of those that came. */
static void add_means(struct combined *s, unsigned int first,
		      unsigned int count, uint64_t us, uint64_t elapsed_us)
{
	unsigned int c, m;

	for (c = 0; c < s->cpus; c++)
		for (m = first; m < first + count; m++)
			s->cpu[c].sum[m] +=
				(uint64_t)((unsigned __int128)s->cpu[c].grown[m] *
					   elapsed_us / us);
}

static void put_table(struct combined *s, const struct combined_table *t,
		      uint64_t mono_ns, const struct host_sink *sink)
{
	bool exact = knows(s, t->exact, t->exacts);
	uint32_t columns = CPU_TABLE_COLUMNS + (exact ? t->exacts : 0);
	const struct family_sample *sample = &s->newest;
	struct wire_table table = {
		.kind = t->kind,
		.schema = 1,
		.origin = WIRE_ORIGIN_NETLINK,
		.sample = sample->number,
		.real_ns = sample->real_ns - (sample->mono_ns - mono_ns),
		.mono_ns = mono_ns,
		.lost = s->lost,
		.missed = sample->missed,
		.columns = columns,
		.rows = s->cpus,
		.cells = s->cells,
	};
	unsigned int c, m;

	for (c = 0; c < s->cpus; c++) {
		const struct combined_cpu *cpu = &s->cpu[c];
		uint64_t *row = s->cells + (size_t)c * columns;

		row[0] = cpu->cpu;
		row[1] = cpu->flags;
		for (m = 0; m < CPU_TABLE_VALUES; m++)
			row[2 + m] = (cpu->sum[t->values + m] + t->unit / 2) /
				     t->unit;
		for (m = CPU_TABLE_COLUMNS; m < columns; m++)
			row[m] = cpu->sum[t->exact + m - CPU_TABLE_COLUMNS] /
				 tables[0].unit;
	}
	sink->put(sink->arg, &table);
}

/* The first time two tables are put: the counters as they began, then what they grew
 * to.
 */
static void put_tables(struct combined *s, const struct host_sink *sink)
{
	unsigned int i;

	for (i = 0; i < TABLES; i++) {
		const struct combined_table *t = &tables[i];
		const struct family_ring *ring = ring_of(&s->newest, t);
		uint64_t us = s->interval_us[i], elapsed_us = us;

		if (!ring || !us || !knows(s, t->values, CPU_TABLE_VALUES))
			continue;
		if (!s->mono_ns[i])
			put_table(s, t, ring->mono_ns - us * 1000, sink);
		else
			elapsed_us = (ring->mono_ns - s->mono_ns[i]) / 1000;
		add_means(s, t->values, CPU_TABLE_VALUES, us, elapsed_us);
		add_means(s, t->exact, t->exacts, us, elapsed_us);
		s->mono_ns[i] = ring->mono_ns;
		put_table(s, t, ring->mono_ns, sink);
	}
}

static void put_numbers(struct combined *s, const struct host_sink *sink)
{
	const struct family_memory *memory = &s->newest.memory;
	struct numbers *n = &s->numbers;
	int i;

	numbers_begin(n);
	n->real_ns = s->newest.real_ns;
	n->mono_ns = s->newest.mono_ns;
	numbers_gauge(n, WIRE_MEMORY_TOTAL_BYTES, memory->total);
	numbers_gauge(n, WIRE_MEMORY_FREE_BYTES, memory->free);
	numbers_gauge(n, WIRE_MEMORY_AVAILABLE_BYTES, memory->available);
	numbers_gauge(n, WIRE_MEMORY_SHARED_BYTES, memory->shared);
	numbers_gauge(n, WIRE_MEMORY_BUFFERS_BYTES, memory->buffers);
	for (i = 0; i < 3; i++)
		numbers_gauge(n, WIRE_LOAD_1MIN + (uint64_t)i,
			      (s->newest.load[i] + LOAD_UNIT / 2) / LOAD_UNIT);
	rows_put(&n->gauges, sink, WIRE_ORIGIN_NETLINK, n->real_ns, n->mono_ns);
}

static int combined_read(void *state, const struct host_sink *sink)
{
	struct combined *s = state;
	int err = take_samples(s);

	if (err && s->wanted)
		log_error("reading combined samples failed: %s %s",
			  strerror(-err), family_error(s->family));
	if (err)
		return err;
	if (!s->samples)
		return s->begun ? 0 : -EAGAIN;
	s->begun = true;
	s->since = s->newest.number;
	put_tables(s, sink);
	put_numbers(s, sink);
	return 0;
}

static void combined_close(void *state)
{
	struct combined *s = state;

	family_close(s->family);
	numbers_exit(&s->numbers);
	free(s->cpu);
	free(s->cells);
	free(s);
}

/* The number that samples of the last @history_ns come after; at least one
 * does. 0: only the newest will be asked for.
 */
static uint64_t begin_after(struct family *family, uint64_t history_ns)
{
	struct family_source combined;
	uint64_t back;

	if (family_source(family, KTACH_COMBINED_NAME, &combined) ||
	    !combined.period_us)
		return 0;
	back = history_ns / 1000 / combined.period_us;
	if (!back)
		back = 1;
	return combined.head > back ? combined.head - back : 0;
}

/* A failure is worth a message only if combined samples are all that the user asked
 * for: else there are rings and /proc.
 */
static int combined_open(void **state, const struct host_options *options)
{
	struct combined *s = calloc(1, sizeof(*s));
	int err = s ? family_open(&s->family) : -ENOMEM;

	if (err) {
		if (options->from == HOST_FROM_NETLINK)
			log_error(
				"no combined samples by netlink: %s%s",
				strerror(-err),
				err == -ENOENT ?
					"; load them with modprobe ktach_aggregator" :
					"");
		free(s);
		return err;
	}
	s->wanted = options->from == HOST_FROM_NETLINK;
	s->since = begin_after(s->family, options->history_ns);
	*state = s;
	return 0;
}

const struct host_collector host_combined = {
	.name = "combined",
	.summary = "shares and rates that the kernel computed",
	.open = combined_open,
	.read = combined_read,
	.close = combined_close,
};
