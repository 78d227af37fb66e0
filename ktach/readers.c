// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "host/file.h"
#include "host/name.h"
#include "ktach/readers.h"
#include "ktach/host_files.h"
#include "lib/log.h"

static bool wants(const struct readers *r, enum section section)
{
	return r->options.sections & (1U << section);
}

/* Netlink is used where it is the user's wish, or the best that there is. */
static int open_combined(struct readers *r, uint64_t history_ns)
{
	int err;

	r->combined.error = -ENOENT;
	if (r->options.from != FROM_BEST && r->options.from != FROM_NETLINK)
		return 0;
	err = combined_reader_open(&r->combined, history_ns);
	if (!err || r->options.from == FROM_BEST)
		return 0;
	log_error("no combined samples by netlink: %s%s", strerror(-err),
		  err == -ENOENT ?
			  "; load them with modprobe ktach_aggregator" :
			  "");
	return err;
}

/* Netlink stands above the rings: they are opened for what it does not know. */
static enum from ring_from(const struct readers *r)
{
	return r->options.from == FROM_NETLINK ? FROM_BEST : r->options.from;
}

static int note_wait(struct readers *r, int ret)
{
	r->must_wait |= ret > 0;
	return ret < 0 ? ret : 0;
}

static int open_readers(struct readers *r, uint64_t history_ns)
{
	enum from from = ring_from(r);
	int err = 0;

	if (wants(r, SECTION_CPU))
		err = note_wait(r,
				cpu_reader_open(&r->times, SECTION_CPU, from,
						history_ns, r->options.host));
	if (!err && wants(r, SECTION_SOFTIRQ))
		err = note_wait(
			r, cpu_reader_open(&r->softirqs, SECTION_SOFTIRQ, from,
					   history_ns, r->options.host));
	if (!err && wants(r, SECTION_NET))
		err = note_wait(r, net_reader_open(&r->net, r->options.from,
						   r->options.pins,
						   r->options.host));
	return err;
}

int readers_open(struct readers *r, const struct readers_options *o,
		 uint64_t history_ns)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->options = *o;
	err = open_combined(r, history_ns);
	if (!err)
		err = open_readers(r, history_ns);
	if (err)
		readers_close(r);
	return err;
}

void readers_close(struct readers *r)
{
	combined_reader_close(&r->combined);
	if (r->times.spec)
		cpu_reader_close(&r->times);
	if (r->softirqs.spec)
		cpu_reader_close(&r->softirqs);
	if (r->net.pins)
		net_reader_close(&r->net);
}

static int read_files(struct readers *r, struct figures *f)
{
	int err = 0;

	if (wants(r, SECTION_MEM))
		err = mem_read(r->options.host->proc, &f->mem);
	if (!err && wants(r, SECTION_LOAD))
		err = load_read(r->options.host->proc, &f->load);
	return err;
}

/* The module went: rings and /proc take over from here. */
static void combined_gone(struct readers *r, struct figures *f)
{
	combined_reader_close(&r->combined);
	f->cpu.span.origin = ORIGIN_NONE;
	f->softirq.span.origin = ORIGIN_NONE;
}

/* What netlink is asked for: of memory and load /proc knows more. */
static unsigned int combined_sections(const struct readers *r)
{
	unsigned int cpus = 1U << SECTION_CPU | 1U << SECTION_SOFTIRQ;
	unsigned int host = 1U << SECTION_MEM | 1U << SECTION_LOAD;

	return r->options.sections &
	       (r->options.from == FROM_NETLINK ? cpus | host : cpus);
}

static unsigned int live_rings(const struct readers *r)
{
	return (cpu_reader_live(&r->times) ? 1U << SECTION_CPU : 0) |
	       (cpu_reader_live(&r->softirqs) ? 1U << SECTION_SOFTIRQ : 0);
}

