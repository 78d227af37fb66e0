// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "host/collector.h"
#include "host/file.h"
#include "host/memory/load.h"
#include "host/memory/memory.h"
#include "host/name.h"
#include "host/memory/system.h"
#include "ktach/figures/cpu_figures.h"
#include "ktach/figures/host_figures.h"
#include "ktach/figures/net_figures.h"
#include "ktach/figures/readers.h"
#include "lib/base/log.h"
#include "lib/kernel/proc.h"

/* CPU times go first: what they are read from tells of the system, too. */
enum reader_index {
	TIMES,
	SOFTIRQS,
	MEMORY,
	LOAD,
	SYSTEM,
	NET,
	COMBINED,
};

/* Which collector is needed for which section. */
static const struct {
	const struct host_collector *collector;
	unsigned int sections;
} needs[READERS] = {
	[TIMES] = { &host_cpu, 1U << SECTION_CPU },
	[SOFTIRQS] = { &host_softirq, 1U << SECTION_SOFTIRQ },
	[MEMORY] = { &host_memory, 1U << SECTION_MEM },
	[LOAD] = { &host_load, 1U << SECTION_LOAD },
	[SYSTEM] = { &host_system, 1U << SECTION_LOAD },
	[NET] = { &host_net, 1U << SECTION_NET },
	[COMBINED] = { &host_combined, 0 },
};

static bool wants(const struct readers *r, enum section section)
{
	return r->options.sections & (1U << section);
}

/* --- one collector ----------------------------------------------------------- */

static int open_reader(struct readers *r, enum reader_index i)
{
	struct reader *reader = &r->reader[i];
	int err;

	reader->collector = needs[i].collector;
	err = reader->collector->open(&reader->state, &r->host);
	reader->open = !err;
	return err;
}

static void close_reader(struct reader *r)
{
	if (r->open)
		r->collector->close(r->state);
	r->open = false;
}

/* News that came since the last time go first: a ring that is there now. */
static int read_reader(struct reader *r)
{
	const struct host_collector *c = r->collector;
	const struct host_sink sink = { readings_put, &r->told };
	struct pollfd news = { .fd = -1, .events = POLLIN };

	if (!r->open)
		return -ENOENT;
	if (c->fd)
		news.fd = c->fd(r->state);
	r->told.put = 0;
	if (poll(&news, 1, 0) > 0)
		c->changed(r->state, &sink);
	return c->read(r->state, &sink);
}

/* --- CPUs -------------------------------------------------------------------- */

/* What combined samples lack now comes from the ring, or from /proc where that has
 * gone; of a ring that lives, and was late, the figures stay.
 */
static int read_cpus(struct readers *r, enum reader_index i,
		     struct cpu_figures *f)
{
	const uint32_t kind = i == TIMES ? WIRE_CPU : WIRE_SOFTIRQ;
	const struct reader *combined = &r->reader[COMBINED];
	bool stays = combined->open && f->span.origin == ORIGIN_NETLINK;
	struct reader *from = &r->reader[i];
	int err = 0;

	if (stays && !combined->told.put)
		return 0;
	if (combined->told.put & 1U << kind)
		from = &r->reader[COMBINED];
	else
		err = read_reader(from);
	if (err || (stays && from->told.now.table[kind].origin == ORIGIN_RING))
		return err;
	r->told[i == TIMES ? SECTION_CPU : SECTION_SOFTIRQ] = &from->told;
	return cpu_between(&from->told.before.table[kind],
			   &from->told.now.table[kind], f);
}

/* --- memory and load --------------------------------------------------------- */

static uint64_t read_uptime(struct readers *r)
{
	uint64_t uptime_s = FIGURE_UNKNOWN;
	struct host_file file;
	const char *at;
	int err = host_file_once(&file, r->host.proc, "uptime");

	if (!err) {
		at = file.text;
		err = proc_number(&at, &uptime_s) && *at == '.' ? 0 : -EINVAL;
		host_file_close(&file);
	}
	host_trouble(&r->no_uptime, "load", "uptime", err);
	return err ? FIGURE_UNKNOWN : uptime_s;
}

