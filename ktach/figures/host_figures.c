// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "ktach/figures/host_figures.h"

enum {
	LOADS = 3,
	LOAD_HUNDREDTH = LOAD_ONE / 100,
};

static const struct {
	enum wire_gauge gauge;
	size_t offset;
} fields[] = {
	{ WIRE_MEMORY_TOTAL_BYTES, offsetof(struct mem_figures, total) },
	{ WIRE_MEMORY_FREE_BYTES, offsetof(struct mem_figures, free) },
	{ WIRE_MEMORY_AVAILABLE_BYTES,
	  offsetof(struct mem_figures, available) },
	{ WIRE_MEMORY_BUFFERS_BYTES, offsetof(struct mem_figures, buffers) },
	{ WIRE_MEMORY_CACHED_BYTES, offsetof(struct mem_figures, cached) },
	{ WIRE_MEMORY_SHARED_BYTES, offsetof(struct mem_figures, shared) },
	{ WIRE_SWAP_TOTAL_BYTES, offsetof(struct mem_figures, swap_total) },
	{ WIRE_SWAP_FREE_BYTES, offsetof(struct mem_figures, swap_free) },
};

enum {
	FIELDS = sizeof(fields) / sizeof(fields[0]),
};

static uint64_t *field_at(const struct mem_figures *f, size_t i)
{
	return (uint64_t *)((char *)f + fields[i].offset);
}

uint64_t gauge_of(const struct reading *r, uint64_t key, uint64_t otherwise)
{
	struct change c;

	if (!reading_find(r, r, WIRE_GAUGES, key, &c))
		return otherwise;
	return c.now[WIRE_VALUE] == WIRE_ABSENT ? FIGURE_UNKNOWN :
						  c.now[WIRE_VALUE];
}

static struct span span_of(const struct reading *r)
{
	const struct reading_table *t = &r->table[WIRE_GAUGES];

	return (struct span){
		.origin = t->origin,
		.real_ns = t->real_ns,
		.mono_ns = t->mono_ns,
	};
}

void memory_of(const struct reading *r, const struct reading *more,
	       struct mem_figures *f)
{
	size_t i;

	f->span = span_of(r);
	for (i = 0; i < FIELDS; i++)
		*field_at(f, i) = gauge_of(r, fields[i].gauge,
					   gauge_of(more, fields[i].gauge,
						    FIGURE_UNKNOWN));
}

static uint64_t load_gauge(const struct reading *r, unsigned int i)
{
	uint64_t load = gauge_of(r, WIRE_LOAD_1MIN + i, FIGURE_UNKNOWN);

	return load == FIGURE_UNKNOWN ? load : load * LOAD_HUNDREDTH;
}

void load_of(const struct reading *r, const struct reading *threads,
	     const struct reading *tasks, struct load_figures *f)
{
	unsigned int i;

	f->span = span_of(r);
	for (i = 0; i < LOADS; i++)
		f->load[i] = load_gauge(r, i);
	f->tasks = gauge_of(threads, WIRE_THREADS, FIGURE_UNKNOWN);
	f->running = gauge_of(tasks, WIRE_TASKS_RUNNING, FIGURE_UNKNOWN);
}

/* What is not known is told as such, unless it would be otherwise. */
static void add_gauge(struct rows *gauges, uint64_t key, uint64_t value)
{
	rows_value(gauges, key, value == FIGURE_UNKNOWN ? WIRE_ABSENT : value);
}

void gauges_of(const struct figures *f, struct rows *gauges)
{
	size_t i;

	for (i = 0; f->mem.span.origin && i < FIELDS; i++)
		add_gauge(gauges, fields[i].gauge, *field_at(&f->mem, i));
	if (!f->load.span.origin)
		return;
	for (i = 0; i < LOADS; i++)
		add_gauge(gauges, WIRE_LOAD_1MIN + i,
			  f->load.load[i] == FIGURE_UNKNOWN ?
				  FIGURE_UNKNOWN :
				  f->load.load[i] / LOAD_HUNDREDTH);
	add_gauge(gauges, WIRE_THREADS, f->load.tasks);
	add_gauge(gauges, WIRE_TASKS_RUNNING, f->load.running);
}
