// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists what is attached at the TC hooks of an interface, in the order that it
 * runs in, for the tests: old tools don't know tcx.
 *
 *   net_hooks INTERFACE
 *
 * A line for each: "tcx|clsact ingress|egress PROGRAM-ID NAME".
 */
#include <net/if.h>
#include <netlink/socket.h>
#include <stdio.h>

#include "lib/netlink/route_socket.h"
#include "lib/kernel/tc.h"

static const char *const hooks[] = { "ingress", "egress" };

static void print_program(const char *way, int direction, uint32_t id)
{
	char name[TC_KIND_LEN] = "-";

	if (id)
		tc_program_name(id, name);
	printf("%s %s %u %s\n", way, hooks[direction], id, name);
}

static void print_hook(struct nl_sock *s, uint32_t ifindex, int direction)
{
	struct tc_filter filters[TC_FILTERS_MAX];
	uint32_t ids[TC_FILTERS_MAX];
	size_t filter_count, j;
	int count, i;

	count = tcx_programs(ifindex, direction, ids);
	for (i = 0; i < count; i++)
		print_program("tcx", direction, ids[i]);
	filter_count = tc_filters(s, ifindex, direction, filters);
	for (j = 0; j < filter_count; j++)
		print_program("clsact", direction, filters[j].prog_id);
}

int main(int argc, char **argv)
{
	uint32_t ifindex = argc == 2 ? if_nametoindex(argv[1]) : 0;
	struct nl_sock *s = route_socket();
	int d;

	if (!ifindex || !s) {
		fprintf(stderr, "usage: net_hooks INTERFACE\n");
		return 2;
	}
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++)
		print_hook(s, ifindex, d);
	nl_socket_free(s);
	return 0;
}
