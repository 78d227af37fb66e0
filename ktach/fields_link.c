// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "ktach/fields.h"
#include "ktach/format.h"

static void state(const struct change *c, int index, struct value *v)
{
	uint64_t flags = c->now[WIRE_LINK_FLAGS];

	if (flags != WIRE_ABSENT)
		value_text(v, !(flags & WIRE_LINK_UP)	   ? "down" :
			      !(flags & WIRE_LINK_CARRIER) ? "no link" :
							     "up");
}

static void full_duplex(const struct change *c, int index, struct value *v)
{
	uint64_t flags = c->now[WIRE_LINK_FLAGS];

	if (flags != WIRE_ABSENT &&
	    flags & (WIRE_LINK_FULL_DUPLEX | WIRE_LINK_HALF_DUPLEX))
		value_truth(v, flags & WIRE_LINK_FULL_DUPLEX);
}

/* Both ways together, of two columns that stand @index apart. */
static void both_rates(const struct change *c, int column, struct value *v)
{
	const int apart = WIRE_LINK_TX_BYTES - WIRE_LINK_RX_BYTES;
	struct value tx = { .type = VALUE_ABSENT };

	field_rate(c, column, v);
	field_rate(c, column + apart, &tx);
	if (v->type && tx.type)
		v->real += tx.real;
	else
		v->type = VALUE_ABSENT;
}

static void both(const struct change *c, int column, struct value *v)
{
	const int apart = WIRE_LINK_TX_BYTES - WIRE_LINK_RX_BYTES;
	uint64_t rx = c->now[column], tx = c->now[column + apart];

	if (rx != WIRE_ABSENT && tx != WIRE_ABSENT)
		value_number(v, (int64_t)(rx + tx));
}

const struct field link_fields[] = {
	{ "name", "interface", 12, UNIT_TEXT, field_text, WIRE_LINK_NAME },
	CELL("ifindex", WIRE_LINK_KEY),
	{ "state", "state", 7, UNIT_TEXT, state },
	{ "speed_bits_per_s", "bit/s", 5, UNIT_COUNT, field_cell,
	  WIRE_LINK_SPEED_BITS_PER_S },
	{ "full_duplex", NULL, 0, UNIT_TRUTH, full_duplex },
	{ "mtu_bytes", "mtu", 5, UNIT_PLAIN, field_cell, WIRE_LINK_MTU_BYTES,
	  WIDE },
	{ "rx_bytes_per_s", "rx B/s", 6, UNIT_COUNT, field_rate,
	  WIRE_LINK_RX_BYTES },
	{ "rx_packets_per_s", "pkt/s", 6, UNIT_COUNT, field_rate,
	  WIRE_LINK_RX_PACKETS, WIDER },
	{ "tx_bytes_per_s", "tx B/s", 6, UNIT_COUNT, field_rate,
	  WIRE_LINK_TX_BYTES },
	{ "tx_packets_per_s", "pkt/s", 6, UNIT_COUNT, field_rate,
	  WIRE_LINK_TX_PACKETS, WIDER },
	{ "errors", "errors", 6, UNIT_COUNT, both, WIRE_LINK_RX_ERRORS, 0, 1 },
	{ "dropped", "drops", 5, UNIT_COUNT, both, WIRE_LINK_RX_DROPPED, 0, 1 },
	{ "qdisc_drops", "q drops", 7, UNIT_COUNT, field_cell,
	  WIRE_LINK_QDISC_DROPS, WIDE },
	{ "qdisc_backlog_bytes", "queued", 6, UNIT_COUNT, field_cell,
	  WIRE_LINK_QDISC_BACKLOG_BYTES, WIDE },
	{ "carrier_changes", "flaps", 5, UNIT_COUNT, field_cell,
	  WIRE_LINK_CARRIER_CHANGES, WIDE },
	{ "mac", "mac", 17, UNIT_TEXT, field_text, WIRE_LINK_MAC, WIDER },
	{ "driver", "driver", 10, UNIT_TEXT, field_text, WIRE_LINK_DRIVER,
	  WIDER },
	{ "addresses", "addresses", 0, UNIT_LIST, field_text,
	  WIRE_LINK_ADDRESSES },
	{ "bytes_per_s", NULL, 0, UNIT_COUNT, both_rates, WIRE_LINK_RX_BYTES },
	CELL("rx_bytes", WIRE_LINK_RX_BYTES),
	CELL("rx_packets", WIRE_LINK_RX_PACKETS),
	CELL("rx_errors", WIRE_LINK_RX_ERRORS),
	CELL("rx_dropped", WIRE_LINK_RX_DROPPED),
	CELL("tx_bytes", WIRE_LINK_TX_BYTES),
	CELL("tx_packets", WIRE_LINK_TX_PACKETS),
	CELL("tx_errors", WIRE_LINK_TX_ERRORS),
	CELL("tx_dropped", WIRE_LINK_TX_DROPPED),
	CELL("collisions", WIRE_LINK_COLLISIONS),
	CELL("qdisc_overlimits", WIRE_LINK_QDISC_OVERLIMITS),
	CELL("qdisc_backlog_packets", WIRE_LINK_QDISC_BACKLOG_PACKETS),
	{ 0 },
};
