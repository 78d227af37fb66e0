// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CPU times and softirqs: a table with a row a CPU, from its ring while the kernel
 * module is there and from /proc while it is not. It changes over by itself.
 *
 * Nothing wakes up for a ring's tick: samples wait in the ring, whose reading
 * costs no system call, until all of them are taken in one go.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "host/collector.h"
#include "lib/base/clock.h"
#include "lib/kernel/cpu_table.h"
#include "lib/base/log.h"
#include "lib/kernel/proc.h"

enum {
	READ_TRIES = 16, /* of a newest sample that is lapped meanwhile */
};

/**
 * struct cpus - one of the two tables
 * @spec: which
 * @options: as given
 * @devices: readable when a device comes to /dev, or its rights change
 * @mapped: the ring is open
 * @ring_error: -errno: why it is not
 * @next: number of the ring's sample to put next
 * @begun: something was put from it
 * @ring_cells: a sample's rows, of @columns
 * @path: of the file of /proc
 * @failed: it could not be read, which was said
 * @lost: samples lapped, or not read
 * @cells: rows of the file
 * @cpus: how many @cells has room for
 * @held: of each of @cpus
 */
struct cpus {
	const struct cpu_source_spec *spec;
	const struct host_options *options;
	int devices;
	bool mapped;
	int ring_error;
	struct ring ring;
	uint64_t next;
	bool begun;
	uint64_t *ring_cells;
	uint32_t columns;
	char *path;
	struct proc_file proc;
	struct host_trouble failed;
	uint64_t lost;
	uint64_t *cells;
	uint32_t cpus;
	struct cpu_held *held;
};

static struct wire_table table_of(const struct cpus *s, enum wire_origin origin,
				  uint32_t rows, uint32_t columns,
				  const uint64_t *cells)
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

/* --- the ring ---------------------------------------------------------------- */

static void close_ring(struct cpus *s)
{
	ring_close(&s->ring);
	free(s->ring_cells);
	s->mapped = false;
	s->ring_error = -ENOENT;
}

/* Of the past that is asked for, as far as it can still be read; not the very
 * oldest sample, as the writer may be about to take its slot.
 */
static uint64_t first_number(const struct cpus *s, uint64_t head)
{
	uint64_t period_ns = ring_period_ns(&s->ring), back = 1;
	uint64_t oldest = ring_oldest(&s->ring, head);

	if (head < 2)
		return 1;
	if (!s->options->history_ns)
		return head;
	if (period_ns && s->options->history_ns > period_ns)
		back = s->options->history_ns / period_ns;
	if (head - oldest > 2)
		oldest++;
	return back < head - oldest ? head - back : oldest;
}

/* Makes room for as many rows as the ring has: possible CPUs. */
static int open_ring(struct cpus *s)
{
	int err = cpu_table_ring_open(s->spec, &s->ring);

	if (err)
		return err;
	s->columns = cpu_table_columns(s->spec, &s->ring);
	s->ring_cells = calloc((size_t)s->ring.layout.records * s->columns,
			       sizeof(*s->ring_cells));
	if (!s->ring_cells) {
		ring_close(&s->ring);
		return -ENOMEM;
	}
	s->next = first_number(s, ring_head(&s->ring));
	s->begun = false;
	s->mapped = true;
	return 0;
}

static int put_sample(struct cpus *s, uint64_t number,
		      const struct host_sink *sink)
{
	struct wire_table t = table_of(s, WIRE_ORIGIN_RING,
				       s->ring.layout.records, s->columns,
				       s->ring_cells);
	struct ring_sample sample;
	int err = cpu_table_from_ring(&s->ring, number, s->columns, &sample,
				      s->ring_cells);

	if (err)
		return err;
	t.sample = number;
	t.real_ns = sample.real_ns;
	t.mono_ns = sample.mono_ns;
	t.missed = ring_missed(&s->ring);
	sink->put(sink->arg, &t);
	return 0;
}

/* Every sample up to the newest; those that were lapped are counted. */
static void put_all(struct cpus *s, uint64_t head, const struct host_sink *sink)
{
	uint64_t oldest = ring_oldest(&s->ring, head);

	if (s->next < oldest) {
		s->lost += oldest - s->next;
		s->next = oldest;
	}
	for (; s->next <= head; s->next++)
		if (put_sample(s, s->next, sink))
			s->lost++;
}

