// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "shipper/attach.h"
#include "shipper/links.h"
#include "shipper/net.h"
#include "shipper/rate_table.h"

enum {
	PERIOD_DEFAULT_NS = 1000000000,
};

enum interface_state {
	FREE,
	COUNTED,
	REFUSED, /* can't be counted; tried again when it changes */
};

/* An interface, in the slot of the same number. */
struct interface {
	enum interface_state state;
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	bool listed; /* seen while listing all */
	struct attachment attachment;
};

struct net {
	struct rate_table table;
	struct attacher attacher;
	struct links links;
	bool with_lo;
	bool full; /* said that there are too many interfaces */
	unsigned int busy; /* found counted by another ktach, not yet said */
	const char *busy_name; /* the first of these */
	struct interface interfaces[KTACH_NET_SLOTS];
};

static void explain(int error, const char *what)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		log_warn("network: packets are not counted: no right to %s; "
			 "run as root or with CAP_BPF and CAP_NET_ADMIN",
			 what);
		break;
	case ENOSYS:
		log_warn("network: packets are not counted: cannot %s: this "
			 "kernel has no BPF, Linux 6.1 with CONFIG_BPF_SYSCALL "
			 "is needed",
			 what);
		break;
	case ENOMEM:
		log_warn("network: packets are not counted: no memory to %s",
			 what);
		break;
	default:
		log_warn("network: packets are not counted: cannot %s: %s; "
			 "debug messages tell more",
			 what, strerror(-error));
	}
}

static struct interface *find(struct net *n, uint32_t ifindex)
{
	uint32_t slot;

	for (slot = 0; slot < KTACH_NET_SLOTS; slot++) {
		if (n->interfaces[slot].state != FREE &&
		    n->interfaces[slot].ifindex == ifindex)
			return &n->interfaces[slot];
	}
	return NULL;
}

static struct interface *find_free(struct net *n)
{
	uint32_t slot;

	for (slot = 0; slot < KTACH_NET_SLOTS; slot++) {
		if (n->interfaces[slot].state == FREE &&
		    rate_table_free(&n->table, slot))
			return &n->interfaces[slot];
	}
	return NULL;
}

static uint32_t slot_of(const struct net *n, const struct interface *i)
{
	return i - n->interfaces;
}

/* A slot that was tried in vain must settle first: the next event tries on. */
static int count_on(struct net *n, struct interface *i, uint32_t header)
{
	uint32_t slot = slot_of(n, i);
	int error;

	if (!rate_table_free(&n->table, slot))
		return -EAGAIN;
	error = rate_table_take(&n->table, slot, i->ifindex, header);
	if (error)
		return error;
	error = attach(&n->attacher, &i->attachment, i->ifindex);
	if (error)
		rate_table_give(&n->table, slot, i->ifindex);
	return error;
}

static void complain(struct net *n, const struct interface *i, int error)
{
	switch (-error) {
	case EBUSY:
		if (!n->busy++)
			n->busy_name = i->name;
		break;
	case ENODEV: /* gone meanwhile: the event is on its way */
		break;
	case EEXIST:
		log_warn("network: %s is not counted: its ingress qdisc leaves "
			 "no room for clsact; \"tc qdisc replace dev %s "
			 "clsact\" keeps the room",
			 i->name, i->name);
		break;
	case ENOSPC:
		log_warn("network: %s is not counted: its index %u shares a "
			 "bucket with another interface's",
			 i->name, i->ifindex);
		break;
	default:
		log_warn("network: %s is not counted: cannot attach to it: %s",
			 i->name, strerror(-error));
	}
}

/* One line, however many interfaces. */
static void complain_busy(struct net *n)
{
	if (n->busy == 1)
		log_warn("network: %s is not counted: another ktach counts it "
			 "already",
			 n->busy_name);
	else if (n->busy)
		log_warn("network: %s and %u more interfaces are not counted: "
			 "another ktach counts them already",
			 n->busy_name, n->busy - 1);
	n->busy = 0;
}

static struct interface *add(struct net *n, uint32_t ifindex)
{
	struct interface *i = find_free(n);

	if (i) {
		i->ifindex = ifindex;
		return i;
	}
	if (!n->full)
		log_warn("network: more than %u interfaces: the rest is not "
			 "counted",
			 KTACH_NET_SLOTS);
	n->full = true;
	return NULL;
}

/* New, renamed, changed or listed; only the first failure is worth a word. */
static void on_present(void *context, const struct link *link)
{
	struct net *n = context;
	struct interface *i;
	bool first;
	int error;

	if (link->loopback && !n->with_lo)
		return;
	i = find(n, link->ifindex);
	first = !i;
	if (first)
		i = add(n, link->ifindex);
	if (!i)
		return;
	snprintf(i->name, sizeof(i->name), "%s", link->name);
	i->listed = true;
	if (i->state == COUNTED)
		return;
	error = count_on(n, i, link->header);
	i->state = error ? REFUSED : COUNTED;
	if (error && first)
		complain(n, i, error);
	if (!error)
		log_debug("network: %s (%u) is counted in slot %u", i->name,
			  i->ifindex, slot_of(n, i));
}

