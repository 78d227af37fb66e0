// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktach/cpu_reader.h"
#include "lib/clock.h"
#include "lib/log.h"

enum {
	READ_TRIES = 16, /* of a newest sample that is lapped meanwhile */
};

static int held_room(struct cpu_reader *r, uint32_t cpus)
{
	struct cpu_held *held = reallocarray(r->held, cpus, sizeof(*held));

	if (!held)
		return -ENOMEM;
	memset(held + r->cpus, 0, (cpus - r->cpus) * sizeof(*held));
	r->held = held;
	r->cpus = cpus;
	return 0;
}

static int moments_room(struct cpu_reader *r, uint32_t cpus)
{
	size_t size = r->spec->columns_max * sizeof(*r->now.cells);
	uint64_t *cells;

	if (cpus <= r->cpus)
		return 0;
	cells = reallocarray(r->now.cells, cpus, size);
	if (!cells)
		return -ENOMEM;
	r->now.cells = cells;
	cells = reallocarray(r->last.cells, cpus, size);
	if (!cells)
		return -ENOMEM;
	r->last.cells = cells;
	return held_room(r, cpus);
}

static void ring_shut(struct cpu_reader *r)
{
	ring_close(&r->ring);
	r->mapped = false;
}

static int ring_attach(struct cpu_reader *r)
{
	int err = cpu_table_ring_open(r->spec, &r->ring);

	if (err)
		return err;
	err = moments_room(r, r->ring.layout.records);
	if (err) {
		ring_shut(r);
		return err;
	}
	r->mapped = true;
	return 0;
}

/* Sample @number of the ring becomes @m. */
static int ring_moment(struct cpu_reader *r, uint64_t number,
		       struct cpu_moment *m)
{
	uint32_t columns = cpu_table_columns(r->spec, &r->ring);
	struct ring_sample sample;
	int err = cpu_table_from_ring(&r->ring, number, columns, &sample,
				      m->cells);

	if (err)
		return err;
	m->origin = ORIGIN_RING;
	m->real_ns = sample.real_ns;
	m->mono_ns = sample.mono_ns;
	m->sample = number;
	m->rows = r->ring.layout.records;
	m->columns = columns;
	return 0;
}

static int ring_newest(struct cpu_reader *r, struct cpu_moment *m)
{
	int tries, err = -EAGAIN;

	for (tries = 0; err && tries < READ_TRIES; tries++) {
		uint64_t head = ring_head(&r->ring);

		if (!head)
			return -EAGAIN;
		err = ring_moment(r, head, m);
	}
	return err;
}

/* The sample of @history_ns ago, or the oldest that can still be read. */
static int ring_history(struct cpu_reader *r, uint64_t history_ns,
			struct cpu_moment *m)
{
	uint64_t period_ns = ring_period_ns(&r->ring);
	uint64_t head = ring_head(&r->ring), back, oldest;

	if (head < 2)
		return -EAGAIN;
	back = period_ns && history_ns > period_ns ? history_ns / period_ns : 1;
	/* Not the very oldest: the writer may be about to take its slot. */
	oldest = ring_oldest(&r->ring, head);
	if (head - oldest > 2)
		oldest++;
	return ring_moment(r, back < head - oldest ? head - back : oldest, m);
}

static int proc_moment(struct cpu_reader *r, struct cpu_moment *m)
{
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	int rows = proc_read(&r->proc);

	if (!rows)
		rows = r->spec->parse(r->proc.text, m->cells, r->cpus);
	if (rows < 0)
		return rows;
	if (r->spec->holds)
		stat_hold(r->held, r->cpus, m->cells, (uint32_t)rows);
	m->origin = ORIGIN_PROC;
	m->real_ns = real_ns;
	m->mono_ns = mono_ns;
	m->sample = 0;
	m->rows = (uint32_t)rows;
	m->columns = CPU_TABLE_COLUMNS;
	return 0;
}