/* The one to begin with, and then the newest one alone. */
static void put_newest(struct cpus *s, uint64_t head,
		       const struct host_sink *sink)
{
	int tries, err = s->next > head;

	if (!s->begun && s->next < head)
		put_sample(s, s->next, sink);
	for (tries = 0; !err && tries < READ_TRIES; tries++) {
		head = ring_head(&s->ring);
		if (!put_sample(s, head, sink))
			break;
	}
	s->begun = true;
	s->next = head + 1;
}

/* --- /proc ------------------------------------------------------------------- */

static void close_proc(struct cpus *s)
{
	free(s->path);
	free(s->held);
	free(s->cells);
}

/* Memory, and the file of /proc, wherever that is. */
static int open_proc(struct cpus *s)
{
	const struct host_options *o = s->options;
	int err = -ENOMEM;

	s->cpus = possible_cpus(o->sys);
	s->cells =
		malloc((size_t)s->cpus * CPU_TABLE_COLUMNS * sizeof(*s->cells));
	s->held = calloc(s->cpus, sizeof(*s->held));
	if (asprintf(&s->path, "%s%s", o->proc,
		     s->spec->proc + strlen("/proc")) < 0)
		s->path = NULL;
	if (s->cells && s->held && s->path)
		err = proc_open(&s->proc, s->path, s->cpus);
	if (!err)
		return 0;
	log_warn("%s: cannot open %s: %s; they are left out", s->spec->title,
		 s->path ? s->path : s->spec->proc, strerror(-err));
	close_proc(s);
	return err;
}

/* For others, unless it was more than there is room for. */
static void leave_text(struct cpus *s, int err, uint64_t real_ns,
		       uint64_t mono_ns)
{
	bool whole = !err && strlen(s->proc.text) + 1 < s->proc.size;

	if (s->spec->table == WIRE_CPU && s->options->stat)
		*s->options->stat =
			(struct host_text){ whole ? s->proc.text : NULL,
					    real_ns, mono_ns };
}

static int put_proc(struct cpus *s, const struct host_sink *sink)
{
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	struct wire_table t;
	int rows = proc_read(&s->proc);

	leave_text(s, rows, real_ns, mono_ns);
	if (!rows)
		rows = s->spec->parse(s->proc.text, s->cells, s->cpus);
	host_trouble(&s->failed, s->spec->title, s->path, rows < 0 ? rows : 0);
	if (rows < 0) {
		s->lost++;
		return rows;
	}
	if (s->spec->holds)
		stat_hold(s->held, s->cpus, s->cells, (uint32_t)rows);
	t = table_of(s, WIRE_ORIGIN_PROC, (uint32_t)rows, CPU_TABLE_COLUMNS,
		     s->cells);
	t.real_ns = real_ns;
	t.mono_ns = mono_ns;
	sink->put(sink->arg, &t);
	return 0;
}

/* --- which of the two -------------------------------------------------------- */

static bool cpus_origin(void *state, char *text, size_t size)
{
	const struct cpus *s = state;
	const struct cpu_source_spec *spec = s->spec;
	int used = snprintf(text, size, "%s from %s", spec->title,
			    s->mapped ? spec->device : "/proc");

	if (s->mapped || s->options->from == HOST_FROM_PROC)
		return true;
	text += used;
	size -= (size_t)used;
	if (s->ring_error == -ENOENT)
		snprintf(text, size, ": no %s (modprobe %s)", spec->device,
			 spec->module);
	else if (s->ring_error == -EACCES)
		snprintf(text, size,
			 ": no right to %s (be root, or of group ktach)",
			 spec->device);
	else if (s->ring_error == -EPROTO)
		snprintf(
			text, size,
			": %s has another version of the ring ABI (load the ktach modules of this version)",
			spec->device);
	else
		snprintf(text, size, ": %s cannot be used: %s", spec->device,
			 strerror(-s->ring_error));
	return false;
}

