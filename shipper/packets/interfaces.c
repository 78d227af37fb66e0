// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/packets/interfaces.h"

enum interface_state {
	FREE,
	ADOPTED, /* counted by the process before; not seen yet */
	WAITING, /* to be counted, in its turn */
	COUNTED,
	TAKEN_OFF, /* counted in this slot, until somebody took the programs off */
	REFUSED, /* can't be counted; tried again when it changes */
};

/* An interface, in the slot of the same number. */
struct interface {
	enum interface_state state;
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	uint32_t header; /* struct link's */
	bool refused; /* before */
	bool listed; /* seen while listing all */
};

enum {
	BYTES_PER_MS_OF_MBIT = 125, /* a megabit a second, in bytes a ms */
};

/* How long interfaces may be taken in at the start, and later in one go. */
#define START_NS UINT64_C(2000000000)
#define TURN_NS UINT64_C(20000000)

static struct interface *find_interface(struct interfaces *s, uint32_t ifindex)
{
	uint32_t slot;

	for (slot = 0; slot < s->count; slot++) {
		if (s->slots[slot].state != FREE &&
		    s->slots[slot].ifindex == ifindex)
			return &s->slots[slot];
	}
	return NULL;
}

static struct interface *find_state(struct interfaces *s,
				    enum interface_state state)
{
	uint32_t slot;