/* Of memory and load /proc knows more: netlink's are taken by wish, and what they
 * lack from there.
 */
static const struct reading *gauges_from(const struct readers *r,
					 enum reader_index i)
{
	return &r->reader[r->options.from == HOST_FROM_NETLINK ? COMBINED : i]
			.told.now;
}

static int read_memory(struct readers *r, struct figures *f)
{
	int err = read_reader(&r->reader[MEMORY]);

	if (!err)
		memory_of(gauges_from(r, MEMORY), &r->reader[MEMORY].told.now,
			  &f->mem);
	return err;
}

static int read_load(struct readers *r, struct figures *f)
{
	int err;

	read_reader(&r->reader[SYSTEM]);
	err = read_reader(&r->reader[LOAD]);
	if (err)
		return err;
	load_of(gauges_from(r, LOAD), &r->reader[LOAD].told.now,
		&r->reader[SYSTEM].told.now, &f->load);
	f->load.uptime_s = read_uptime(r);
	return 0;
}

static int read_net(struct readers *r, struct figures *f)
{
	int err = read_reader(&r->reader[NET]);

	if (err)
		return err;
	r->told[SECTION_NET] = &r->reader[NET].told;
	return net_between(r->told[SECTION_NET], &f->net);
}

static int read_section(struct readers *r, enum section section,
			struct figures *f)
{
	switch (section) {
	case SECTION_CPU:
		return read_cpus(r, TIMES, &f->cpu);
	case SECTION_SOFTIRQ:
		return read_cpus(r, SOFTIRQS, &f->softirq);
	case SECTION_MEM:
		return read_memory(r, f);
	case SECTION_LOAD:
		return read_load(r, f);
	default:
		return read_net(r, f);
	}
}

/* --- all of them ------------------------------------------------------------- */

/* Netlink is used where it is the user's wish, or the best that there is. */
static int open_combined(struct readers *r)
{
	if (r->options.from == HOST_FROM_NETLINK)
		return open_reader(r, COMBINED);
	if (r->options.from == HOST_FROM_BEST && host_is_own(&r->host) &&
	    (wants(r, SECTION_CPU) || wants(r, SECTION_SOFTIRQ)))
		open_reader(r, COMBINED);
	return 0;
}

/* Unless nothing else is asked for, or it is to come from elsewhere by wish. */
static bool may_leave_out(const struct readers *r, unsigned int sections)
{
	return r->options.sections & ~sections &&
	       (r->options.from == HOST_FROM_BEST ||
		r->options.from == HOST_FROM_PROC);
}

/* What a host has no file for is left out from now on. */
static int open_wanted(struct readers *r, enum reader_index i)
{
	int err = open_reader(r, i);

	if (!err || i == SYSTEM)
		return 0;
	if (!may_leave_out(r, needs[i].sections))
		return err;
	r->options.sections &= ~needs[i].sections;
	return 0;
}

/* Figures begin at what counters tell now, or where the past can be had, at that. */
static int begin_reader(struct readers *r, enum reader_index i)
{
	int err = 0;

	if (r->reader[i].open && (i <= SOFTIRQS || i == NET))
		err = read_reader(&r->reader[i]);
	return may_leave_out(r, needs[i].sections) ? 0 : err;
}

static int open_readers(struct readers *r)
{
	enum reader_index i;
	int err = 0;

	for (i = TIMES; !err && i < COMBINED; i++) {
		if (!(r->options.sections & needs[i].sections))
			continue;
		err = open_wanted(r, i);
		if (!err)
			err = begin_reader(r, i);
	}
	return err;
}

