// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "host/link/link_message.h"
#include "lib/wire/wire.h"

/**
 * struct attributes - those of a message, not yet looked at
 * @at: the next one
 * @left: bytes from it on; less than 0 if the last one's padding is missing
 */
struct attributes {
	const struct rtattr *at;
	int left;
};

static const struct rtattr *next(struct attributes *a)
{
	const struct rtattr *this = a->at;

	if (!RTA_OK(this, a->left))
		return NULL;
	a->at = RTA_NEXT(this, a->left);
	return this;
}

/* The body of a message if it is long enough, and what follows it. */
static const void *body(const struct nlmsghdr *h, size_t size,
			struct attributes *a)
{
	const char *data = NLMSG_DATA(h);

	if (h->nlmsg_len < NLMSG_LENGTH(size))
		return NULL;
	a->at = (const void *)(data + NLMSG_ALIGN(size));
	a->left = h->nlmsg_len < NLMSG_SPACE(size) ?
			  0 :
			  (int)(h->nlmsg_len - NLMSG_SPACE(size));
	return data;
}

static uint64_t u32_of(const struct rtattr *a)
{
	uint32_t v;

	if (RTA_PAYLOAD(a) < sizeof(v))
		return WIRE_ABSENT;
	memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static void take_name(const struct rtattr *a, char *name)
{
	size_t size = strnlen(RTA_DATA(a), RTA_PAYLOAD(a));

	if (size < IFNAMSIZ)
		memcpy(name, RTA_DATA(a), size);
}

static void take_mac(const struct rtattr *a, struct link_info *info)
{
	if (RTA_PAYLOAD(a) > LINK_MAC_MAX)
		return;
	info->mac_size = RTA_PAYLOAD(a);
	memcpy(info->mac, RTA_DATA(a), info->mac_size);
}

static void take_link_attribute(const struct rtattr *a, struct link_info *info)
{
	switch (a->rta_type) {
	case IFLA_IFNAME:
		take_name(a, info->name);
		break;
	case IFLA_ADDRESS:
		take_mac(a, info);
		break;
	case IFLA_MTU:
		info->mtu_bytes = u32_of(a);
		break;
	case IFLA_CARRIER_CHANGES:
		info->carrier_changes = u32_of(a);
		break;
	}
}

/* Bridges speak of their ports in the same messages under their own family. */
int link_info_parse(const struct nlmsghdr *h, struct link_info *info)
{
	const struct ifinfomsg *m;
	const struct rtattr *a;
	struct attributes all;

	memset(info, 0, sizeof(*info));
	m = body(h, sizeof(*m), &all);
	if (!m || m->ifi_family != AF_UNSPEC ||
	    (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK))
		return -EINVAL;
	info->ifindex = (uint32_t)m->ifi_index;
	info->up = m->ifi_flags & IFF_UP;
	info->carrier = m->ifi_flags & IFF_LOWER_UP;
	info->mtu_bytes = WIRE_ABSENT;
	info->carrier_changes = WIRE_ABSENT;
	while ((a = next(&all)))
		take_link_attribute(a, info);
	return info->name[0] ? 0 : -EINVAL;
}

/* IFA_LOCAL is our own where IFA_ADDRESS is the peer's. */
int link_address_parse(const struct nlmsghdr *h, struct link_address *address)
{
	const struct rtattr *a, *address_of = NULL;
	const struct ifaddrmsg *m;
	struct attributes all;
	size_t size;

	memset(address, 0, sizeof(*address));
	m = body(h, sizeof(*m), &all);
	if (!m || (m->ifa_family != AF_INET && m->ifa_family != AF_INET6) ||
	    (h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR))
		return -EINVAL;
	while ((a = next(&all)))
		if (a->rta_type == IFA_LOCAL ||
		    (a->rta_type == IFA_ADDRESS && !address_of))
			address_of = a;
	size = m->ifa_family == AF_INET ? 4 : 16;
	if (!address_of || RTA_PAYLOAD(address_of) != size)
		return -EINVAL;
	address->ifindex = m->ifa_index;
	address->family = m->ifa_family;
	address->scope = m->ifa_scope;
	address->prefix = m->ifa_prefixlen;
	memcpy(address->bytes, RTA_DATA(address_of), size);
	return 0;
}

static void set_counters(uint64_t *value, const struct rtnl_link_stats64 *s)
{
	const uint64_t all[] = {
		s->rx_bytes,   s->rx_packets, s->rx_errors,
		s->rx_dropped, s->tx_bytes,   s->tx_packets,
		s->tx_errors,  s->tx_dropped, s->collisions,
	};

	_Static_assert(sizeof(all) == LINK_COUNTERS * sizeof(*value) &&
			       WIRE_LINK_COLLISIONS - WIRE_LINK_RX_BYTES + 1 ==
				       LINK_COUNTERS,
		       "as on the wire");
	memcpy(value, all, sizeof(all));
}

/* Wrong in one way or another, as /proc/net/dev adds them up. @size: what the kernel
 * gave of @s: an old one has no packets that nobody was there for.
 */
static void set_more(uint64_t *value, const struct rtnl_link_stats64 *s,
		     size_t size)
{
	const uint64_t all[] = {
		s->rx_fifo_errors,
		s->rx_length_errors + s->rx_over_errors + s->rx_crc_errors +
			s->rx_frame_errors,
		s->multicast,
		s->rx_compressed,
		size < offsetof(struct rtnl_link_stats64, rx_nohandler) + 8 ?
			WIRE_ABSENT :
			s->rx_nohandler,
		s->tx_fifo_errors,
		s->tx_carrier_errors + s->tx_aborted_errors +
			s->tx_window_errors + s->tx_heartbeat_errors,
		s->tx_compressed,
	};

	_Static_assert(sizeof(all) == LINK_MORE * sizeof(*value) &&
			       WIRE_LINK_TX_COMPRESSED - WIRE_LINK_RX_FIFO +
					       1 ==
				       LINK_MORE,
		       "as on the wire");
	memcpy(value, all, sizeof(all));
}

int link_counters_parse(const struct nlmsghdr *h, struct link_counters *c)
{
	const size_t needed =
		offsetof(struct rtnl_link_stats64, tx_compressed) +
		sizeof(uint64_t);
	struct rtnl_link_stats64 s = { 0 };
	const struct if_stats_msg *m;
	const struct rtattr *a;
	struct attributes all;

	m = body(h, sizeof(*m), &all);
	if (!m || h->nlmsg_type != RTM_NEWSTATS)
		return -EINVAL;
	do
		a = next(&all);
	while (a && a->rta_type != IFLA_STATS_LINK_64);
	if (!a || RTA_PAYLOAD(a) < needed)
		return -EINVAL;
	memcpy(&s, RTA_DATA(a),
	       RTA_PAYLOAD(a) < sizeof(s) ? RTA_PAYLOAD(a) : sizeof(s));
	c->ifindex = m->ifindex;
	set_counters(c->value, &s);
	set_more(c->more, &s, RTA_PAYLOAD(a));
	return 0;
}

/* The attribute of that type among those of @of; NULL without. */
static const struct rtattr *inside(const struct rtattr *of, unsigned short type)
{
	struct attributes all = { RTA_DATA(of), (int)RTA_PAYLOAD(of) };
	const struct rtattr *a;

	do
		a = next(&all);
	while (a && a->rta_type != type);
	return a;
}

/* A root has the figures of all queues below it; what is for ingress is none. */
int link_qdisc_parse(const struct nlmsghdr *h, struct link_qdisc *q)
{
	const struct rtattr *a, *queue = NULL;
	struct gnet_stats_queue s;
	struct attributes all;
	const struct tcmsg *m;

	m = body(h, sizeof(*m), &all);
	if (!m || h->nlmsg_type != RTM_NEWQDISC || m->tcm_parent != TC_H_ROOT)
		return -EINVAL;
	while ((a = next(&all)))
		if ((a->rta_type & NLA_TYPE_MASK) == TCA_STATS2)
			queue = inside(a, TCA_STATS_QUEUE);
	if (!queue || RTA_PAYLOAD(queue) < sizeof(s))
		return -EINVAL;
	memcpy(&s, RTA_DATA(queue), sizeof(s));
	q->ifindex = (uint32_t)m->tcm_ifindex;
	q->value[0] = s.drops;
	q->value[1] = s.overlimits;
	q->value[2] = s.backlog;
	q->value[3] = s.qlen;
	return 0;
}

int link_address_text(const struct link_address *address, char *text)
{
	char bare[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->family, address->bytes, bare, sizeof(bare));
	return snprintf(text, LINK_ADDRESS_TEXT, "%s/%u", bare,
			address->prefix);
}

/* Tunnels have an IP address of 4 or 16 bytes here, which is no MAC. */
int link_mac_text(const struct link_info *info, char *text)
{
	uint32_t i;
	int n = 0;

	text[0] = '\0';
	if (info->mac_size < ETH_ALEN || info->mac_size == 16)
		return 0;
	for (i = 0; i < info->mac_size; i++)
		n += snprintf(text + n, 4, "%s%02x", i ? ":" : "",
			      info->mac[i]);
	return n;
}