static int refuse_ring(const struct cpu_reader *r)
{
	log_error("%s cannot be used: %s%s%s", r->spec->device,
		  strerror(-r->ring_error),
		  r->ring_error == -ENOENT ? "; load it with modprobe " : "",
		  r->ring_error == -ENOENT ? r->spec->module : "");
	return r->ring_error;
}

static int refuse_proc(const struct cpu_reader *r, int err)
{
	log_error("cannot read %s: %s", r->path, strerror(-err));
	return err;
}

/* 0 with a moment to begin at in r->now, 1 if that moment is now. */
static int first_moment(struct cpu_reader *r, uint64_t history_ns)
{
	int err;

	if (r->mapped && !ring_history(r, history_ns, &r->now))
		return 0;
	if (r->mapped) {
		ring_newest(r, &r->now); /* if there is none: the next */
		return 1;
	}
	if (r->from == FROM_RING)
		return refuse_ring(r);
	err = proc_moment(r, &r->now);
	return err ? refuse_proc(r, err) : 1;
}

int cpu_reader_open(struct cpu_reader *r, enum section section, enum from from,
		    uint64_t history_ns, const struct host_options *host)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->from = from;
	r->spec = section == SECTION_CPU ? &cpu_source_times :
					   &cpu_source_softirqs;
	snprintf(r->path, sizeof(r->path), "%s%s", host->proc,
		 r->spec->proc + strlen("/proc"));
	r->between = section == SECTION_CPU ? shares_between : rates_between;
	err = moments_room(r, possible_cpus(host->sys));
	if (!err)
		err = proc_open(&r->proc, r->path, r->cpus);
	if (err) {
		free(r->now.cells);
		free(r->last.cells);
		free(r->held);
		refuse_proc(r, err);
		memset(r, 0, sizeof(*r));
		return err;
	}
	if (from != FROM_PROC)
		r->ring_error = ring_attach(r);
	err = first_moment(r, history_ns);
	if (err < 0)
		cpu_reader_close(r);
	return err;
}

void cpu_reader_close(struct cpu_reader *r)
{
	if (r->mapped)
		ring_shut(r);
	proc_close(&r->proc);
	free(r->now.cells);
	free(r->last.cells);
	free(r->held);
	memset(r, 0, sizeof(*r));
}

bool cpu_reader_live(const struct cpu_reader *r)
{
	return r->mapped && ring_live(&r->ring);
}

/* The module may have gone, or have come. */
static void change_over(struct cpu_reader *r)
{
	if (r->mapped && !ring_live(&r->ring)) {
		ring_shut(r);
		r->ring_error = -ENOENT;
	}
	if (!r->mapped && r->from != FROM_PROC)
		r->ring_error = ring_attach(r);
}

static int next_moment(struct cpu_reader *r)
{
	int err;

	if (r->mapped) {
		err = ring_newest(r, &r->now);
		/* A ring that was just loaded has no sample yet. */
		if (err == -EAGAIN && r->from != FROM_RING)
			err = proc_moment(r, &r->now);
		return err;
	}
	if (r->from == FROM_RING)
		return refuse_ring(r);
	err = proc_moment(r, &r->now);
	return err ? refuse_proc(r, err) : 0;
}

static void swap_moments(struct cpu_reader *r)
{
	struct cpu_moment kept = r->last;

	r->last = r->now;
	r->now = kept;
}

/* Is the newest sample the one that the figures are of already? */
static bool is_old(const struct cpu_reader *r)
{
	return r->now.origin == ORIGIN_RING && r->last.origin == ORIGIN_RING &&
	       r->now.mono_ns == r->last.mono_ns;
}

int cpu_reader_read(struct cpu_reader *r, struct cpu_figures *f)
{
	int err;

	change_over(r);
	swap_moments(r);
	err = next_moment(r);
	if (!err)
		err = cpu_figures_room(f, r->now.rows);
	if (err || is_old(r)) {
		swap_moments(r);
		return err;
	}
	r->between(&r->last, &r->now, f);
	f->span.missed = r->mapped ? ring_missed(&r->ring) : 0;
	return 0;
}
