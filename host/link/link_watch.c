// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/link/link_watch.h"
#include "lib/base/globs.h"

enum {
	GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
};

int link_watch_open(struct link_watch *w, const char *include,
		    const char *exclude)
{
	int err;

	*w = (struct link_watch){
		.include = include,
		.exclude = exclude,
		.stale = true,
	};
	w->control = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (w->control < 0)
		return -errno;
	err = rtnl_open(&w->rtnl, GROUPS);
	if (err)
		close(w->control);
	return err;
}

void link_watch_close(struct link_watch *w)
{
	rtnl_close(&w->rtnl);
	close(w->control);
	link_table_exit(&w->table);
}

static void take_link(struct link_watch *w, const struct link_info *info)
{
	const struct link_entry *old =
		link_table_find(&w->table, info->ifindex);
	bool was_chosen = old && old->chosen, changed;
	struct link_entry *l = link_table_put(&w->table, info, &changed);

	if (!l || !changed)
		return;
	l->chosen = globs_choose(w->include, w->exclude, info->name);
	if (l->chosen)
		ethtool_read(w->control, info->name, &l->hardware);
	if (l->chosen || was_chosen)
		w->news = true;
}

static void drop_link(struct link_watch *w, uint32_t ifindex)
{
	const struct link_entry *l = link_table_find(&w->table, ifindex);

	if (l && l->chosen)
		w->news = true;
	link_table_drop(&w->table, ifindex);
}

static void take_address(struct link_watch *w, const struct link_address *a,
			 bool there)
{
	const struct link_entry *l = link_table_find(&w->table, a->ifindex);
	bool changed = there ? link_table_put_address(&w->table, a) :
			       link_table_drop_address(&w->table, a);

	if (changed && l && l->chosen)
		w->news = true;
}

static void take_counters(struct link_watch *w, const struct link_counters *c)
{
	struct link_entry *l = link_table_find(&w->table, c->ifindex);

	if (!l)
		return;
	memcpy(l->counters, c->value, sizeof(l->counters));
	memcpy(l->more, c->more, sizeof(l->more));
	l->round = w->round;
}

static void take_qdisc(struct link_watch *w, const struct link_qdisc *q)
{
	struct link_entry *l = link_table_find(&w->table, q->ifindex);

	if (!l)
		return;
	memcpy(l->qdisc, q->value, sizeof(l->qdisc));
	l->qdisc_round = w->round;
}

static void take_message(void *arg, const struct nlmsghdr *h)
{
	struct link_watch *w = arg;
	struct link_counters counters;
	struct link_qdisc qdisc;
	struct link_address address;
	struct link_info info;

	switch (h->nlmsg_type) {
	case RTM_NEWSTATS:
		if (!link_counters_parse(h, &counters))
			take_counters(w, &counters);
		break;
	case RTM_NEWQDISC:
		if (!link_qdisc_parse(h, &qdisc))
			take_qdisc(w, &qdisc);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (!link_address_parse(h, &address))
			take_address(w, &address, h->nlmsg_type == RTM_NEWADDR);
		break;
	case RTM_NEWLINK:
		if (!link_info_parse(h, &info))
			take_link(w, &info);
		break;
	case RTM_DELLINK:
		if (!link_info_parse(h, &info))
			drop_link(w, info.ifindex);
		break;
	}
}

/* List everything anew. Events that come meanwhile are taken afterwards. */
static int list(struct link_watch *w)
{
	const struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	const struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	int err;

	link_table_clear(&w->table);
	w->news = true;
	w->stale = true;
	err = rtnl_dump(&w->rtnl, RTM_GETLINK, &links, sizeof(links),
			take_message, w);
	if (err)
		return err;
	err = rtnl_dump(&w->rtnl, RTM_GETADDR, &addresses, sizeof(addresses),
			take_message, w);
	w->stale = err;
	return err;
}

int link_watch_catch_up(struct link_watch *w)
{
	int err = rtnl_drain(&w->rtnl, take_message, w);

	if (err == -ENOBUFS)
		w->stale = true;
	else if (err)
		return err;
	return w->stale ? list(w) : 0;
}

/* The counters of an interrupted dump are good all the same; those of an interface
 * that it lacks are absent.
 */
int link_watch_count(struct link_watch *w)
{
	const struct if_stats_msg all = {
		.family = AF_UNSPEC,
		.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64),
	};
	const struct tcmsg queues = { .tcm_family = AF_UNSPEC };
	int err;

	w->round++;
	err = rtnl_dump(&w->rtnl, RTM_GETSTATS, &all, sizeof(all), take_message,
			w);
	if (err && err != -EAGAIN)
		return err;
	/* A kernel without queueing disciplines has nothing to say. */
	rtnl_dump(&w->rtnl, RTM_GETQDISC, &queues, sizeof(queues), take_message,
		  w);
	return 0;
}
