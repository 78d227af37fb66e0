// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as rtnetlink's messages: nothing is read beyond their end, and what
 * is said of interfaces fits its place. A table is kept by them.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "host/link/link_table.h"
#include "lib/wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(const struct link_table *t, const struct link_info *l)
{
	char mac[3 * LINK_MAC_MAX], addresses[WIRE_TEXT_MAX + 1];

	if (strlen(l->name) >= sizeof(l->name) ||
	    (size_t)link_mac_text(l, mac) != strlen(mac) ||
	    link_table_addresses(t, l->ifindex, addresses, sizeof(addresses)) !=
		    strlen(addresses))
		abort();
}

static void take_link(struct link_table *t, const struct nlmsghdr *h,
		      const struct link_info *info)
{
	bool changed;

	if (h->nlmsg_type == RTM_DELLINK) {
		link_table_drop(t, info->ifindex);
		if (link_table_find(t, info->ifindex))
			abort();
	} else if (link_table_put(t, info, &changed)) {
		check_texts(t, info);
	}
}

static void take(struct link_table *t, const struct nlmsghdr *h)
{
	struct link_counters counters;
	struct link_qdisc qdisc;
	struct link_address address;
	struct link_info info;

	if (!link_info_parse(h, &info))
		take_link(t, h, &info);
	if (!link_address_parse(h, &address)) {
		link_table_put_address(t, &address);
		if (link_table_put_address(t, &address))
			abort();
		if (h->nlmsg_type == RTM_DELADDR &&
		    !link_table_drop_address(t, &address))
			abort();
	}
	link_qdisc_parse(h, &qdisc);
	if (!link_counters_parse(h, &counters) &&
	    link_table_find(t, counters.ifindex) &&
	    link_table_find(t, counters.ifindex)->info.ifindex !=
		    counters.ifindex)
		abort();
}

/* Aligned as a buffer that was received into is, and no longer than the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *all = malloc(size), *h = all;
	struct link_table t = { 0 };
	int left = (int)size;

	if (!all)
		return 0;
	memcpy(all, data, size);
	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
		take(&t, h);
	link_table_exit(&t);
	free(all);
	return 0;
}
