// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <unistd.h>

#include "bpf/layout.h"
#include "lib/base/barrier.h"
#include "shipper/packets/rate_table.h"

static const char *const program_names[KTACH_NET_DIRECTIONS] = {
	[KTACH_NET_RX] = "ingress",
	[KTACH_NET_TX] = "egress",
};

static int open_programs(struct rate_table *t, const struct pins *p)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		t->prog_fd[d] = pins_get(p, program_names[d]);
		if (t->prog_fd[d] < 0)
			return t->prog_fd[d];
	}
	return 0;
}

static int open_maps(struct rate_table *t, const struct pins *p)
{
	const struct {
		struct pinned_map *map;
		const char *name;
		bool writable;
	} maps[] = {
		{ &t->head, "head", true },
		{ &t->places, "places", true },
		{ &t->assignments, "assignments", true },
		{ &t->controls, "controls", true },
		{ &t->states, "states", false },
	};
	int error = net_table_open(&t->table, p->dir);
	size_t i;

	for (i = 0; !error && i < sizeof(maps) / sizeof(*maps); i++)
		error = pinned_map_open(maps[i].map, p->dir, maps[i].name,
					maps[i].writable);
	return error;
}

static int check(const struct rate_table *t, const struct rate_settings *s)
{
	const struct ktach_net_head *h = net_table_head(&t->table);

	if (!net_table_is_here(&t->table))
		return -EXDEV;
	if (h->build != rate_build() || h->slots != s->slots ||
	    h->recorded != s->recorded || !net_table_lives(&t->table))
		return -EPROTO;
	return 0;
}

int rate_table_open(struct rate_table *t, const struct pins *p,
		    const struct rate_settings *s)
{
	struct ktach_net_head *head;
	int error;

	*t = (struct rate_table){ .prog_fd = { -1, -1 } };
	error = open_maps(t, p);
	if (!error)
		error = check(t, s);
	if (!error)
		error = open_programs(t, p);
	if (error) {
		rate_table_close(t);
		return error;
	}
	head = t->head.data;
	store_release(&head->period_ns, s->period_ns);
	return 0;
}

void rate_table_close(struct rate_table *t)
{
	int d;

	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		if (t->prog_fd[d] >= 0)
			close(t->prog_fd[d]);
		t->prog_fd[d] = -1;
	}
	pinned_map_close(&t->states);
	pinned_map_close(&t->controls);
	pinned_map_close(&t->assignments);
	pinned_map_close(&t->places);
	pinned_map_close(&t->head);
	net_table_close(&t->table);
}

static uint64_t *assignment_of(const struct rate_table *t, uint32_t slot)
{
	return (uint64_t *)t->assignments.data + slot;
}

uint32_t rate_table_owner(const struct rate_table *t, uint32_t slot)
{
	return net_assignment_ifindex(load_relaxed(assignment_of(t, slot)));
}

bool rate_table_free(const struct rate_table *t, uint32_t slot)
{
	const struct net_state *states = t->states.data;
	uint64_t assignment = load_relaxed(assignment_of(t, slot));

	return !net_assignment_ifindex(assignment) &&
	       load_acquire(&states[slot].seen) == assignment;
}

/* The generation makes two assignments of one interface differ. */
static void assign(struct rate_table *t, uint32_t slot, uint32_t ifindex)
{
	uint64_t *assignment = assignment_of(t, slot);
	uint32_t generation = net_assignment_generation(*assignment);
	struct ktach_net_head *head = t->head.data;

	if (slot >= load_relaxed(&head->slots_used))
		store_release(&head->slots_used, slot + 1);
	store_release(assignment, net_assignment(ifindex, generation + 1));
}

/* The place of an interface; of 0: the first empty one for ifindex. */
static uint64_t *find_place(struct rate_table *t, uint32_t ifindex,
			    uint32_t wanted)
{
	uint64_t *places = t->places.data, *place;
	uint32_t try;

	for (try = 0; try < NET_PLACE_TRIES; try++) {
		place = &places[net_place_index(ifindex, try)];
		if (net_place_ifindex(load_relaxed(place)) == wanted)
			return place;
	}
	return NULL;
}

int rate_table_take(struct rate_table *t, uint32_t slot, uint32_t ifindex,
		    uint32_t link_header)
{
	uint64_t *place = find_place(t, ifindex, 0);

	if (!place)
		return -ENOSPC;
	assign(t, slot, ifindex);
	store_release(place, net_place(ifindex, link_header, slot));
	return 0;
}

void rate_table_give(struct rate_table *t, uint32_t slot)
{
	uint32_t ifindex = rate_table_owner(t, slot);
	uint64_t *place = find_place(t, ifindex, ifindex);

	if (place)
		store_release(place, 0);
	rate_table_threshold(t, slot, 0, false);
	assign(t, slot, 0);
}

void rate_table_threshold(struct rate_table *t, uint32_t slot,
			  uint64_t over_bytes, bool freeze)
{
	struct ktach_net_control *control = t->controls.data;

	control += slot;
	store_release(&control->over_bytes, over_bytes);
	store_release(&control->flags, freeze ? KTACH_NET_FREEZE_OVER : 0);
}
