// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "host/cpu.h"

static struct wire_table table(const struct cpu_source *s,
			       enum wire_origin origin, uint32_t rows,
			       uint32_t columns, const uint64_t *cells)
{
	return (struct wire_table){
		.kind = s->spec->table,
		.schema = 1,
		.origin = origin,
		.lost = s->lost,
		.columns = columns,
		.rows = rows,
		.cells = cells,
	};
}

static void ship_sample(struct cpu_source *s)
{
	struct wire_table t = table(s, WIRE_ORIGIN_RING, s->ring.layout.records,
				    s->columns, s->ring_cells);
	struct ring_sample sample;

	if (cpu_table_from_ring(&s->ring, s->next, s->columns, &sample,
				s->ring_cells)) {
		s->lost++;
		return;
	}
	t.sample = s->next;
	t.real_ns = sample.real_ns;
	t.mono_ns = sample.mono_ns;
	output_put(s->output, &t);
}

/* Ship every sample up to the newest; count those that were lapped. */
static void drain(struct cpu_source *s)
{
	uint64_t head = ring_head(&s->ring);
	uint64_t oldest = ring_oldest(&s->ring, head);

	if (s->next < oldest) {
		s->lost += oldest - s->next;
		s->next = oldest;
	}
	for (; s->next <= head; s->next++)
		ship_sample(s);
}

static void device_close(struct cpu_source *s)
{
	ring_close(&s->ring);
	free(s->ring_cells);
	s->mapped = false;
}

/* Make room for as many rows as the ring has: possible CPUs. */
static int device_room(struct cpu_source *s)
{
	s->columns = cpu_table_columns(s->spec, &s->ring);
	s->ring_cells = calloc((size_t)s->ring.layout.records * s->columns,
			       sizeof(*s->ring_cells));
	return s->ring_cells ? 0 : -ENOMEM;
}

static int device_open(struct cpu_source *s)
{
	int err = cpu_table_ring_open(s->spec, &s->ring);

	if (err)
		return err;
	err = device_room(s);
	if (err) {
		device_close(s);
		return err;
	}
	s->next = ring_head(&s->ring);
	if (!s->next)
		s->next = 1;
	s->mapped = true;
	return 0;
}

static void say_why_proc(const struct cpu_source *s, int err)
{
	const struct cpu_source_spec *spec = s->spec;

	if (err == -ENOENT)
		log_info(
			"%s: reading %s, as %s is not there (modprobe %s makes it)",
			spec->title, s->path, spec->device, spec->module);
	else if (err == -EPROTO)
		log_warn(
			"%s: reading %s, as %s has another version of the ring ABI (load the ktach modules of this version)",
			spec->title, s->path, spec->device);
	else
		log_warn("%s: reading %s, as %s cannot be used: %s",
			 spec->title, s->path, spec->device, strerror(-err));
}

/* Memory, and the file of /proc, wherever that is. */
static int proc_begin(struct cpu_source *s, const struct host_options *host)
{
	int err;

	s->cpus = possible_cpus(host->sys);
	s->cells =
		malloc((size_t)s->cpus * CPU_TABLE_COLUMNS * sizeof(*s->cells));
	s->held = calloc(s->cpus, sizeof(*s->held));
	if (!s->cells || !s->held)
		goto free_cells;
	if (asprintf(&s->path, "%s%s", host->proc,
		     s->spec->proc + strlen("/proc")) < 0)
		goto free_cells;
	err = proc_open(&s->proc, s->path, s->cpus);
	if (!err)
		return 0;
	log_error("%s: cannot read %s: %s", s->spec->title, s->path,
		  strerror(-err));
	free(s->path);
	free(s->held);
	free(s->cells);
	return err;

free_cells:
	free(s->held);
	free(s->cells);
	return -ENOMEM;
}

int cpu_source_open(struct cpu_source *s, const struct cpu_source_spec *spec,
		    const struct host_options *host, struct output *output)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->spec = spec;
	s->output = output;
	err = proc_begin(s, host);
	if (err)
		return err;
	err = device_open(s);
	if (err)
		say_why_proc(s, err);
	else
		log_info("%s: reading %s", spec->title, spec->device);
	return 0;
}

void cpu_source_close(struct cpu_source *s)
{
	if (s->mapped)
		device_close(s);
	s->read.text = NULL;
	proc_close(&s->proc);
	free(s->path);
	free(s->held);
	free(s->cells);
}

void cpu_source_device_changed(struct cpu_source *s)
{
	if (!s->mapped && !device_open(s))
		log_info("%s: %s is there; reading it", s->spec->title,
			 s->spec->device);
}

static void proc_failed(struct cpu_source *s, int err)
{
	s->lost++;
	if (!s->proc_failed)
		log_warn(
			"%s: %s: %s; its values are missing until it can be read",
			s->spec->title, s->path, strerror(-err));
	s->proc_failed = true;
}

/* For others, unless it was more than there is room for. */
static void keep_text(struct cpu_source *s, int err, uint64_t real_ns,
		      uint64_t mono_ns)
{
	bool whole = !err && strlen(s->proc.text) + 1 < s->proc.size;

	s->read = (struct host_text){ whole ? s->proc.text : NULL, real_ns,
				      mono_ns };
}

static void proc_collect(struct cpu_source *s)
{
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	struct wire_table t;
	int rows = proc_read(&s->proc);

	keep_text(s, rows, real_ns, mono_ns);
	if (!rows)
		rows = s->spec->parse(s->proc.text, s->cells, s->cpus);
	if (rows < 0) {
		proc_failed(s, rows);
		return;
	}
	s->proc_failed = false;
	if (s->spec->holds)
		stat_hold(s->held, s->cpus, s->cells, (uint32_t)rows);
	t = table(s, WIRE_ORIGIN_PROC, (uint32_t)rows, CPU_TABLE_COLUMNS,
		  s->cells);
	t.real_ns = real_ns;
	t.mono_ns = mono_ns;
	output_put(s->output, &t);
}

/* Looked at before the last samples are taken: none come after it is gone. */
static void ring_collect(struct cpu_source *s)
{
	bool live = ring_live(&s->ring);

	drain(s);
	if (live)
		return;
	log_info("%s: %s is gone; reading %s", s->spec->title, s->spec->device,
		 s->path);
	device_close(s);
}

void cpu_source_collect(struct cpu_source *s)
{
	if (s->mapped)
		ring_collect(s);
	else
		proc_collect(s);
}

/* Half of what the ring holds: the other half is for a late wake-up. */
uint64_t cpu_source_patience_ns(const struct cpu_source *s)
{
	if (!s->mapped)
		return UINT64_MAX;
	return s->ring.layout.slots / 2 * ring_period_ns(&s->ring);
}
