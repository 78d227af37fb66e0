// SPDX-License-Identifier: GPL-2.0-or-later
/* head PINS: ticks, the last one's cost, the longest callback; in ns. */
#include <stdio.h>

#include "lib/net_table.h"

int main(int argc, char **argv)
{
	const struct ktach_net_head *h;
	struct net_table t;

	if (argc < 2 || net_table_open(&t, argv[1]))
		return 1;
	h = net_table_head(&t);
	printf("%llu %llu %llu\n", (unsigned long long)h->ticks,
	       (unsigned long long)h->tick_cost_ns,
	       (unsigned long long)h->callback_max_ns);
	net_table_close(&t);
	return 0;
}
