// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "ktach/figures/net_figures.h"
#include "ktach/figures/cpu_figures.h"

enum {
	RATES_MIN_NS = 10000000,
	NSEC_PER_SEC = 1000000000,
};

/* Where both sides' columns begin. */
static const uint32_t link_side[NET_SIDES] = { WIRE_LINK_RX_BYTES,
					       WIRE_LINK_TX_BYTES };
static const uint32_t net_side[NET_SIDES] = { WIRE_NET_RX_BYTES,
					      WIRE_NET_TX_BYTES };
static const uint32_t net_more[NET_SIDES] = { WIRE_NET_RX_MORE,
					      WIRE_NET_TX_MORE };

/* Of a side, in this order, in WIRE_LINK and in WIRE_NET. */
enum side_column {
	BYTES,
	PACKETS,
	ERRORS,
	DROPS,
	BYTES_PER_S = ERRORS,
	PACKETS_PER_S,
};

_Static_assert(WIRE_LINK_TX_DROPPED - WIRE_LINK_TX_BYTES == DROPS, "a side");
_Static_assert(WIRE_NET_TX_PACKETS_PER_S - WIRE_NET_TX_BYTES == PACKETS_PER_S,
	       "a side");
_Static_assert((int)NET_QUEUE_VALUES == WIRE_LINK_QDISC_BACKLOG_PACKETS + 1 -
						WIRE_LINK_QDISC_DROPS,
	       "they come in this order");

/* A name may have any byte but blanks, '/' and ':': none may reach a terminal
 * that is not its own picture.
 */
static void take_name(struct net_row *row, struct wire_text name)
{
	size_t i;

	for (i = 0; i < name.size && i < sizeof(row->name) - 1; i++)
		row->name[i] = name.data[i] < '!' || name.data[i] > '~' ?
				       '?' :
				       name.data[i];
	row->name[i] = '\0';
}

/* A counter that fell is of an interface that was made anew. */
static uint64_t growth_per_s(const struct change *c, uint32_t column)
{
	uint64_t growth;

	return change_growth(c, column, &growth) ?
		       rate_of(growth, NSEC_PER_SEC, c->interval_ns) :
		       FIGURE_UNKNOWN;
}

static uint64_t known(uint64_t cell)
{
	return cell == WIRE_ABSENT ? FIGURE_UNKNOWN : cell;
}

static void take_link(const struct change *c, struct net_row *row)
{
	int side, i;

	memset(row, 0, sizeof(*row));
	take_name(row, change_text(c, WIRE_LINK_NAME));
	row->origin = ORIGIN_PROC;
	for (side = 0; side < NET_SIDES; side++) {
		const uint64_t *cells = c->now + link_side[side];
		struct net_traffic *t = &row->traffic[side];

		t->bytes = known(cells[BYTES]);
		t->packets = known(cells[PACKETS]);
		t->errors = known(cells[ERRORS]);
		t->drops = known(cells[DROPS]);
		t->bytes_per_s = growth_per_s(c, link_side[side] + BYTES);
		t->packets_per_s = growth_per_s(c, link_side[side] + PACKETS);
	}
	for (i = 0; i < NET_QUEUE_VALUES; i++)
		row->queue[i] = known(c->now[WIRE_LINK_QDISC_DROPS + i]);
}

/* Errors and drops stay the device's. Two looks right after one another say nothing
 * of its rates.
 */
static void take_rates(const struct change *c, uint64_t interval_ns,
		       struct net_row *row)
{
	bool has_rates = interval_ns >= RATES_MIN_NS;
	int side, i;

	row->origin = ORIGIN_BPF;
	for (side = 0; side < NET_SIDES; side++) {
		const uint64_t *cells = c->now + net_side[side];
		const uint64_t *more = c->now + net_more[side];
		struct net_traffic *t = &row->traffic[side];

		t->device_bytes_per_s = has_rates ? t->bytes_per_s :
						    FIGURE_UNKNOWN;
		t->device_packets_per_s = has_rates ? t->packets_per_s :
						      FIGURE_UNKNOWN;
		t->bytes = known(cells[BYTES]);
		t->packets = known(cells[PACKETS]);
		t->bytes_per_s = cells[BYTES_PER_S];
		t->packets_per_s = cells[PACKETS_PER_S];
		for (i = 0; i < NET_AVERAGES; i++)
			t->average_bytes_per_s[i] =
				more[WIRE_NET_BYTES_PER_S_1S + i];
		t->burst_bytes = more[WIRE_NET_MAX_BUCKET_BYTES];
		t->burst_p99_bytes = more[WIRE_NET_P99_BUCKET_BYTES];
	}
}

/* Whether there is a row for one of " eth0 eth1". */
static bool has_one(const struct net_figures *f, const char *names, size_t size)
{
	const char *end = names + size;

	while (names < end && *names == ' ') {
		size_t n = 0;
		uint32_t i;

		for (names++; names + n < end && names[n] != ' ';)
			n++;
		for (i = 0; i < f->rows; i++)
			if (!strncmp(f->row[i].name, names, n) &&
			    !f->row[i].name[n])
				return true;
		names += n;
	}
	return false;
}

/* A fact is "br0 eth0 eth1": an interface, and what it lies on. */
static void mark_stacked(const struct readings *told, struct net_figures *f)
{
	const uint32_t kind = WIRE_FACTS;
	uint32_t i, at;

	for (at = 0; at < told->now.table[kind].rows.count; at++) {
		struct change c =
			reading_change(&told->now, &told->now, kind, at);
		struct wire_text text = change_text(&c, WIRE_FACT);

		if (c.now[WIRE_FACT_KEY] != WIRE_FACT_STACKED)
			continue;
		for (i = 0; i < f->rows; i++) {
			size_t size = strlen(f->row[i].name);

			if (size < text.size &&
			    !memcmp(f->row[i].name, text.data, size))
				f->row[i].stacked |= has_one(
					f, text.data + size, text.size - size);
		}
	}
}

static struct span span_of(const struct reading_table *now,
			   const struct reading_table *before)
{
	struct span span = {
		.origin = now->origin,
		.real_ns = now->real_ns,
		.mono_ns = now->mono_ns,
		.interval_ns = now->interval_ns,
		.sample = now->sample,
		.lost = now->lost,
	};

	if (!span.interval_ns && before->mono_ns)
		span.interval_ns = now->mono_ns - before->mono_ns;
	return span;
}

int net_between(const struct readings *told, struct net_figures *f)
{
	const struct reading *now = &told->now, *before = &told->before;
	const struct reading_table *links = &now->table[WIRE_LINK];
	bool counted = told->put & 1U << WIRE_NET;
	uint64_t interval_ns;
	uint32_t i;

	if (net_figures_room(f, links->rows.count))
		return -ENOMEM;
	f->rows = links->rows.count;
	f->span = span_of(links, &before->table[WIRE_LINK]);
	interval_ns = f->span.interval_ns;
	for (i = 0; i < f->rows; i++) {
		struct change c = reading_change(now, before, WIRE_LINK, i);
		struct change rates;

		take_link(&c, &f->row[i]);
		if (counted &&
		    reading_find(now, before, WIRE_NET, c.now[0], &rates))
			take_rates(&rates, interval_ns, &f->row[i]);
	}
	if (counted)
		f->span = span_of(&now->table[WIRE_NET],
				  &before->table[WIRE_NET]);
	mark_stacked(told, f);
	return 0;
}
