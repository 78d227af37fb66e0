// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ktach/combined_reader.h"

enum {
	EXACT_TIMES = 2, /* busy, idle */
};

/* Values times us, of a CPU: samples weigh as much as they lasted. */
struct cpu_sum {
	uint32_t cpu;
	uint32_t flags;
	uint64_t value[KTACH_METRICS];
};

/**
 * struct combined_sum - samples taken together
 * @samples: how many
 * @lost: how many the kernel no longer had
 * @error: the first one that could not be taken in
 * @metrics: known in all of them
 * @interval_us: of the two kinds of rings, summed
 * @newest: the last sample, but for its CPUs
 * @total: as a CPU's
 * @row: by CPU
 */
struct combined_sum {
	unsigned int samples;
	uint64_t lost;
	int error;
	uint64_t metrics;
	uint64_t interval_us[KTACH_RING_SOFTIRQ + 1];
	struct family_sample newest;
	uint64_t total[KTACH_METRICS];
	unsigned int rows;
	unsigned int room;
	struct cpu_sum *row;
};

static enum ktach_ring_kind kind_of(unsigned int metric)
{
	return metric < KTACH_METRIC_SOFTIRQ_RATE ? KTACH_RING_CPUSTAT :
						    KTACH_RING_SOFTIRQ;
}

/* The intervals of one sample's rings, us. */
static void intervals(const struct family_sample *s, uint64_t *interval_us)
{
	unsigned int i;

	memset(interval_us, 0, (KTACH_RING_SOFTIRQ + 1) * sizeof(uint64_t));
	for (i = 0; i < s->rings; i++)
		if (s->ring[i].kind <= KTACH_RING_SOFTIRQ)
			interval_us[s->ring[i].kind] =
				s->ring[i].interval_ns / 1000;
}

static int room(struct combined_sum *sum, unsigned int rows)
{
	struct cpu_sum *row;

	if (rows <= sum->room)
		return 0;
	row = reallocarray(sum->row, rows, sizeof(*row));
	if (!row)
		return -ENOMEM;
	memset(row + sum->room, 0, (rows - sum->room) * sizeof(*row));
	sum->row = row;
	sum->room = rows;
	return 0;
}

static void add_cpu(struct cpu_sum *to, const struct ktach_cpu_sample *cpu,
		    const uint64_t *interval_us)
{
	unsigned int m;

	to->cpu = cpu->cpu;
	to->flags = cpu->flags;
	for (m = 0; m < KTACH_METRICS; m++)
		to->value[m] += cpu->value[m] * interval_us[kind_of(m)];
}

static void add_sample(const struct family_sample *s, void *arg)
{
	uint64_t interval_us[KTACH_RING_SOFTIRQ + 1];
	struct combined_sum *sum = arg;
	unsigned int i;

	if (room(sum, s->cpus)) {
		sum->error = -ENOMEM;
		return;
	}
	intervals(s, interval_us);
	for (i = 0; i <= KTACH_RING_SOFTIRQ; i++)
		sum->interval_us[i] += interval_us[i];
	for (i = 0; i < KTACH_METRICS; i++)
		sum->total[i] += s->total[i] * interval_us[kind_of(i)];
	for (i = 0; i < s->cpus; i++)
		add_cpu(&sum->row[i], &s->cpu[i], interval_us);
	sum->rows = s->cpus;
	sum->metrics |= s->metrics;
	sum->newest = *s;
	sum->lost += s->lost;
	sum->samples++;
}

