// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "ktach/host.h"
#include "ktach/host_files.h"
#include "lib/log.h"

static bool wants(const struct host *h, enum section section)
{
	return h->options.sections & (1U << section);
}

/* Netlink is used where it is the user's wish, or the best that there is. */
static int open_combined(struct host *h, uint64_t history_ns)
{
	int err;

	h->combined.error = -ENOENT;
	if (h->options.from != FROM_BEST && h->options.from != FROM_NETLINK)
		return 0;
	err = combined_reader_open(&h->combined, history_ns);
	if (!err || h->options.from == FROM_BEST)
		return 0;
	log_error("no combined samples by netlink: %s%s", strerror(-err),
		  err == -ENOENT ?
			  "; load them with modprobe ktach_aggregator" :
			  "");
	return err;
}

/* Netlink stands above the rings: they are opened for what it does not know. */
static enum from ring_from(const struct host *h)
{
	return h->options.from == FROM_NETLINK ? FROM_BEST : h->options.from;
}

static int note_wait(struct host *h, int ret)
{
	h->must_wait |= ret > 0;
	return ret < 0 ? ret : 0;
}

static int open_readers(struct host *h, uint64_t history_ns)
{
	enum from from = ring_from(h);
	int err = 0;

	if (wants(h, SECTION_CPU))
		err = note_wait(h, cpu_reader_open(&h->times, SECTION_CPU, from,
						   history_ns));
	if (!err && wants(h, SECTION_SOFTIRQ))
		err = note_wait(h,
				cpu_reader_open(&h->softirqs, SECTION_SOFTIRQ,
						from, history_ns));
	if (!err && wants(h, SECTION_NET))
		err = note_wait(h, net_reader_open(&h->net, h->options.from,
						   h->options.pins));
	return err;
}

int host_open(struct host *h, const struct host_options *o, uint64_t history_ns)
{
	int err;

	memset(h, 0, sizeof(*h));
	h->options = *o;
	err = open_combined(h, history_ns);
	if (!err)
		err = open_readers(h, history_ns);
	if (err)
		host_close(h);
	return err;
}

void host_close(struct host *h)
{
	combined_reader_close(&h->combined);
	if (h->times.spec)
		cpu_reader_close(&h->times);
	if (h->softirqs.spec)
		cpu_reader_close(&h->softirqs);
	if (h->net.pins)
		net_reader_close(&h->net);
}

static int read_files(struct host *h, struct figures *f)
{
	int err = 0;

	if (wants(h, SECTION_MEM))
		err = mem_read(&f->mem);
	if (!err && wants(h, SECTION_LOAD))
		err = load_read(&f->load);
	return err;
}

/* The module went: rings and /proc take over from here. */
static void combined_gone(struct host *h, struct figures *f)
{
	combined_reader_close(&h->combined);
	f->cpu.span.origin = ORIGIN_NONE;
	f->softirq.span.origin = ORIGIN_NONE;
}

/* What netlink is asked for: of memory and load /proc knows more. */
static unsigned int combined_sections(const struct host *h)
{
	unsigned int cpus = 1U << SECTION_CPU | 1U << SECTION_SOFTIRQ;
	unsigned int host = 1U << SECTION_MEM | 1U << SECTION_LOAD;

	return h->options.sections &
	       (h->options.from == FROM_NETLINK ? cpus | host : cpus);
}

static unsigned int live_rings(const struct host *h)
{
	return (cpu_reader_live(&h->times) ? 1U << SECTION_CPU : 0) |
	       (cpu_reader_live(&h->softirqs) ? 1U << SECTION_SOFTIRQ : 0);
}

/* Netlink first; what it leaves open comes from a ring or /proc. */
static int read_combined(struct host *h, struct figures *f)
{
	unsigned int sections = combined_sections(h);
	int err;

	if (!sections)
		return 0;
	if (!h->combined.family && h->options.from == FROM_BEST)
		combined_reader_open(&h->combined, 0);
	if (!h->combined.family)
		return 0;
	err = combined_reader_read(&h->combined, f, sections, live_rings(h));
	if (!err || err == -EAGAIN)
		return 0;
	if (h->options.from != FROM_NETLINK) {
		combined_gone(h, f);
		return 0;
	}
	log_error("reading combined samples failed: %s %s", strerror(-err),
		  family_error(h->combined.family));
	return err;
}

static int read_cpus(struct host *h, struct figures *f)
{
	int err = 0;

	if (wants(h, SECTION_CPU) && f->cpu.span.origin != ORIGIN_NETLINK)
		err = cpu_reader_read(&h->times, &f->cpu);
	if (!err && wants(h, SECTION_SOFTIRQ) &&
	    f->softirq.span.origin != ORIGIN_NETLINK)
		err = cpu_reader_read(&h->softirqs, &f->softirq);
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

	if (r->mapped || r->from == FROM_PROC || r->from == FROM_RING)
		return;
	if (r->table_error == -ENOENT)
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

static void take_notes(const struct host *h, struct figures *f)
{
	f->notes = 0;
	if (wants(h, SECTION_CPU) && f->cpu.span.origin == ORIGIN_PROC)
		note_ring(f, &h->times);
	if (wants(h, SECTION_SOFTIRQ) && f->softirq.span.origin == ORIGIN_PROC)
		note_ring(f, &h->softirqs);
	if (wants(h, SECTION_NET))
		note_net(f, &h->net);
}

static void take_names(struct figures *f)
{
	struct utsname name;

	if (*f->host || uname(&name))
		return;
	snprintf(f->host, sizeof(f->host), "%s", name.nodename);
	snprintf(f->release, sizeof(f->release), "%s", name.release);
}

int host_read(struct host *h, struct figures *f)
{
	int err = read_files(h, f);

	if (!err)
		err = read_combined(h, f);
	if (!err)
		err = read_cpus(h, f);
	if (!err && wants(h, SECTION_NET))
		err = net_reader_read(&h->net, &f->net);
	if (err)
		return err;
	take_names(f);
	take_notes(h, f);
	return 0;
}