int readers_open(struct readers *r, const struct readers_options *o,
		 uint64_t history_ns)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->options = *o;
	r->host = *o->host;
	r->host.from = o->from;
	r->host.history_ns = history_ns;
	r->host.no_paging = true;
	r->host.stat = &r->stat;
	err = open_combined(r);
	if (!err)
		err = open_readers(r);
	if (err)
		readers_close(r);
	return err;
}

void readers_close(struct readers *r)
{
	int i;

	for (i = 0; i < READERS; i++) {
		close_reader(&r->reader[i]);
		readings_free(&r->reader[i].told);
	}
}

/* Where it failed, rings and /proc take over from here. */
static int read_combined(struct readers *r)
{
	struct reader *combined = &r->reader[COMBINED];
	int err;

	combined->told.put = 0;
	if (!combined->open)
		open_combined(r);
	if (!combined->open)
		return 0;
	err = read_reader(combined);
	if (!err || err == -EAGAIN)
		return 0;
	if (r->options.from == HOST_FROM_NETLINK)
		return err;
	close_reader(combined);
	return 0;
}

static void note_origin(struct figures *f, const struct reader *r)
{
	char text[NOTE_SIZE];

	if (!r->collector->origin(r->state, text, sizeof(text)))
		figures_note(f, "%s", text);
}

static void take_notes(const struct readers *r, struct figures *f)
{
	f->notes = 0;
	if (wants(r, SECTION_CPU) && f->cpu.span.origin == ORIGIN_PROC)
		note_origin(f, &r->reader[TIMES]);
	if (wants(r, SECTION_SOFTIRQ) && f->softirq.span.origin == ORIGIN_PROC)
		note_origin(f, &r->reader[SOFTIRQS]);
	if (wants(r, SECTION_NET))
		note_origin(f, &r->reader[NET]);
}

void readers_names(struct figures *f, const struct host_options *o)
{
	if (*f->release)
		return;
	if (!host_name(o, f->host, sizeof(f->host)))
		*f->host = '\0'; /* ours is another's */
	host_release(o, f->release, sizeof(f->release));
}

static void leave_out(struct figures *f, enum section section)
{
	struct span *const spans[SECTIONS] = {
		[SECTION_CPU] = &f->cpu.span,
		[SECTION_SOFTIRQ] = &f->softirq.span,
		[SECTION_NET] = &f->net.span,
		[SECTION_MEM] = &f->mem.span,
		[SECTION_LOAD] = &f->load.span,
	};

	spans[section]->origin = ORIGIN_NONE;
}

/* A file without sense costs its own section; without another one it is an error. */
static int take_section(struct readers *r, enum section section,
			struct figures *f)
{
	int err = read_section(r, section, f);

	if (!err || !may_leave_out(r, 1U << section))
		return err;
	leave_out(f, section);
	return 0;
}

int readers_read(struct readers *r, struct figures *f)
{
	int err = read_combined(r);
	enum section i;

	for (i = 0; !err && i < SECTIONS; i++)
		if (wants(r, i))
			err = take_section(r, i, f);
	if (err)
		return err;
	if (!figures_real_ns(f)) {
		log_error("%s tells nothing of what was asked for",
			  r->host.proc);
		return -ENODATA;
	}
	readers_names(f, r->options.host);
	take_notes(r, f);
	return 0;
}

/* Of what has no past two looks right after one another say nothing. */
static bool is_early(const struct span *s)
{
	return s->origin == ORIGIN_PROC || !s->interval_ns;
}

bool readers_must_wait(const struct readers *r, const struct figures *f)
{
	uint32_t i;

	for (i = 0; wants(r, SECTION_NET) && i < f->net.rows; i++)
		if (f->net.row[i].origin != ORIGIN_BPF)
			return true;
	return (wants(r, SECTION_CPU) && is_early(&f->cpu.span)) ||
	       (wants(r, SECTION_SOFTIRQ) && is_early(&f->softirq.span));
}
