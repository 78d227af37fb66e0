// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/nodes/cpu.h"
#include "collector/nodes/derived.h"
#include "collector/nodes/figure.h"
#include "collector/metric.h"
#include "lib/wire_schema.h"

enum source {
	SHARE, /* of @column, a state */
	BUSY,
	CPUS,
	SOFTIRQS,
	CELL, /* a gauge in a row */
	RATE, /* a counter in a row */
	GAUGE,
	COUNTER,
	MEMORY_USED,
	LOST,
	CLOCK,
	OF_ROW, /* @of */
};

/* What follows from a row of @kind. */
typedef double of_row(const struct samples *s, const struct samples_row *row);

struct figure {
	char name[METRIC_NAME_SIZE];
	enum source source;
	uint32_t kind;
	uint32_t column;
	of_row *of;
	bool largest; /* of a node's rows, not their sum */
	int place; /* in a node's figures, from 1 on; 0: none */
};

/* What every list and summary asks, of all nodes. */
static const char *const often[NODE_FIGURES] = {
	"cpu.busy",	      "cpus", "softirq.all", "net.rx_bytes_per_s",
	"net.tx_bytes_per_s",
};

const char *const figure_over_names[FIGURE_OVERS] = {
	[FIGURE_NODES] = "nodes",	    [FIGURE_CPUS] = "cpus",
	[FIGURE_INTERFACES] = "interfaces", [FIGURE_DISKS] = "disks",
	[FIGURE_MOUNTS] = "mounts",	    [FIGURE_SENSORS] = "sensors",
	[FIGURE_PROCESSES] = "processes",   [FIGURE_INTERRUPTS] = "interrupts",
};

static struct figure all[FIGURES_MAX];
static size_t count;

static struct figure *add(const char *name, enum source source, uint32_t kind,
			  uint32_t column)
{
	struct figure *f = &all[count++];
	int i;

	snprintf(f->name, sizeof(f->name), "%s", name);
	f->source = source;
	f->kind = kind;
	f->column = column;
	for (i = 0; i < NODE_FIGURES; i++)
		if (!strcmp(name, often[i]))
			f->place = i + 1;
	return f;
}

static bool is_largest(const struct metric *m)
{
	return strstr(m->name, "_bucket") || !strcmp(m->name, "core.hz");
}

/* Moments and thresholds say nothing as a sum, or as a rank. What sensors and
 * processes say is worked out by their own figures.
 */
static bool is_figure(const struct metric *m)
{
	return m->kind >= WIRE_CPU && m->type != WIRE_STATE &&
	       m->kind != WIRE_SENSOR && !strstr(m->name, "_max_at_ns") &&
	       !strstr(m->name, "_bucket_ms") &&
	       !strstr(m->name, "_over_bytes") &&
	       !strstr(m->name, "process.cpu_");
}

static void add_metric(const struct metric *m)
{
	if (m->kind == WIRE_GAUGES)
		add(m->name, GAUGE, m->kind, (uint32_t)m->key);
	else if (m->kind == WIRE_COUNTERS)
		add(m->name, COUNTER, m->kind, (uint32_t)m->key);
	else if (m->type == WIRE_COUNTER &&
		 m->column < wire_schema(m->kind)->required)
		add(m->name, RATE, m->kind, m->column);
	else if (m->type == WIRE_GAUGE)
		add(m->name, CELL, m->kind, m->column)->largest = is_largest(m);
}

static void add_shares(void)
{
	char name[METRIC_NAME_SIZE];
	uint32_t i;

	add("cpu.busy", BUSY, WIRE_CPU, 0);
	for (i = 0; i < CPU_STATES; i++) {
		snprintf(name, sizeof(name), "cpu.%s", cpu_state_names[i]);
		add(name, SHARE, WIRE_CPU, i);
	}
}

/* One that is read-only, and full, is as it should be. */
static double used(const struct samples *s, const struct samples_row *row)
{
	return row->cells[WIRE_MOUNT_FLAGS] & WIRE_MOUNT_READ_ONLY ?
		       NAN :
		       mount_used(row);
}

static double inodes_used(const struct samples *s,
			  const struct samples_row *row)
{
	return mount_inodes_used(row);
}

static double celsius(const struct samples *s, const struct samples_row *row)
{
	return sensor_celsius(row);
}

static double process(const struct samples *s, const struct samples_row *row)
{
	return process_cpu(row);
}

static void add_rows(void)
{
	static const struct {
		const char *name;
		uint32_t kind;
		of_row *of;
		bool sum;
	} rows[] = {
		{ "disk.busy", WIRE_DISK, disk_busy },
		{ "disk.queue", WIRE_DISK, disk_queue, true },
		{ "disk.await_ns", WIRE_DISK, disk_await_ns },
		{ "mount.used", WIRE_MOUNT, used },
		{ "mount.inodes_used", WIRE_MOUNT, inodes_used },
		{ "sensor.celsius", WIRE_SENSOR, celsius },
		{ "sensor.watts", WIRE_SENSOR, sensor_watts },
		{ "process.cpu", WIRE_PROCESS, process, true },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct figure *f = add(rows[i].name, OF_ROW, rows[i].kind, 0);

		f->of = rows[i].of;
		f->largest = !rows[i].sum;
	}
}

