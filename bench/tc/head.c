// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * head PINS: ticks, the last one's cost, the longest callback; in ns; and how many
 * interfaces have had a tick.
 */
#include <stdio.h>

#include "lib/kernel/net_table.h"

static unsigned int count_interfaces(const struct net_table *t)
{
	static struct ktach_net_slot copy;
	unsigned int i, count = 0;

	for (i = 0; i < net_table_slots(t); i++)
		count += net_table_copy(t, i, &copy) == 0;
	return count;
}

int main(int argc, char **argv)
{
	const struct ktach_net_head *h;
	struct net_table t;

	if (argc < 2 || net_table_open(&t, argv[1]))
		return 1;
	h = net_table_head(&t);
	printf("%llu %llu %llu %u\n", (unsigned long long)h->ticks,
	       (unsigned long long)h->tick_cost_ns,
	       (unsigned long long)h->callback_max_ns, count_interfaces(&t));
	net_table_close(&t);
	return 0;
}
