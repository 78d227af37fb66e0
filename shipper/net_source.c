// SPDX-License-Identifier: GPL-2.0-or-later
#include <poll.h>
#include <string.h>

#include "lib/clock.h"
#include "shipper/net_source.h"

static void arm(struct net_source *s)
{
	loop_poll(s->loop, &s->poll, net_fd(s->net), POLLIN);
}

static void links_changed(struct loop_op *op, int result, uint32_t flags)
{
	struct net_source *s = (struct net_source *)op;

	if (result < 0)
		return;
	net_links_changed(s->net);
	arm(s);
}

void net_source_open(struct net_source *s, const struct config *c,
		     struct loop *loop, struct output *output)
{
	const struct net_config config = {
		.with_lo = c->with_lo,
		.period_ns = c->interval_ns,
	};

	memset(s, 0, sizeof(*s));
	s->poll.done = links_changed;
	s->loop = loop;
	s->output = output;
	if (c->no_net || net_open(&s->net, &config)) {
		s->net = NULL;
		return;
	}
	arm(s);
}

void net_source_close(struct net_source *s)
{
	net_close(s->net);
}

static void put_direction(const struct ktach_net_traffic *t, uint64_t *cells)
{
	cells[0] = t->bytes;
	cells[1] = t->packets;
	cells[2] = t->bytes_per_s;
	cells[3] = t->packets_per_s;
}

/* Returns when the newest tick was, by the monotonic clock. */
static uint64_t put_rows(const struct net_row *rows, size_t count,
			 uint64_t *cells, struct wire_text *names)
{
	uint64_t newest_ns = 0;
	size_t i;

	for (i = 0; i < count; i++, cells += WIRE_NET_REQUIRED) {
		const struct net_row *r = &rows[i];

		cells[WIRE_NET_KEY] = r->ifindex;
		put_direction(&r->traffic[KTACH_NET_RX],
			      cells + WIRE_NET_RX_BYTES);
		put_direction(&r->traffic[KTACH_NET_TX],
			      cells + WIRE_NET_TX_BYTES);
		names[i] = (struct wire_text){ r->name, strlen(r->name) };
		if (r->mono_ns > newest_ns)
			newest_ns = r->mono_ns;
	}
	return newest_ns;
}

void net_source_collect(struct net_source *s)
{
	static struct net_row rows[KTACH_NET_SLOTS];
	static uint64_t cells[KTACH_NET_SLOTS * WIRE_NET_REQUIRED];
	static struct wire_text names[KTACH_NET_SLOTS * WIRE_NET_TEXTS];
	struct wire_table table = {
		.kind = WIRE_NET,
		.schema = 1,
		.origin = WIRE_ORIGIN_BPF,
		.columns = WIRE_NET_REQUIRED,
		.texts = WIRE_NET_TEXTS,
		.cells = cells,
		.text = names,
	};

	if (!s->net)
		return;
	table.rows = (uint32_t)net_read(s->net, rows, KTACH_NET_SLOTS);
	table.mono_ns = put_rows(rows, table.rows, cells, names);
	if (table.mono_ns == s->shipped_ns)
		return; /* no tick since */
	s->shipped_ns = table.mono_ns;
	table.real_ns = clock_real_ns() - (clock_mono_ns() - table.mono_ns);
	output_put(s->output, &table);
}
