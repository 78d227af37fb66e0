// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/resized.h"
#include "shipper/packets/net.h"
#include "host/name.h"
#include "host/network.h"
#include "host/net/net_proc.h"
#include "host/net/net_slot.h"
#include "shipper/packets/net_source.h"

/* How often to try again, which may take the kernel some time. */
#define AGAIN_NS UINT64_C(30000000000)

/**
 * struct packets - one way or the other
 * @options: as given
 * @period_ns: of the table: it ticks as often as it is read, or once a second
 * @news: an epoll, readable when @net's or @proc's interfaces changed
 * @net: NULL, or failed: from /proc, or left out
 * @tried_ns: when that was tried last, CLOCK_MONOTONIC
 * @from_proc: @proc is open
 * @proc_said: that it cannot be read
 * @room: rows that there is room for
 * @readings_without: rows, one after the other
 * @put_ns: the tick that was put last
 */
struct packets {
	const struct host_options *options;
	uint64_t period_ns;
	int news;
	struct net *net;
	uint64_t tried_ns;
	struct net_proc proc;
	bool from_proc;
	bool proc_said;
	uint64_t *cells;
	struct wire_text *names;
	size_t room;
	unsigned int readings_without;
	uint64_t put_ns;
};

static void watch(struct packets *s, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd >= 0)
		epoll_ctl(s->news, EPOLL_CTL_ADD, fd, &event);
}

static struct interface_choice choice_of(const struct host_net_options *o)
{
	return (struct interface_choice){
		.with_lo = o->with_lo,
		.include = o->include,
		.exclude = o->exclude,
		.over_percent = (uint32_t)o->over_percent,
		.freeze_over = o->freeze_over,
	};
}

static int open_bpf(struct packets *s, bool quiet)
{
	const struct host_net_options *o = &s->options->net;
	const struct net_config config = {
		.choice = choice_of(o),
		.clsact_only = o->clsact,
		.period_ns = s->period_ns,
		.slots = (uint32_t)o->interfaces,
		.record_s = (uint32_t)(o->record_s ? o->record_s :
						     o->record_least_s),
		.pins = o->pins,
		.quiet = quiet,
	};
	bool own = network_is_own(s->options);
	int err = own ? net_open(&s->net, &config) : -EXDEV;

	if (!own && !quiet)
		log_info(
			"network: %s is of another %s: read from there, without classes and bursts",
			s->options->proc,
			host_is_own(s->options) ? "network" : "host");
	s->tried_ns = clock_mono_ns();
	if (err)
		s->net = NULL;
	else
		watch(s, net_fd(s->net));
	return err;
}

/* What BPF can't count; the warning has said so. */
static void open_proc(struct packets *s)
{
	const struct interface_choice choice = choice_of(&s->options->net);
	int err = net_proc_open(&s->proc, &choice, s->options);

	s->from_proc = !err;
	if (!err)
		watch(s, s->proc.events);
	else if (!s->proc_said)
		log_warn("network: cannot tell of net/dev in %s: %s",
			 s->options->proc, strerror(-err));
	s->proc_said = err;
}

static bool by_bpf(const struct packets *s)
{
	return s->net && !net_failed(s->net);
}

static int packets_open(void **state, const struct host_options *options)
{
	struct packets *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->options = options;
	s->period_ns = options->interval_ns < NET_PERIOD_MAX_NS ?
			       options->interval_ns :
			       NET_PERIOD_MAX_NS;
	s->news = epoll_create1(EPOLL_CLOEXEC);
	if (open_bpf(s, false))
		open_proc(s);
	*state = s;
	return 0;
}

static void packets_close(void *state)
{
	struct packets *s = state;

	net_close(s->net);
	if (s->from_proc)
		net_proc_close(&s->proc);
	if (s->news >= 0)
		close(s->news);
	free(s->cells);
	free(s->names);
	free(s);
}

static int packets_fd(void *state)
{
	const struct packets *s = state;

	return s->news;
}

static int packets_changed(void *state, const struct host_sink *sink)
{
	struct packets *s = state;
	struct epoll_event news[2];
	int i, n = epoll_wait(s->news, news, 2, 0);

	for (i = 0; i < n; i++)
		if (s->from_proc && news[i].data.fd == s->proc.events)
			net_proc_links_changed(&s->proc);
		else if (s->net)
			net_links_changed(s->net);
	return 0;
}

/* Later failures are not told: the first warning has said what is wrong. */
static void try_bpf(struct packets *s)
{
	net_close(s->net);
	if (!open_bpf(s, true))
		log_info("network: packets are counted by BPF from now on");
}

