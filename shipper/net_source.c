// SPDX-License-Identifier: GPL-2.0-or-later
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/options.h"
#include "shipper/net_source.h"

/* So seldom is it worth a try, which may take the kernel some time. */
#define AGAIN_NS UINT64_C(30000000000)

enum {
	LACKED_MAX = 64, /* interfaces that the rate table lacks */
};

static void arm(struct net_source *s)
{
	if (s->armed)
		return;
	s->armed = true;
	loop_poll(s->loop, &s->poll, net_fd(s->net), POLLIN);
	s->waiting++;
}

static void links_changed(struct loop_op *op, int result, uint32_t flags)
{
	struct net_source *s = (struct net_source *)op;

	s->armed = false;
	s->waiting--;
	if (result < 0 || s->closing || !s->net)
		return;
	net_links_changed(s->net);
	arm(s);
}

static void arm_proc(struct net_source *s)
{
	if (s->proc.events < 0)
		return;
	loop_poll(s->loop, &s->poll_proc, s->proc.events, POLLIN);
	s->waiting++;
}

static void proc_changed(struct loop_op *op, int result, uint32_t flags)
{
	struct net_source *s =
		(struct net_source *)((char *)op -
				      offsetof(struct net_source, poll_proc));

	s->waiting--;
	if (result < 0 || s->closing)
		return;
	net_proc_links_changed(&s->proc);
	arm_proc(s);
}

/* The table ticks as often as it is read, or once a second. */
static struct net_config config_of(const struct config *c)
{
	uint64_t interval_ns = c->sources[SOURCE_NET].interval_ns;

	return (struct net_config){
		.choice = {
			.with_lo = c->with_lo,
			.include = c->include,
			.exclude = c->exclude,
			.over_percent = (uint32_t)c->over_percent,
			.freeze_over = c->freeze_over,
		},
		.clsact_only = c->clsact,
		.period_ns = interval_ns < NET_PERIOD_MAX_NS ?
				     interval_ns :
				     NET_PERIOD_MAX_NS,
		.slots = (uint32_t)c->interfaces,
		.record_s = (uint32_t)c->record_s,
		.pins = c->pins,
	};
}

bool net_source_same(const struct config *a, const struct config *b)
{
	const struct net_config one = config_of(a), other = config_of(b);

	return one.choice.with_lo == other.choice.with_lo &&
	       option_texts_same(one.choice.include, other.choice.include) &&
	       option_texts_same(one.choice.exclude, other.choice.exclude) &&
	       one.choice.over_percent == other.choice.over_percent &&
	       one.choice.freeze_over == other.choice.freeze_over &&
	       one.clsact_only == other.clsact_only &&
	       one.period_ns == other.period_ns && one.slots == other.slots &&
	       one.record_s == other.record_s &&
	       option_texts_same(one.pins, other.pins);
}

/* What BPF can't count; the warning has said so. */
static void open_proc(struct net_source *s)
{
	int error = net_proc_open(&s->proc, &s->config.choice, s->host);

	s->from_proc = !error;
	if (!error)
		arm_proc(s);
	else if (!s->proc_said)
		log_warn("network: cannot read net/dev in %s: %s",
			 s->host->proc, strerror(-error));
	s->proc_said = error;
}

static bool by_bpf(const struct net_source *s)
{
	return s->net && !net_failed(s->net);
}

void net_source_open(struct net_source *s, const struct config *c,
		     struct loop *loop, struct output *output)
{
	memset(s, 0, sizeof(*s));
	s->poll.done = links_changed;
	s->poll_proc.done = proc_changed;
	s->loop = loop;
	s->output = output;
	s->config = config_of(c);
	s->host = &c->host;
	s->tried_ns = clock_mono_ns();
	if (!net_open(&s->net, &s->config)) {
		arm(s);
		return;
	}
	s->net = NULL;
	open_proc(s);
}

static void stop_waiting(struct net_source *s)
{
	s->closing = true;
	if (s->net)
		loop_cancel(s->loop, &s->poll);
	if (s->from_proc)
		loop_cancel(s->loop, &s->poll_proc);
	while (s->waiting && !loop_run_once(s->loop, true))
		;
}

void net_source_close(struct net_source *s)
{
	stop_waiting(s);
	net_close(s->net);
	if (s->from_proc)
		net_proc_close(&s->proc);
	free(s->rows);
	free(s->cells);
	free(s->names);
}

/* Without a word each time: the first warning has said what is wrong. */
static void try_bpf(struct net_source *s)
{
	s->tried_ns = clock_mono_ns();
	if (s->net) {
		if (s->armed)
			loop_cancel(s->loop, &s->poll);
		net_close(s->net);
		s->net = NULL;
	}
	if (s->armed) { /* until it has come back: the next time */
		s->tried_ns -= AGAIN_NS;
		return;
	}
	s->config.quiet = true;
	if (net_open(&s->net, &s->config)) {
		s->net = NULL;
		return;
	}
	log_info("network: packets are counted by BPF from now on");
	arm(s);
}