	for (slot = 0; slot < s->count; slot++) {
		if (s->slots[slot].state == state)
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

/* Whether it has taken its slot of the table. */
static bool has_slot(const struct interface *i)
{
	return i->state == ADOPTED || i->state == COUNTED ||
	       i->state == TAKEN_OFF;
}

/* A slot that could not be taken must become free first: the next event tries again.
 */
static int count_on(struct interfaces *s, struct interface *i)
{
	uint32_t slot = slot_of(s, i);
	int error;

	if (attached_other(s->attacher, i->ifindex))
		return -EBUSY;
	if (!rate_table_free(s->table, slot))
		return -EAGAIN;
	error = rate_table_take(s->table, slot, i->ifindex, i->header);
	if (error)
		return error;
	error = attach(s->attacher, i->ifindex);
	if (error)
		rate_table_give(s->table, slot);
	return error;
}

/* A slot whose interface is gone becomes free with the next tick: it is tried again
 * then.
 */
static struct interface *add_interface(struct interfaces *s, uint32_t ifindex)
{
	struct interface *i = find_free(s);

	if (i) {
		i->ifindex = ifindex;
		i->refused = false;
		return i;
	}
	s->again = true;
	if (!find_state(s, FREE))
		complain_full(&s->complaints, s->count);
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
static void drop_interface(struct interfaces *s, struct interface *i)
{
	if (has_slot(i)) {
		detach(s->attacher, i->ifindex);
		rate_table_give(s->table, slot_of(s, i));
	}
	i->state = FREE;
}

/* Its programs are still attached, and its slot goes on: as if this process had
 * attached them.
 */
static bool adopt(struct interfaces *s, struct interface *i)
{
	if (!attached(s->attacher, i->ifindex)) {
		drop_interface(s, i);
		return false;
	}
	i->state = COUNTED;
	return true;
}

/* Only the first failure is worth a word. */
static void count_new(struct interfaces *s, struct interface *i)
{
	int error = count_on(s, i);

	i->state = error ? REFUSED : COUNTED;
	if (error == -EAGAIN)
		s->again = true;
	else if (error && !i->refused)
		complain(&s->complaints, i->name, i->ifindex, error);
	if (!error && !i->refused)
		log_debug("network: %s (%u) is counted in slot %u", i->name,
			  i->ifindex, slot_of(s, i));
	else if (!error)
		log_info("network: %s is counted from now on", i->name);
	if (error != -EAGAIN)
		i->refused = error;
}

/*
 * Somebody deleted the qdisc, or detached a program. The slot goes on; packets that
 * passed meanwhile are missing in it.
 */
static void count_on_again(struct interfaces *s, struct interface *i)
{
	int error;

	detach(s->attacher, i->ifindex);
	error = attach(s->attacher, i->ifindex);
	if (error != -ENODEV) /* else it has just gone with them */
		log_warn("network: somebody took the programs off %s: they are "
			 "put on again; what passed meanwhile is not counted",
			 i->name);
	i->state = error ? REFUSED : COUNTED;
	i->refused = error;
	if (!error)
		return;
	rate_table_give(s->table, slot_of(s, i));
	complain(&s->complaints, i->name, i->ifindex, error);
}

static struct interface *find_waiting(struct interfaces *s)
{
	struct interface *i = find_state(s, WAITING);

	return i ? i : find_state(s, TAKEN_OFF);
}

/*
 * For each program that is attached by tcx the kernel waits for an RCU grace period:
 * 30 ms an interface. So only a few are taken in at once, and samples are not late by
 * it.
 */
static void take_in(struct interfaces *s, uint64_t ns)
{
	const uint64_t end_ns = clock_mono_ns() + ns;
	struct interface *i;

	while ((i = find_waiting(s)) && clock_mono_ns() < end_ns) {
		if (i->state == WAITING)
			count_new(s, i);
		else
			count_on_again(s, i);
	}
	if (i)
		eventfd_write(s->work, 1);
	else
		complain_busy(&s->complaints);
}

/* Twice: a busy kernel may once have been too slow to answer. */
static bool is_taken_off(struct interfaces *s, const struct interface *i)
{
	return !attached(s->attacher, i->ifindex) &&
	       !attached(s->attacher, i->ifindex);
}

/* New, renamed, changed or listed. */
static void on_present(void *context, const struct link *link)
{
	struct interfaces *s = context;
	struct interface *i = find_interface(s, link->ifindex);

	if (!interface_chosen(&s->choice, link->name, link->loopback)) {
		if (i)
			drop_interface(s, i);
		return;
	}
	if (i && i->state == ADOPTED && !adopt(s, i))
		i = NULL;
	if (!i)
		i = add_interface(s, link->ifindex);
	if (!i)
		return;
	snprintf(i->name, sizeof(i->name), "%s", link->name);
	i->header = link->header;
	i->listed = true;
	set_threshold(s, i);
	if (i->state == FREE || i->state == REFUSED)
		i->state = WAITING;
	else if (s->checking && i->state == COUNTED && is_taken_off(s, i))
		i->state = TAKEN_OFF;
}

static void forget_interface(struct interfaces *s, struct interface *i)
{
	if (has_slot(i)) {
		detach_gone(s->attacher, i->ifindex);
		rate_table_give(s->table, slot_of(s, i));
	}
	i->state = FREE;
	log_debug("network: %s (%u) is gone", i->name, i->ifindex);
}

static void on_gone(void *context, uint32_t ifindex)
{
	struct interfaces *s = context;
	struct interface *i = find_interface(s, ifindex);

	if (i)
		forget_interface(s, i);
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
			forget_interface(s, &s->slots[slot]);
	}
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
	s->work = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = s->work < 0 ? -errno : links_open(&s->links);
	if (error)
		goto free;
	adopt_slots(s);
	error = list_all(s);
	if (!error) {
		take_in(s, START_NS);
		return 0;
	}
	links_close(&s->links);
free:
	if (s->work >= 0)
		close(s->work);
	free(s->slots);
	return error;
}

void interfaces_close(struct interfaces *s)
{
	links_close(&s->links);
	close(s->work);
	free(s->slots);
}

int interfaces_fd(const struct interfaces *s)
{
	return links_fd(&s->links);
}

int interfaces_work_fd(const struct interfaces *s)
{
	return s->work;
}

void interfaces_drain(struct interfaces *s)
{
	int error = links_drain(&s->links);
	eventfd_t ignored;

	if (error == -ENOBUFS)
		error = list_all(s);
	if (error)
		log_warn("network: cannot list the interfaces: %s; new ones "
			 "may be missing until the next change",
			 strerror(-error));
	eventfd_read(s->work, &ignored);
	take_in(s, TURN_NS);
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
	if (find_waiting(s))
		eventfd_write(s->work, 1);
}

/* Refused, or about to be tried again after that. */
static bool is_lacking(const struct interface *i)
{
	return i->state == REFUSED || (i->state == WAITING && i->refused);
}

bool interfaces_lack(const struct interfaces *s)
{
	uint32_t slot;

	for (slot = 0; slot < s->count; slot++)
		if (is_lacking(&s->slots[slot]))
			return true;
	return s->complaints.full;
}

bool interfaces_use(const struct interfaces *s, uint32_t slot)
{
	return has_slot(&s->slots[slot]);
}

const char *interfaces_name(const struct interfaces *s, uint32_t slot,
			    uint32_t ifindex)
{
	const struct interface *i = &s->slots[slot];

	if (i->ifindex != ifindex || i->state == ADOPTED || !has_slot(i))
		return NULL;
	return i->name;
}
