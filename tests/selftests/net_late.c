// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net_late PINS PERIOD_MS: have the ticks of packet counters come at another period,
 * which no shipper sets: so late that buckets are never judged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/ktach/net.h"
#include "lib/base/barrier.h"
#include "lib/kernel/pinned_map.h"

int main(int argc, char **argv)
{
	struct ktach_net_head *head;
	struct pinned_map map;
	int error;

	if (argc != 3)
		return 2;
	error = pinned_map_open(&map, argv[1], "head", true);
	if (error) {
		fprintf(stderr, "net_late: %s: %s\n", argv[1],
			strerror(-error));
		return 1;
	}
	head = map.data;
	store_release(&head->period_ns, strtoull(argv[2], NULL, 10) * 1000000);
	pinned_map_close(&map);
	return 0;
}
