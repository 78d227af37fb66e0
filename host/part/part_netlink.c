// SPDX-License-Identifier: GPL-2.0-or-later
/* What netlink tells: neighbours, queueing disciplines, states of TCP; and drivers' counts. */
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/inet_diag.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/link/rtnl.h"
#include "host/part/part.h"
#include "lib/base/resized.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* The buffer is large, and needed for a moment: its pages are given back. */
static struct rtnl *begin_dumps(int protocol)
{
	struct rtnl *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (r == MAP_FAILED)
		return NULL;
	if (!rtnl_open_query(r, protocol))
		return r;
	munmap(r, sizeof(*r));
	return NULL;
}

static void end_dumps(struct rtnl *r)
{
	rtnl_close(r);
	munmap(r, sizeof(*r));
}

static bool label_device(struct part_labels *l, int ifindex)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname((unsigned int)ifindex, name))
		return false;
	part_label(l, "device", name);
	return true;
}

/* --- neighbours ---------------------------------------------------------------------- */

/**
 * struct tally - neighbours of one interface, family and state
 * @count: of them
 */
struct tally {
	int ifindex;
	uint8_t family;
	uint16_t state;
	uint64_t count;
};

struct tallies {
	struct tally *all;
	size_t count;
	size_t room;
	bool failed;
};

static void tally_one(struct tallies *t, const struct ndmsg *n)
{
	struct tally *all;
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->all[i].ifindex == n->ndm_ifindex &&
		    t->all[i].family == n->ndm_family &&
		    t->all[i].state == n->ndm_state)
			break;
	if (i == t->count) {
		all = grown(t->all, t->count, &t->room, sizeof(*t->all));
		if (!all) {
			t->failed = true;
			return;
		}
		t->all = all;
		t->all[t->count++] = (struct tally){ n->ndm_ifindex,
						     n->ndm_family,
						     n->ndm_state, 0 };
	}
	t->all[i].count++;
}

/* What needs no neighbour, or has none yet, is no neighbour: so /proc/net/arp has it. */
static void take_neighbour(void *arg, const struct nlmsghdr *h)
{
	const struct ndmsg *n = NLMSG_DATA(h);

	if (h->nlmsg_type == RTM_NEWNEIGH &&
	    h->nlmsg_len >= NLMSG_LENGTH(sizeof(*n)) &&
	    n->ndm_state & ~NUD_NOARP &&
	    (n->ndm_family == AF_INET || n->ndm_family == AF_INET6))
		tally_one(arg, n);
}

static const char *state_name(uint16_t state)
{
	return state & NUD_PERMANENT  ? "permanent" :
	       state & NUD_REACHABLE  ? "reachable" :
	       state & NUD_STALE      ? "stale" :
	       state & NUD_DELAY      ? "delay" :
	       state & NUD_PROBE      ? "probe" :
	       state & NUD_INCOMPLETE ? "incomplete" :
					"failed";
}

static void put_tallies(struct parts *p, const struct tallies *t)
{
	size_t i, j;

	for (i = 0; i < t->count; i++) {
		struct part_labels l = { .used = 0 }, with;
		uint64_t over4 = 0;
		bool first = true;

		if (!label_device(&l, t->all[i].ifindex))
			continue;
		with = l;
		part_label(&with, "family",
			   t->all[i].family == AF_INET ? "ipv4" : "ipv6");
		part_label(&with, "state", state_name(t->all[i].state));
		part_put(p, "ktach_neighbours", &with, (double)t->all[i].count);
		for (j = 0; j < t->count; j++) {
			if (t->all[j].ifindex != t->all[i].ifindex ||
			    t->all[j].family != AF_INET)
				continue;
			first = first && j >= i;
			over4 += t->all[j].count;
		}
		if (over4 && first)
			part_put(p, "node_arp_entries", &l, (double)over4);
	}
}

void part_neighbour(struct parts *p)
{
	const struct ndmsg request = { .ndm_family = AF_UNSPEC };
	struct rtnl *r = begin_dumps(NETLINK_ROUTE);
	struct tallies t = { 0 };

	if (!r)
		return;
	/* Again from the first one if they changed meanwhile: then it is not known. */
	if (!rtnl_dump_once(r, RTM_GETNEIGH, &request, sizeof(request),
			    take_neighbour, &t) &&
	    !t.failed)
		put_tallies(p, &t);
	free(t.all);
	end_dumps(r);
}

/* --- queueing disciplines ---------------------------------------------------------------- */

/**
 * struct discipline - at the root of an interface
 * @kind: its name
 * @basic: what was sent; NULL: nothing is known
 * @queue: what waits
 */
struct discipline {
	const char *kind;
	const struct gnet_stats_basic *basic;
	const struct gnet_stats_queue *queue;
};

/* The attributes of @size bytes from @at on, by their type, as far as these are below @count. */
static void attributes(const struct rtattr *at, int size,
		       const struct rtattr **list, unsigned int count)
{
	for (; RTA_OK(at, size); at = RTA_NEXT(at, size))
		if ((at->rta_type & NLA_TYPE_MASK) < count)
			list[at->rta_type & NLA_TYPE_MASK] = at;
}

static const void *payload(const struct rtattr *a, size_t size)
{
	return a && RTA_PAYLOAD(a) >= size ? RTA_DATA(a) : NULL;
}