static int refuse_ring(const struct cpus *s)
{
	log_error("%s cannot be used: %s%s%s", s->spec->device,
		  strerror(-s->ring_error),
		  s->ring_error == -ENOENT ? "; load it with modprobe " : "",
		  s->ring_error == -ENOENT ? s->spec->module : "");
	return s->ring_error;
}

static void try_ring(struct cpus *s)
{
	if (!s->mapped && s->options->from != HOST_FROM_PROC)
		s->ring_error = open_ring(s);
}

/* Without a watch the ring is tried for at each reading. */
static void watch_devices(struct cpus *s)
{
	s->devices = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->devices >= 0 &&
	    inotify_add_watch(s->devices, "/dev",
			      IN_CREATE | IN_MOVED_TO | IN_ATTRIB) >= 0)
		return;
	log_debug("%s: /dev cannot be watched: %s", s->spec->title,
		  strerror(errno));
	if (s->devices >= 0)
		close(s->devices);
	s->devices = -1;
}

static void cpus_close(void *state)
{
	struct cpus *s = state;

	if (s->mapped)
		close_ring(s);
	if (s->spec->table == WIRE_CPU && s->options->stat)
		s->options->stat->text = NULL;
	if (s->devices >= 0)
		close(s->devices);
	proc_close(&s->proc);
	close_proc(s);
	free(s);
}

static int open_cpus(void **state, const struct cpu_source_spec *spec,
		     const struct host_options *options)
{
	struct cpus *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->spec = spec;
	s->options = options;
	err = open_proc(s);
	if (err) {
		free(s);
		return err;
	}
	watch_devices(s);
	try_ring(s);
	if (!s->mapped && s->options->from == HOST_FROM_RING) {
		err = refuse_ring(s);
		cpus_close(s);
		return err;
	}
	*state = s;
	return 0;
}

static int times_open(void **state, const struct host_options *options)
{
	return open_cpus(state, &cpu_source_times, options);
}

static int softirqs_open(void **state, const struct host_options *options)
{
	return open_cpus(state, &cpu_source_softirqs, options);
}

static int cpus_fd(void *state)
{
	const struct cpus *s = state;

	return s->devices;
}

static int cpus_changed(void *state, const struct host_sink *sink)
{
	struct cpus *s = state;
	char events[4096];

	while (read(s->devices, events, sizeof(events)) > 0)
		;
	try_ring(s);
	return 0;
}

/* False if it has no sample yet, or none any more. Whether it lives is looked at
 * before its last samples are taken: none come after it is gone.
 */
static bool read_ring(struct cpus *s, const struct host_sink *sink)
{
	bool live = ring_live(&s->ring);
	uint64_t head = ring_head(&s->ring);
	bool news = s->next <= head;

	if (head && s->options->history_ns)
		put_newest(s, head, sink);
	else if (head)
		put_all(s, head, sink);
	if (!live)
		close_ring(s);
	return live ? head != 0 : news;
}

static int cpus_read(void *state, const struct host_sink *sink)
{
	struct cpus *s = state;

	if (s->devices < 0)
		try_ring(s);
	if (s->mapped && read_ring(s, sink))
		return 0;
	if (s->options->from != HOST_FROM_RING)
		return put_proc(s, sink);
	return s->mapped ? 0 : refuse_ring(s);
}

/* Half of what the ring holds: the other half is for a late wake-up. */
static uint64_t cpus_patience_ns(void *state)
{
	const struct cpus *s = state;

	if (!s->mapped)
		return UINT64_MAX;
	return s->ring.layout.slots / 2 * ring_period_ns(&s->ring);
}

const struct host_collector host_cpu = {
	.name = "cpu",
	.summary = "times of each CPU",
	.enabled = true,
	.open = times_open,
	.read = cpus_read,
	.close = cpus_close,
	.fd = cpus_fd,
	.changed = cpus_changed,
	.patience_ns = cpus_patience_ns,
	.origin = cpus_origin,
};

const struct host_collector host_softirq = {
	.name = "softirq",
	.summary = "softirqs of each CPU",
	.enabled = true,
	.open = softirqs_open,
	.read = cpus_read,
	.close = cpus_close,
	.fd = cpus_fd,
	.changed = cpus_changed,
	.patience_ns = cpus_patience_ns,
	.origin = cpus_origin,
};
