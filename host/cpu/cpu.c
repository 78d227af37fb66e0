// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CPU times and softirqs: a table with a row a CPU, from a ring while there is one,
 * and from /proc while there is none.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "host/collector.h"
#include "host/cpu/cpu_ring.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/kernel/proc.h"

/**
 * struct cpus - one of the two tables
 * @spec: which
 * @options: as given
 * @devices: readable when a device comes to /dev, or its rights change
 * @ring: the better way
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
	struct cpu_ring ring;
	char *path;
	struct proc_file proc;
	struct host_trouble failed;
	uint64_t lost;
	uint64_t *cells;
	uint32_t cpus;
	struct cpu_held *held;
};

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

/* Keep the text for other collectors, unless it is more than there is room for. */
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
	struct wire_table t = {
		.kind = s->spec->table,
		.schema = 1,
		.origin = WIRE_ORIGIN_PROC,
		.columns = CPU_TABLE_COLUMNS,
		.cells = s->cells,
		.real_ns = real_ns,
		.mono_ns = mono_ns,
	};
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
	t.rows = (uint32_t)rows;
	t.lost = s->lost;
	sink->put(sink->arg, &t);
	return 0;
}

/* --- which of the ways ------------------------------------------------------- */

static bool cpus_origin(void *state, char *text, size_t size)
{
	const struct cpus *s = state;

	return cpu_ring_origin(&s->ring, text, size);
}

static int refuse_ring(const struct cpus *s)
{
	int err = s->ring.error ? s->ring.error : -ENOENT;

	log_error("%s cannot be used: %s%s%s", s->spec->device, strerror(-err),
		  err == -ENOENT ? "; load it with modprobe " : "",
		  err == -ENOENT ? s->spec->module : "");
	return err;
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

	cpu_ring_close(&s->ring);
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
	cpu_ring_init(&s->ring, spec, options);
	s->ring.lost = &s->lost;
	cpu_ring_try(&s->ring, true);
	if (!s->ring.origin && s->options->from == HOST_FROM_RING) {
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
	cpu_ring_try(&s->ring, true);
	return 0;
}

static int cpus_read(void *state, const struct host_sink *sink)
{
	struct cpus *s = state;

	cpu_ring_try(&s->ring, s->devices < 0);
	if (cpu_ring_read(&s->ring, sink))
		return 0;
	if (s->options->from != HOST_FROM_RING)
		return put_proc(s, sink);
	return s->ring.origin ? 0 : refuse_ring(s);
}

/* Half of what the ring holds: the other half is for a late wake-up. */
static uint64_t cpus_patience_ns(void *state)
{
	const struct cpus *s = state;

	if (!s->ring.origin)
		return UINT64_MAX;
	return s->ring.ring.layout.slots / 2 * ring_period_ns(&s->ring.ring);
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
