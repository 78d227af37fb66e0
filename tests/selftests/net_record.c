// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads and steers a recording of bursts, for net_burst_test.sh:
 *
 *   net_record PINS INTERFACE show|freeze|run
 *
 * show prints "cause CAUSE", "first MS", "buckets COUNT", and for each bucket
 * that isn't empty "bucket MS RX_BYTES TX_BYTES".
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/kernel/net_recorder.h"
#include "lib/kernel/net_table.h"

static void show(const struct net_recording *r)
{
	uint32_t i;

	printf("cause %d\nfirst %llu\nbuckets %u\n", r->cause,
	       (unsigned long long)r->first_ms, r->buckets);
	for (i = 0; i < r->buckets; i++) {
		if (r->bytes[KTACH_NET_RX][i] || r->bytes[KTACH_NET_TX][i])
			printf("bucket %llu %u %u\n",
			       (unsigned long long)(r->first_ms + i),
			       r->bytes[KTACH_NET_RX][i],
			       r->bytes[KTACH_NET_TX][i]);
	}
}

static int find_slot(const char *pins, const char *interface)
{
	struct ktach_net_slot copy;
	struct net_table t;
	int slot = net_table_open(&t, pins);

	if (slot)
		return slot;
	slot = net_table_find(&t, if_nametoindex(interface), &copy);
	net_table_close(&t);
	return slot;
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "net_record: %s: %s\n", what, strerror(-error));
	return 1;
}

int main(int argc, char **argv)
{
	struct net_recording recording;
	struct net_recorder r;
	uint32_t *memory;
	int slot, error;

	if (argc != 4)
		return 2;
	slot = find_slot(argv[1], argv[2]);
	if (slot < 0)
		return fail(argv[2], slot);
	error = net_recorder_open(&r, argv[1]);
	if (error)
		return fail("open", error);
	memory = calloc(net_recorder_room(&r), sizeof(*memory));
	if (strcmp(argv[3], "show"))
		net_recorder_freeze(&r, slot, !strcmp(argv[3], "freeze"));
	error = net_recorder_copy(&r, slot, memory, &recording);
	if (error)
		return fail("copy", error);
	if (!strcmp(argv[3], "show"))
		show(&recording);
	net_recorder_close(&r);
	free(memory);
	return 0;
}
