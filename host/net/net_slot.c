// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/net/net_slot.h"

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

void net_slot_cells(const struct ktach_net_slot *slot, uint64_t *cells)
{
	cells[WIRE_NET_KEY] = slot->ifindex;
	put_direction(&slot->traffic[KTACH_NET_RX], cells + WIRE_NET_RX_BYTES);
	put_direction(&slot->traffic[KTACH_NET_TX], cells + WIRE_NET_TX_BYTES);
	put_more(&slot->traffic[KTACH_NET_RX], cells + WIRE_NET_RX_MORE);
	put_more(&slot->traffic[KTACH_NET_TX], cells + WIRE_NET_TX_MORE);
}