static bool parse_discipline(const struct nlmsghdr *h, struct discipline *d)
{
	const struct tcmsg *t = NLMSG_DATA(h);
	const struct rtattr *all[TCA_MAX + 1] = { NULL },
					   *stats[TCA_STATS_MAX + 1] = { NULL };

	if (h->nlmsg_type != RTM_NEWQDISC ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*t)) ||
	    t->tcm_parent != TC_H_ROOT)
		return false;
	attributes(TCA_RTA(t), (int)TCA_PAYLOAD(h), all, COUNT(all));
	if (!all[TCA_KIND] || !all[TCA_STATS2] || !RTA_PAYLOAD(all[TCA_KIND]))
		return false;
	attributes(RTA_DATA(all[TCA_STATS2]), (int)RTA_PAYLOAD(all[TCA_STATS2]),
		   stats, COUNT(stats));
	d->kind = RTA_DATA(all[TCA_KIND]);
	/* Of 12 bytes, which C rounds up. */
	d->basic = payload(stats[TCA_STATS_BASIC], 12);
	d->queue = payload(stats[TCA_STATS_QUEUE], sizeof(*d->queue));
	return d->basic && d->queue &&
	       memchr(d->kind, '\0', RTA_PAYLOAD(all[TCA_KIND]));
}

static void put_discipline(void *arg, const struct nlmsghdr *h)
{
	const struct tcmsg *t = NLMSG_DATA(h);
	struct part_labels l = { .used = 0 };
	struct parts *p = arg;
	struct discipline d;
	uint64_t bytes;

	if (!parse_discipline(h, &d) || !strcmp(d.kind, "noqueue") ||
	    !label_device(&l, t->tcm_ifindex))
		return;
	part_label(&l, "kind", d.kind);
	memcpy(&bytes, &d.basic->bytes, sizeof(bytes));
	part_count(p, "node_qdisc_bytes_total", &l, bytes);
	part_count(p, "node_qdisc_packets_total", &l, d.basic->packets);
	part_count(p, "node_qdisc_drops_total", &l, d.queue->drops);
	part_count(p, "node_qdisc_requeues_total", &l, d.queue->requeues);
	part_count(p, "node_qdisc_overlimits_total", &l, d.queue->overlimits);
	part_put(p, "node_qdisc_current_queue_length", &l, d.queue->qlen);
	part_put(p, "node_qdisc_backlog", &l, d.queue->backlog);
}

void part_qdisc(struct parts *p)
{
	const struct tcmsg request = { .tcm_family = AF_UNSPEC };
	struct rtnl *r = begin_dumps(NETLINK_ROUTE);

	if (!r)
		return;
	rtnl_dump(r, RTM_GETQDISC, &request, sizeof(request), put_discipline,
		  p);
	end_dumps(r);
}

/* --- TCP --------------------------------------------------------------------------------- */

static const char states[][12] = {
	[TCP_ESTABLISHED] = "established",
	[TCP_SYN_SENT] = "syn_sent",
	[TCP_SYN_RECV] = "syn_recv",
	[TCP_FIN_WAIT1] = "fin_wait1",
	[TCP_FIN_WAIT2] = "fin_wait2",
	[TCP_TIME_WAIT] = "time_wait",
	[TCP_CLOSE] = "close",
	[TCP_CLOSE_WAIT] = "close_wait",
	[TCP_LAST_ACK] = "last_ack",
	[TCP_LISTEN] = "listen",
	[TCP_CLOSING] = "closing",
};

/**
 * struct connections - how many there are
 * @in: each state
 * @received: bytes that nobody took yet
 * @sent: bytes that are not acknowledged
 */
struct connections {
	uint64_t in[COUNT(states)];
	uint64_t received;
	uint64_t sent;
};

/* What waits at one that listens are connections. */
static void take_socket(void *arg, const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = NLMSG_DATA(h);
	struct connections *c = arg;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)) ||
	    m->idiag_state >= COUNT(states))
		return;
	c->in[m->idiag_state]++;
	if (m->idiag_state == TCP_LISTEN)
		return;
	c->received += m->idiag_rqueue;
	c->sent += m->idiag_wqueue;
}

static void put_state(struct parts *p, const char *state, uint64_t count)
{
	struct part_labels l = { .used = 0 };

	part_label(&l, "state", state);
	part_put(p, "node_tcp_connection_states", &l, (double)count);
}

void part_tcp(struct parts *p)
{
	struct rtnl *r = begin_dumps(NETLINK_SOCK_DIAG);
	struct inet_diag_req_v2 request = {
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = UINT32_MAX,
	};
	struct connections c = { 0 };
	bool known = r;
	size_t i;

	for (i = 0; known && i < 2; i++) {
		request.sdiag_family = i ? AF_INET6 : AF_INET;
		known = !rtnl_dump_once(r, SOCK_DIAG_BY_FAMILY, &request,
					sizeof(request), take_socket, &c);
	}
	if (r)
		end_dumps(r);
	if (!known)
		return;
	for (i = 0; i < COUNT(states); i++)
		if (*states[i])
			put_state(p, states[i], c.in[i]);
	put_state(p, "rx_queued_bytes", c.received);
	put_state(p, "tx_queued_bytes", c.sent);
}
