// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "shipper/interfaces.h"

enum interface_state {
	FREE,
	ADOPTED, /* counted by the process before; not seen yet */
	COUNTED,
	REFUSED, /* can't be counted; tried again when it changes */
};

/* An interface, in the slot of the same number. */
struct interface {
	enum interface_state state;
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	bool listed; /* seen while listing all */
};

enum {
	BYTES_PER_MS_OF_MBIT = 125, /* a megabit a second, in bytes a ms */
};

static struct interface *find(struct interfaces *s, uint32_t ifindex)
{
	uint32_t slot;

	for (slot = 0; slot < s->count; slot++) {
		if (s->slots[slot].state != FREE &&
		    s->slots[slot].ifindex == ifindex)
			return &s->slots[slot];
	}
	return NULL;
}

static struct interface *find_free(struct interfaces *s)
{
	uint32_t slot;

	for (slot = 0; slot < s->count; slot++) {
		if (s->slots[slot].state == FREE &&
		    rate_table_free(s->table, slot))
			return &s->slots[slot];
	}
	return NULL;
}

static uint32_t slot_of(const struct interfaces *s, const struct interface *i)
{
	return (uint32_t)(i - s->slots);
}

/* A slot that was tried in vain must settle first: the next event tries on. */
static int count_on(struct interfaces *s, struct interface *i, uint32_t header)
{
	uint32_t slot = slot_of(s, i);
	int error;

	if (!rate_table_free(s->table, slot))
		return -EAGAIN;
	error = rate_table_take(s->table, slot, i->ifindex, header);
	if (error)
		return error;
	error = attach(s->attacher, i->ifindex);
	if (error)
		rate_table_give(s->table, slot);
	return error;
}

static void complain(struct interfaces *s, const struct interface *i, int error)
{
	switch (-error) {
	case EBUSY:
		if (!s->busy++)
			s->busy_name = i->name;
		break;
	case ENODEV: /* gone meanwhile: the event is on its way */
		break;
	case EAGAIN: /* its slot isn't free yet */
		s->again = true;
		break;
	case EEXIST:
		log_warn("network: %s is not counted: its ingress qdisc leaves "
			 "no room for clsact; \"tc qdisc replace dev %s "
			 "clsact\" keeps the room",
			 i->name, i->name);
		break;
	case ENOSPC:
		log_warn("network: %s is not counted: all places for its "
			 "number %u are others'",
			 i->name, i->ifindex);
		break;
	default:
		log_warn("network: %s is not counted: cannot attach to it: %s",
			 i->name, strerror(-error));
	}
}

/* One line, however many interfaces. */
static void complain_busy(struct interfaces *s)
{
	if (s->busy == 1)
		log_warn("network: %s is not counted: another ktach counts it "
			 "already",
			 s->busy_name);
	else if (s->busy)
		log_warn("network: %s and %u more interfaces are not counted: "
			 "another ktach counts them already",
			 s->busy_name, s->busy - 1);
	s->busy = 0;
}

static bool all_taken(const struct interfaces *s)
{
	uint32_t slot;

	for (slot = 0; slot < s->count; slot++) {
		if (s->slots[slot].state == FREE)
			return false;
	}
	return true;
}

/* A slot whose interface went is free with the next tick: tried again then. */
static struct interface *add(struct interfaces *s, uint32_t ifindex)
{
	struct interface *i = find_free(s);

	if (i) {
		i->ifindex = ifindex;
		return i;
	}
	s->again = true;
	if (!s->full && all_taken(s)) {
		log_warn("network: more than %u interfaces: the rest is not "
			 "counted; --interfaces makes room",
			 s->count);
		s->full = true;
	}
	return NULL;
}

static void set_threshold(struct interfaces *s, const struct interface *i)
{
	uint64_t mbit = 0;

	if (s->choice.over_percent)
		mbit = links_speed_mbit(&s->links, i->name);
	rate_table_threshold(s->table, slot_of(s, i),
			     mbit * BYTES_PER_MS_OF_MBIT *
				     s->choice.over_percent / 100,
			     s->choice.freeze_over);
}

/* No longer wanted, or not the interface that the process before counted. */
static void drop(struct interfaces *s, struct interface *i)
{
	if (i->state == COUNTED || i->state == ADOPTED) {
		detach(s->attacher, i->ifindex);
		rate_table_give(s->table, slot_of(s, i));
	}
	i->state = FREE;
}

/* Its programs are on it, and its slot goes on: all is as if it had stayed. */
static bool adopt(struct interfaces *s, struct interface *i)
{
	if (!attached(s->attacher, i->ifindex)) {
		drop(s, i);
		return false;
	}
	i->state = COUNTED;
	return true;
}

static void count_new(struct interfaces *s, struct interface *i,
		      const struct link *link)
{
	bool first = i->state == FREE;
	int error;

	if (!first && attached_other(s->attacher, i->ifindex))
		return;
	error = count_on(s, i, link->header);

	i->state = error ? REFUSED : COUNTED;
	if (error && (first || error == -EAGAIN))
		complain(s, i, error);
	if (!error && first)
		log_debug("network: %s (%u) is counted in slot %u", i->name,
			  i->ifindex, slot_of(s, i));
	else if (!error)
		log_info("network: %s is counted from now on", i->name);
}