static void on_gone(void *context, uint32_t ifindex)
{
	struct net *n = context;
	struct interface *i = find(n, ifindex);

	if (!i)
		return;
	if (i->state == COUNTED) {
		detach_gone(&i->attachment);
		rate_table_give(&n->table, slot_of(n, i), ifindex);
	}
	i->state = FREE;
	log_debug("network: %s (%u) is gone", i->name, ifindex);
}

/* Take in all that is there, and drop what isn't any more. */
static int list_all(struct net *n)
{
	uint32_t slot;
	int error;

	for (slot = 0; slot < KTACH_NET_SLOTS; slot++)
		n->interfaces[slot].listed = false;
	error = links_list(&n->links);
	if (error)
		return error;
	for (slot = 0; slot < KTACH_NET_SLOTS; slot++) {
		struct interface *i = &n->interfaces[slot];

		if (i->state != FREE && !i->listed)
			on_gone(n, i->ifindex);
	}
	complain_busy(n);
	return 0;
}

static int open_attacher(struct net *n, bool clsact_only)
{
	int prog_fd[KTACH_NET_DIRECTIONS];

	rate_table_programs(&n->table, prog_fd);
	return attacher_open(&n->attacher, prog_fd, clsact_only);
}

static int check(const struct net_config *c)
{
	if (!c->period_ns || (c->period_ns >= NET_PERIOD_MIN_NS &&
			      c->period_ns <= NET_PERIOD_MAX_NS))
		return 0;
	return -EINVAL;
}

static void detach_all(struct net *n)
{
	uint32_t slot;

	for (slot = 0; slot < KTACH_NET_SLOTS; slot++) {
		if (n->interfaces[slot].state == COUNTED)
			detach(&n->attacher, &n->interfaces[slot].attachment);
	}
}

/* Events are subscribed to before the interfaces are listed: none is missed. */
int net_open(struct net **out, const struct net_config *c)
{
	const char *what = "use this period";
	struct net *n;
	int error;

	n = calloc(1, sizeof(*n));
	error = n ? check(c) : -ENOMEM;
	if (error)
		goto free;
	n->with_lo = c->with_lo;
	n->links.present = on_present;
	n->links.gone = on_gone;
	n->links.context = n;

	error = rate_table_open(&n->table,
				c->period_ns ? c->period_ns : PERIOD_DEFAULT_NS,
				&what);
	if (error)
		goto free;
	what = "list TC filters";
	error = open_attacher(n, c->clsact_only);
	if (error)
		goto close_table;
	what = "list the interfaces";
	error = links_open(&n->links);
	if (error)
		goto close_attacher;
	error = list_all(n);
	if (error)
		goto detach;
	*out = n;
	return 0;
detach:
	detach_all(n);
	links_close(&n->links);
close_attacher:
	attacher_close(&n->attacher);
close_table:
	rate_table_close(&n->table);
free:
	free(n);
	explain(error, what);
	return error;
}

void net_close(struct net *n)
{
	if (!n)
		return;
	detach_all(n);
	links_close(&n->links);
	attacher_close(&n->attacher);
	rate_table_close(&n->table);
	free(n);
}

int net_fd(const struct net *n)
{
	return links_fd(&n->links);
}

void net_links_changed(struct net *n)
{
	int error = links_drain(&n->links);

	if (error == -ENOBUFS)
		error = list_all(n);
	if (error)
		log_warn("network: cannot list the interfaces: %s; new ones "
			 "may be missing until the next change",
			 strerror(-error));
	complain_busy(n);
}

static bool read_row(struct net *n, uint32_t slot, struct net_row *row)
{
	const struct interface *i = &n->interfaces[slot];
	struct ktach_net_slot copy;

	if (i->state != COUNTED || !rate_table_copy(&n->table, slot, &copy) ||
	    copy.ifindex != i->ifindex)
		return false;
	*row = (struct net_row){
		.ifindex = copy.ifindex,
		.slot = slot,
		.mono_ns = copy.mono_ns,
		.tick_ns = copy.tick_ns,
	};
	memcpy(row->name, i->name, sizeof(row->name));
	memcpy(row->traffic, copy.traffic, sizeof(row->traffic));
	return true;
}

size_t net_read(struct net *n, struct net_row *rows, size_t max)
{
	size_t count = 0;
	uint32_t slot;

	for (slot = 0; slot < KTACH_NET_SLOTS && count < max; slot++) {
		if (read_row(n, slot, &rows[count]))
			count++;
	}
	return count;
}