static void make(void)
{
	const struct metric *m;
	size_t i, n;

	add_shares();
	add("softirq.all", SOFTIRQS, WIRE_SOFTIRQ, 0);
	add("memory_used", MEMORY_USED, 0, 0);
	add("lost", LOST, 0, 0);
	add("clock.offset_s", CLOCK, 0, 0);
	add("cpus", CPUS, 0, 0);
	m = metric_all(&n);
	for (i = 0; i < n; i++)
		if (is_figure(&m[i]))
			add_metric(&m[i]);
	add_rows();
}

size_t figure_count(void)
{
	if (!count)
		make();
	return count;
}

const struct figure *figure_at(size_t index)
{
	return &all[index];
}

const struct figure *figure_find(const char *name)
{
	size_t i, n = figure_count();

	for (i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

const char *figure_name(const struct figure *f)
{
	return f->name;
}

enum figure_over figure_rows(const struct figure *f)
{
	static const enum figure_over overs[WIRE_KINDS] = {
		[WIRE_CPU] = FIGURE_CPUS,
		[WIRE_SOFTIRQ] = FIGURE_CPUS,
		[WIRE_CORE] = FIGURE_CPUS,
		[WIRE_NET] = FIGURE_INTERFACES,
		[WIRE_LINK] = FIGURE_INTERFACES,
		[WIRE_DISK] = FIGURE_DISKS,
		[WIRE_MOUNT] = FIGURE_MOUNTS,
		[WIRE_SENSOR] = FIGURE_SENSORS,
		[WIRE_PROCESS] = FIGURE_PROCESSES,
		[WIRE_IRQ] = FIGURE_INTERRUPTS,
	};

	return overs[f->kind];
}

const struct samples *figure_samples(const struct figure *f,
				     const struct node *node)
{
	return node_samples(node, f->kind);
}

bool figure_row_counts(const struct figure *f, const struct samples *s,
		       const struct samples_row *row)
{
	return f->kind == WIRE_CPU || f->kind == WIRE_SOFTIRQ ?
		       cpu_online(s, row) :
		       samples_current(s, row);
}

static double softirqs(const struct samples *s, const struct samples_row *row)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < WIRE_SOFTIRQ_VECTORS; i++)
		sum += samples_rate(s, row, WIRE_SOFTIRQ_HI + i);
	return sum;
}

static double cell(const struct samples *s, const struct samples_row *row,
		   uint32_t column)
{
	uint64_t value = samples_cell(s, row, column);

	return value == WIRE_ABSENT ? NAN : (double)(int64_t)value;
}

static double share(const struct figure *f, const struct cpu_times *t)
{
	return f->source == BUSY ? cpu_busy_share(t) : cpu_share(t, f->column);
}

double figure_of_row(const struct figure *f, const struct samples *s,
		     const struct samples_row *row)
{
	struct cpu_times t = { 0 };

	switch (f->source) {
	case SHARE:
	case BUSY:
		cpu_add(&t, s, row);
		return share(f, &t);
	case SOFTIRQS:
		return softirqs(s, row);
	case RATE:
		return samples_rate(s, row, f->column);
	case CELL:
		return f->kind == WIRE_NET ? net_value(s, row, f->column) :
					     cell(s, row, f->column);
	case OF_ROW:
		return f->of(s, row);
	default:
		return NAN;
	}
}

/* A row that has none yet doesn't take the others' away. */
static double together(const struct figure *f, double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) ? b : a;
	if (f->largest)
		return a > b ? a : b;
	return a + b;
}

static double of_rows(const struct figure *f, const struct samples *s)
{
	struct cpu_times t = { 0 };
	double value = NAN;
	size_t i;

	if (f->source == SHARE || f->source == BUSY) {
		cpu_add_all(&t, s);
		return share(f, &t);
	}
	for (i = 0; i < s->count; i++)
		if (samples_current(s, s->rows[i]) &&
		    (f->largest || !s->rows[i]->stacked))
			value = together(f, value,
					 figure_of_row(f, s, s->rows[i]));
	return value;
}

static double memory_used(const struct node *node)
{
	double total = gauges_value(&node->gauges, WIRE_MEMORY_TOTAL_BYTES);

	return total > 0 ? memory_used_bytes(&node->gauges) / total : NAN;
}

static double work_out(const struct figure *f, const struct node *node)
{
	switch (f->source) {
	case CPUS:
		return (double)cpu_count(&node->cpu);
	case MEMORY_USED:
		return memory_used(node);
	case LOST:
		return (double)node_lost(node);
	case CLOCK:
		return clock_offset_s(&node->clock);
	case GAUGE:
		return gauges_value(&node->gauges, f->column);
	case COUNTER:
		return counters_rate(&node->counters, f->column);
	default:
		return of_rows(f, figure_samples(f, node));
	}
}

/* Its rows are spread over memory: they are read once for each change. */
static double remembered(const struct figure *f, struct node *node)
{
	uint32_t bit = 1U << f->place;

	if (node->figures_serial != node->serial) {
		node->figures_serial = node->serial;
		node->figures_known = 0;
	}
	if (!(node->figures_known & bit)) {
		node->figures[f->place - 1] = work_out(f, node);
		node->figures_known |= bit;
	}
	return node->figures[f->place - 1];
}

/* A note of what follows from the node changes nothing that can be seen. */
double figure_of_node(const struct figure *f, const struct node *node)
{
	return f->place ? remembered(f, (struct node *)node) :
			  work_out(f, node);
}