/* What a table of this many rows takes; a row is never dropped for want of it. */
static bool make_room(struct net_source *s, size_t room)
{
	if (room <= s->room)
		return true;
	free(s->rows);
	free(s->cells);
	free(s->names);
	s->rows = calloc(room, sizeof(*s->rows));
	s->cells = calloc(room * WIRE_NET_COLUMNS, sizeof(*s->cells));
	s->names = calloc(room * WIRE_NET_TEXTS, sizeof(*s->names));
	s->room = s->rows && s->cells && s->names ? room : 0;
	return s->room;
}

static void put_direction(const struct ktach_net_traffic *t, uint64_t *cells)
{
	cells[0] = t->bytes;
	cells[1] = t->packets;
	cells[2] = t->bytes_per_s;
	cells[3] = t->packets_per_s;
}

/* What only our own counters know; the classes have the wire's order. */
static void put_more(const struct ktach_net_traffic *t, uint64_t *cells)
{
	int i;

	for (i = 0; i < KTACH_NET_AVERAGES; i++) {
		cells[WIRE_NET_BYTES_PER_S_1S + i] = t->average_bytes_per_s[i];
		cells[WIRE_NET_PACKETS_PER_S_1S + i] =
			t->average_packets_per_s[i];
	}
	cells[WIRE_NET_MAX_BUCKET_BYTES] = t->max_bucket_bytes;
	cells[WIRE_NET_MAX_BUCKET_MS] = t->max_bucket_ms;
	cells[WIRE_NET_P99_BUCKET_BYTES] = t->p99_bucket_bytes;
	cells[WIRE_NET_OVER_BYTES] = t->over_bytes;
	cells[WIRE_NET_BUCKETS_OVER] = t->buckets_over_total;
	for (i = 0; i < KTACH_NET_CLASSES; i++) {
		cells[WIRE_NET_UNICAST + 2 * i] = t->class[i].bytes;
		cells[WIRE_NET_UNICAST + 2 * i + 1] = t->class[i].packets;
	}
}

_Static_assert(WIRE_NET_MORE == WIRE_NET_UNICAST + 2 * KTACH_NET_CLASSES,
	       "the wire has a place for each class");

static void put_row(const struct net_row *r, uint64_t *cells)
{
	cells[WIRE_NET_KEY] = r->entry.ifindex;
	put_direction(&r->entry.traffic[KTACH_NET_RX],
		      cells + WIRE_NET_RX_BYTES);
	put_direction(&r->entry.traffic[KTACH_NET_TX],
		      cells + WIRE_NET_TX_BYTES);
	put_more(&r->entry.traffic[KTACH_NET_RX], cells + WIRE_NET_RX_MORE);
	put_more(&r->entry.traffic[KTACH_NET_TX], cells + WIRE_NET_TX_MORE);
}

static bool has_row(const struct net_source *s, const struct wire_table *table,
		    uint64_t ifindex)
{
	uint32_t i;

	for (i = 0; i < table->rows; i++)
		if (s->cells[(size_t)i * WIRE_NET_COLUMNS + WIRE_NET_KEY] ==
		    ifindex)
			return true;
	return false;
}

/* Those that the table lacks, without what only our own counters know. */
static void add_proc(struct net_source *s, struct wire_table *table)
{
	const struct net_proc_reading *r;
	size_t i, n;

	if (!s->from_proc)
		open_proc(s);
	r = s->from_proc ? net_proc_read(&s->proc) : NULL;
	for (i = 0; r && i < r->count && table->rows < s->room; i++) {
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

/* All fill in a table but for its kind; without rows there is nothing to put. */
static void read_bpf(struct net_source *s, struct wire_table *table)
{
	size_t slots = net_slots(s->net), i;

	table->origin = WIRE_ORIGIN_BPF;
	table->columns = WIRE_NET_COLUMNS;
	if (!make_room(s, (slots ? slots : KTACH_NET_SLOTS) + LACKED_MAX))
		return;
	table->rows = (uint32_t)net_read(s->net, s->rows, s->room - LACKED_MAX);
	for (i = 0; i < table->rows; i++) {
		const struct net_row *r = &s->rows[i];

		put_row(r, s->cells + i * WIRE_NET_COLUMNS);
		s->names[i] = (struct wire_text){ r->name, strlen(r->name) };
		if (r->entry.mono_ns > table->mono_ns)
			table->mono_ns = r->entry.mono_ns;
	}
	if (net_lacks(s->net))
		add_proc(s, table);
	table->cells = s->cells;
	table->text = s->names;
}

static void read_proc(struct net_source *s, struct wire_table *table)
{
	const struct net_proc_reading *r = net_proc_read(&s->proc);

	table->origin = WIRE_ORIGIN_PROC;
	table->columns = WIRE_NET_REQUIRED;
	if (!r)
		return;
	table->rows = (uint32_t)r->count;
	table->cells = r->cells;
	table->text = r->texts;
	table->mono_ns = r->mono_ns;
}

void net_source_collect(struct net_source *s)
{
	struct wire_table table = {
		.kind = WIRE_NET,
		.schema = 1,
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
	if (!table.rows || table.mono_ns == s->shipped_ns)
		return; /* no tick since */
	s->shipped_ns = table.mono_ns;
	table.real_ns = clock_real_ns() - (clock_mono_ns() - table.mono_ns);
	output_put(s->output, &table);
}