static void begin_sum(struct combined_sum *sum)
{
	unsigned int i;

	sum->samples = 0;
	sum->lost = 0;
	sum->error = 0;
	sum->metrics = 0;
	memset(sum->interval_us, 0, sizeof(sum->interval_us));
	memset(sum->total, 0, sizeof(sum->total));
	for (i = 0; i < sum->room; i++)
		memset(&sum->row[i], 0, sizeof(sum->row[i]));
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

int combined_reader_open(struct combined_reader *r, uint64_t history_ns)
{
	memset(r, 0, sizeof(*r));
	r->sum = calloc(1, sizeof(*r->sum));
	if (!r->sum)
		return -ENOMEM;
	r->error = family_open(&r->family);
	if (r->error) {
		free(r->sum);
		r->sum = NULL;
		r->family = NULL;
		return r->error;
	}
	r->since = begin_after(r->family, history_ns);
	return 0;
}

void combined_reader_close(struct combined_reader *r)
{
	if (!r->family)
		return;
	family_close(r->family);
	free(r->sum->row);
	free(r->sum);
	r->family = NULL;
}

/* Does the sum know of all metrics from @first on? */
static bool knows(const struct combined_sum *sum, unsigned int first,
		  unsigned int count)
{
	uint64_t bits = ((1ULL << count) - 1) << first;

	return (sum->metrics & bits) == bits;
}

/* The means of @count metrics from @first on. */
static void means(const struct combined_sum *sum, const uint64_t *value,
		  unsigned int first, unsigned int count, uint64_t *to)
{
	uint64_t us = sum->interval_us[kind_of(first)];
	unsigned int i;

	memset(to, 0, CPU_TABLE_VALUES * sizeof(*to));
	for (i = 0; us && i < count; i++)
		to[i] = (value[first + i] + us / 2) / us;
}

/* Where the metrics of the two tables stand. */
struct layout {
	unsigned int values;
	unsigned int exact;
	unsigned int exact_count;
};

static int fill_cpus(const struct combined_sum *sum, const struct layout *l,
		     struct cpu_figures *f)
{
	bool exact = knows(sum, l->exact, l->exact_count);
	unsigned int i;
	int err;

	if (!knows(sum, l->values, CPU_TABLE_VALUES))
		return 0;
	err = cpu_figures_room(f, sum->rows);
	if (err)
		return err;
	f->rows = sum->rows;
	f->online = sum->newest.cpus_online;
	f->has_exact = exact;
	means(sum, sum->total, l->values, CPU_TABLE_VALUES, f->total);
	means(sum, sum->total, l->exact, l->exact_count, f->total_exact);
	for (i = 0; i < sum->rows; i++) {
		const struct cpu_sum *from = &sum->row[i];

		f->row[i].cpu = from->cpu;
		f->row[i].flags = from->flags;
		means(sum, from->value, l->values, CPU_TABLE_VALUES,
		      f->row[i].values);
		means(sum, from->value, l->exact, l->exact_count,
		      f->row[i].exact);
	}
	f->span.origin = ORIGIN_NETLINK;
	return 0;
}

static void fill_span(const struct combined_reader *r, uint64_t interval_us,
		      struct span *span)
{
	const struct family_sample *s = &r->sum->newest;

	*span = (struct span){
		.origin = ORIGIN_NETLINK,
		.real_ns = s->real_ns,
		.mono_ns = s->mono_ns,
		.interval_ns = interval_us * 1000,
		.sample = s->number,
		.lost = r->lost,
		.missed = s->missed,
	};
}

static const struct layout times = {
	KTACH_METRIC_USER,
	KTACH_METRIC_EXACT_BUSY,
	EXACT_TIMES,
};

static const struct layout softirqs = {
	KTACH_METRIC_SOFTIRQ_RATE,
	KTACH_METRIC_SOFTIRQ_TIME,
	CPU_TABLE_VALUES,
};

static int fill_table(const struct combined_reader *r, const struct layout *l,
		      bool late, struct cpu_figures *f)
{
	int err;

	if (late && f->span.origin == ORIGIN_NETLINK &&
	    !knows(r->sum, l->values, CPU_TABLE_VALUES))
		return 0;
	f->span.origin = ORIGIN_NONE;
	err = fill_cpus(r->sum, l, f);
	if (!err && f->span.origin)
		fill_span(r, r->sum->interval_us[kind_of(l->values)], &f->span);
	return err;
}

/* What the kernel's sample lacks, such as the page cache, stays /proc's. */
static void fill_mem(const struct combined_reader *r, struct mem_figures *f)
{
	const struct family_memory *memory = &r->sum->newest.memory;

	fill_span(r, 0, &f->span);
	f->total = memory->total;
	f->free = memory->free;
	f->available = memory->available;
	f->shared = memory->shared;
	f->buffers = memory->buffers;
}

static void fill_load(const struct combined_reader *r, struct load_figures *f)
{
	int i;

	fill_span(r, 0, &f->span);
	for (i = 0; i < 3; i++)
		f->load[i] = r->sum->newest.load[i];
}

/* Samples since the last read; at first, and after a reload, the newest. */
static int take(struct combined_reader *r)
{
	struct family_query query = {
		.has_since = r->since != 0,
		.since = r->since,
	};
	int err;

	begin_sum(r->sum);
	err = family_samples(r->family, &query, add_sample, r->sum);
	if (err == -ERANGE && r->since) {
		r->since = 0;
		return take(r);
	}
	return err ? err : r->sum->error;
}

int combined_reader_read(struct combined_reader *r, struct figures *f,
			 unsigned int sections, unsigned int late)
{
	int err = take(r);

	if (err)
		return err;
	if (!r->sum->samples)
		return r->begun ? 0 : -EAGAIN;
	/* What was gone before the first read was never asked for in earnest. */
	r->lost += r->begun ? r->sum->lost : 0;
	r->begun = true;
	r->since = r->sum->newest.number;
	if (sections & 1U << SECTION_CPU)
		err = fill_table(r, &times, late & 1U << SECTION_CPU, &f->cpu);
	if (!err && sections & 1U << SECTION_SOFTIRQ)
		err = fill_table(r, &softirqs, late & 1U << SECTION_SOFTIRQ,
				 &f->softirq);
	if (sections & 1U << SECTION_MEM)
		fill_mem(r, &f->mem);
	if (sections & 1U << SECTION_LOAD)
		fill_load(r, &f->load);
	return err;
}