/* Netlink first; what it leaves open comes from a ring or /proc. */
static int read_combined(struct readers *r, struct figures *f)
{
	unsigned int sections = combined_sections(r);
	int err;

	if (!sections)
		return 0;
	if (!r->combined.family && r->options.from == FROM_BEST)
		combined_reader_open(&r->combined, 0);
	if (!r->combined.family)
		return 0;
	err = combined_reader_read(&r->combined, f, sections, live_rings(r));
	if (!err || err == -EAGAIN)
		return 0;
	if (r->options.from != FROM_NETLINK) {
		combined_gone(r, f);
		return 0;
	}
	log_error("reading combined samples failed: %s %s", strerror(-err),
		  family_error(r->combined.family));
	return err;
}

static int read_cpus(struct readers *r, struct figures *f)
{
	int err = 0;

	if (wants(r, SECTION_CPU) && f->cpu.span.origin != ORIGIN_NETLINK)
		err = cpu_reader_read(&r->times, &f->cpu);
	if (!err && wants(r, SECTION_SOFTIRQ) &&
	    f->softirq.span.origin != ORIGIN_NETLINK)
		err = cpu_reader_read(&r->softirqs, &f->softirq);
	return err;
}

static void note_ring(struct figures *f, const struct cpu_reader *r)
{
	const struct cpu_source_spec *spec = r->spec;

	if (r->mapped || r->from == FROM_PROC)
		return;
	if (r->ring_error == -ENOENT)
		figures_note(f, "%s from /proc: no %s (modprobe %s)",
			     spec->title, spec->device, spec->module);
	else if (r->ring_error == -EACCES)
		figures_note(
			f,
			"%s from /proc: no right to %s (be root, or of group ktach)",
			spec->title, spec->device);
	else
		figures_note(f, "%s from /proc: %s cannot be used: %s",
			     spec->title, spec->device,
			     strerror(-r->ring_error));
}

static void note_net(struct figures *f, const struct net_reader *r)
{
	const char *why = strerror(-r->table_error);

	if (f->net.span.origin == ORIGIN_BPF || r->from == FROM_PROC ||
	    r->from == FROM_RING)
		return;
	if (r->mapped)
		why = "no interface here is counted (see ktach doctor)";
	else if (r->table_error == -ENOENT)
		why = "nothing counts them (start ktach-shipper)";
	else if (r->table_error == -EPERM || r->table_error == -EACCES)
		why = "no right to the rates (be root, or have CAP_BPF)";
	else if (r->table_error == -ESTALE)
		why = "the rates stand still (start ktach-shipper)";
	else if (r->table_error == -EXDEV)
		why = "the rates are of another network namespace";
	else if (r->table_error == -EPROTO)
		why = "rates of another version (restart ktach-shipper)";
	figures_note(f, "packets from /proc, without bursts: %s", why);
}

static void take_notes(const struct readers *r, struct figures *f)
{
	f->notes = 0;
	if (wants(r, SECTION_CPU) && f->cpu.span.origin == ORIGIN_PROC)
		note_ring(f, &r->times);
	if (wants(r, SECTION_SOFTIRQ) && f->softirq.span.origin == ORIGIN_PROC)
		note_ring(f, &r->softirqs);
	if (wants(r, SECTION_NET))
		note_net(f, &r->net);
}

static void take_release(struct figures *f, const char *proc)
{
	struct host_file file;

	if (host_file_once(&file, proc, "sys/kernel/osrelease"))
		return;
	snprintf(f->release, sizeof(f->release), "%.*s",
		 (int)strcspn(file.text, "\n"), file.text);
	host_file_close(&file);
}

/* Of a host whose trees are read, what its files tell. */
static void take_names(struct figures *f, const struct host_options *o)
{
	struct utsname name;

	if (*f->host || uname(&name))
		return;
	if (!host_name(o->root, f->host, sizeof(f->host)))
		snprintf(f->host, sizeof(f->host), "%s", name.nodename);
	snprintf(f->release, sizeof(f->release), "%s", name.release);
	if (host_options_foreign(o))
		take_release(f, o->proc);
}

int readers_read(struct readers *r, struct figures *f)
{
	int err = read_files(r, f);

	if (!err)
		err = read_combined(r, f);
	if (!err)
		err = read_cpus(r, f);
	if (!err && wants(r, SECTION_NET))
		err = net_reader_read(&r->net, &f->net);
	if (err)
		return err;
	take_names(f, r->options.host);
	take_notes(r, f);
	return 0;
}