/*
 * Somebody deleted the qdisc, or detached a program. The slot goes on: what
 * passed meanwhile is missing in it.
 */
static void count_on_again(struct interfaces *s, struct interface *i)
{
	int error;

	/* Twice: a busy kernel may once have been too slow to answer. */
	if (attached(s->attacher, i->ifindex) ||
	    attached(s->attacher, i->ifindex))
		return;
	detach(s->attacher, i->ifindex);
	error = attach(s->attacher, i->ifindex);
	if (error != -ENODEV) /* else it has just gone with them */
		log_warn("network: somebody took the programs off %s: they are "
			 "put on again; what passed meanwhile is not counted",
			 i->name);
	if (!error)
		return;
	rate_table_give(s->table, slot_of(s, i));
	i->state = REFUSED;
	complain(s, i, error);
}

/* New, renamed, changed or listed; only the first failure is worth a word. */
static void on_present(void *context, const struct link *link)
{
	struct interfaces *s = context;
	struct interface *i = find(s, link->ifindex);

	if (!interface_chosen(&s->choice, link->name, link->loopback)) {
		if (i)
			drop(s, i);
		return;
	}
	if (i && i->state == ADOPTED && !adopt(s, i))
		i = NULL;
	if (!i)
		i = add(s, link->ifindex);
	if (!i)
		return;
	snprintf(i->name, sizeof(i->name), "%s", link->name);
	i->listed = true;
	set_threshold(s, i);
	if (i->state != COUNTED)
		count_new(s, i, link);
	else if (s->checking)
		count_on_again(s, i);
}

static void forget(struct interfaces *s, struct interface *i)
{
	if (i->state == COUNTED || i->state == ADOPTED) {
		detach_gone(s->attacher, i->ifindex);
		rate_table_give(s->table, slot_of(s, i));
	}
	i->state = FREE;
	log_debug("network: %s (%u) is gone", i->name, i->ifindex);
}

static void on_gone(void *context, uint32_t ifindex)
{
	struct interfaces *s = context;
	struct interface *i = find(s, ifindex);

	if (i)
		forget(s, i);
}

/* Take in all that is there, and drop what isn't any more. */
static int list_all(struct interfaces *s)
{
	uint32_t slot;
	int error;

	for (slot = 0; slot < s->count; slot++)
		s->slots[slot].listed = false;
	error = links_list(&s->links);
	if (error)
		return error;
	for (slot = 0; slot < s->count; slot++) {
		if (s->slots[slot].state != FREE && !s->slots[slot].listed)
			forget(s, &s->slots[slot]);
	}
	complain_busy(s);
	return 0;
}

static void adopt_slots(struct interfaces *s)
{
	uint32_t slot, ifindex;

	for (slot = 0; slot < s->count; slot++) {
		ifindex = rate_table_owner(s->table, slot);
		if (!ifindex)
			continue;
		s->slots[slot].state = ADOPTED;
		s->slots[slot].ifindex = ifindex;
	}
}

/* Events are subscribed to before the interfaces are listed: none is missed. */
int interfaces_open(struct interfaces *s, const struct interface_choice *c,
		    struct rate_table *t, struct attacher *a)
{
	int error;

	*s = (struct interfaces){
		.choice = *c,
		.table = t,
		.attacher = a,
		.links = { .present = on_present, .gone = on_gone },
		.count = net_table_slots(&t->table),
	};
	s->links.context = s;
	s->slots = calloc(s->count, sizeof(*s->slots));
	if (!s->slots)
		return -ENOMEM;
	error = links_open(&s->links);
	if (error)
		goto free;
	adopt_slots(s);
	error = list_all(s);
	if (!error)
		return 0;
	links_close(&s->links);
free:
	free(s->slots);
	return error;
}

void interfaces_close(struct interfaces *s)
{
	links_close(&s->links);
	free(s->slots);
}

int interfaces_fd(const struct interfaces *s)
{
	return links_fd(&s->links);
}

void interfaces_drain(struct interfaces *s)
{
	int error = links_drain(&s->links);

	if (error == -ENOBUFS)
		error = list_all(s);
	if (error)
		log_warn("network: cannot list the interfaces: %s; new ones "
			 "may be missing until the next change",
			 strerror(-error));
	complain_busy(s);
}

void interfaces_check(struct interfaces *s, uint64_t interval_ns)
{
	uint64_t now_ns = clock_mono_ns();

	s->checking = now_ns >= s->check_ns;
	if (s->checking)
		s->check_ns = now_ns + interval_ns;
	if (!s->again && !s->checking)
		return;
	s->again = false;
	list_all(s);
	s->checking = false;
}

const char *interfaces_name(const struct interfaces *s, uint32_t slot,
			    uint32_t ifindex)
{
	const struct interface *i = &s->slots[slot];

	return i->state == COUNTED && i->ifindex == ifindex ? i->name : NULL;
}