/* What a table of this many rows takes; a row is never dropped for want of it. */
static bool make_room(struct packets *s, size_t room)
{
	bool failed = false;

	if (room <= s->room)
		return true;
	s->cells = resized(s->cells, room, WIRE_NET_COLUMNS * sizeof(*s->cells),
			   &failed);
	s->names = resized(s->names, room, WIRE_NET_TEXTS * sizeof(*s->names),
			   &failed);
	if (!failed)
		s->room = room;
	return !failed;
}

static bool has_row(const struct packets *s, const struct wire_table *table,
		    uint64_t ifindex)
{
	uint32_t i;

	for (i = 0; i < table->rows; i++)
		if (s->cells[(size_t)i * WIRE_NET_COLUMNS + WIRE_NET_KEY] ==
		    ifindex)
			return true;
	return false;
}

/* Interfaces that the table lacks, without the values that only our own counters
 * have.
 */
static void add_proc(struct packets *s, struct wire_table *table)
{
	const struct net_proc_reading *r;
	size_t i, n;

	if (!s->from_proc)
		open_proc(s);
	r = s->from_proc ? net_proc_read(&s->proc) : NULL;
	if (!r || !make_room(s, table->rows + r->count))
		return;
	for (i = 0; i < r->count; i++) {
		const uint64_t *from = r->cells + i * WIRE_NET_REQUIRED;
		uint64_t *to =
			s->cells + (size_t)table->rows * WIRE_NET_COLUMNS;

		if (has_row(s, table, from[WIRE_NET_KEY]))
			continue;
		memcpy(to, from, WIRE_NET_REQUIRED * sizeof(*to));
		for (n = WIRE_NET_REQUIRED; n < WIRE_NET_COLUMNS; n++)
			to[n] = WIRE_ABSENT;
		s->names[table->rows++] = r->texts[i];
		if (!table->mono_ns)
			table->mono_ns = r->mono_ns;
	}
}

/* There was no interface in two readings: send that there is none any more. */
static bool have_ended(struct packets *s, const struct wire_table *table)
{
	if (table->rows) {
		s->readings_without = 0;
		return false;
	}
	s->readings_without++;
	return s->put_ns && s->readings_without == 2;
}

/* Each of these fills in a table but for its kind; a table without a time is not put.
 */
static void read_bpf(struct packets *s, struct wire_table *table)
{
	const struct net_row *rows;
	size_t count = net_read(s->net, &rows), i;

	table->origin = WIRE_ORIGIN_BPF;
	table->columns = WIRE_NET_COLUMNS;
	if (!make_room(s, count))
		return;
	table->rows = (uint32_t)count;
	for (i = 0; i < count; i++) {
		const struct net_row *r = &rows[i];

		net_slot_cells(&r->entry, s->cells + i * WIRE_NET_COLUMNS);
		s->names[i] = (struct wire_text){ r->name, strlen(r->name) };
		if (r->entry.mono_ns > table->mono_ns)
			table->mono_ns = r->entry.mono_ns;
	}
	if (net_lacks(s->net))
		add_proc(s, table);
	table->cells = s->cells;
	table->text = s->names;
}

static void read_proc(struct packets *s, struct wire_table *table)
{
	const struct net_proc_reading *r = net_proc_read(&s->proc);

	if (!r)
		return;
	table->rows = (uint32_t)r->count;
	table->cells = r->cells;
	table->text = r->texts;
	table->mono_ns = r->mono_ns;
}

/* Without rows, or without a tick since, there is nothing to put. */
static int packets_read(void *state, const struct host_sink *sink)
{
	struct packets *s = state;
	struct wire_table table = {
		.kind = WIRE_NET,
		.schema = 1,
		.origin = WIRE_ORIGIN_PROC,
		.columns = WIRE_NET_REQUIRED,
		.texts = WIRE_NET_TEXTS,
	};

	if (by_bpf(s))
		read_bpf(s, &table);
	else if (s->from_proc)
		read_proc(s, &table);
	if (s->net && net_failed(s->net) && !s->from_proc)
		open_proc(s);
	if (!by_bpf(s) && clock_mono_ns() - s->tried_ns >= AGAIN_NS)
		try_bpf(s);
	if (have_ended(s, &table))
		table.mono_ns = clock_mono_ns();
	else if (!table.rows || table.mono_ns == s->put_ns)
		return 0;
	s->put_ns = table.mono_ns;
	table.real_ns = clock_real_ns() - (clock_mono_ns() - table.mono_ns);
	sink->put(sink->arg, &table);
	return 0;
}

const struct host_collector net_source = {
	.name = "net",
	.summary = "packets of each interface",
	.enabled = true,
	.paced = true,
	.open = packets_open,
	.read = packets_read,
	.close = packets_close,
	.fd = packets_fd,
	.changed = packets_changed,
};
