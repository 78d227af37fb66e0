// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "lib/base/barrier.h"
#include "lib/kernel/net_recorder.h"
#include "lib/kernel/net_table.h"

enum {
	READ_TRIES = 100, /* of a recording, which takes the longer to copy */
};

static int check(struct net_recorder *r, const char *dir)
{
	struct net_table t;
	int error = net_table_open(&t, dir);

	if (error)
		return error;
	r->recorded = net_table_head(&t)->recorded;
	net_table_close(&t);
	return r->recorded ? 0 : -ENODATA;
}

/* Is this a layout that every later access stays inside of? */
static bool layout_ok(const struct net_recorder *r)
{
	size_t size = sizeof(struct ktach_net_recording) +
		      net_recorder_room(r) * sizeof(uint32_t);

	return !(r->recorded & (r->recorded - 1)) &&
	       r->recorded <= KTACH_NET_RECORDED_MAX &&
	       r->recordings.value_size >= size &&
	       r->controls.value_size == sizeof(struct ktach_net_control) &&
	       r->controls.entries >= r->recordings.entries;
}

int net_recorder_open(struct net_recorder *r, const char *dir)
{
	int error;

	*r = (struct net_recorder){ 0 };
	error = check(r, dir);
	if (!error)
		error = pinned_map_open(&r->recordings, dir, "recordings",
					false);
	if (!error)
		error = pinned_map_open(&r->controls, dir, "controls", true);
	if (!error && !layout_ok(r))
		error = -EPROTO;
	if (error)
		net_recorder_close(r);
	return error;
}

void net_recorder_close(struct net_recorder *r)
{
	pinned_map_close(&r->controls);
	pinned_map_close(&r->recordings);
}

size_t net_recorder_room(const struct net_recorder *r)
{
	return (size_t)r->recorded * KTACH_NET_DIRECTIONS;
}

static const struct ktach_net_recording *
recording_of(const struct net_recorder *r, uint32_t slot)
{
	const uint8_t *base = r->recordings.data;

	return (const void *)(base + (size_t)slot * r->recordings.value_size);
}

/* From the ring, which may wrap, to a line. A torn end is cut to the ring. */
static void copy_buckets(const struct net_recorder *r,
			 const struct ktach_net_recording *from,
			 uint32_t *memory, struct net_recording *copy)
{
	uint64_t buckets = from->end_ms - from->first_ms;
	uint32_t mask = r->recorded - 1, i;
	int d;

	copy->ifindex = from->ifindex;
	copy->cause = from->cause;
	copy->first_ms = from->first_ms;
	copy->buckets = buckets > r->recorded ? r->recorded : (uint32_t)buckets;
	for (d = 0; d < KTACH_NET_DIRECTIONS; d++) {
		const uint32_t *ring = from->bytes + (size_t)d * r->recorded;

		copy->bytes[d] = memory + (size_t)d * r->recorded;
		for (i = 0; i < copy->buckets; i++)
			copy->bytes[d][i] = ring[(copy->first_ms + i) & mask];
	}
}

int net_recorder_copy(const struct net_recorder *r, uint32_t slot,
		      uint32_t *memory, struct net_recording *copy)
{
	const struct ktach_net_recording *from;
	uint64_t begin;
	int i;

	if (slot >= r->recordings.entries)
		return -ENOENT;
	from = recording_of(r, slot);
	for (i = 0; i < READ_TRIES; i++) {
		begin = load_acquire(&from->sequence);
		if (begin & 1)
			continue;
		copy_buckets(r, from, memory, copy);
		load_barrier();
		if (load_relaxed(&from->sequence) == begin)
			return copy->ifindex ? 0 : -ENOENT;
	}
	return -EAGAIN;
}

/* The next number that is odd, or even: a request differs from the last one. */
void net_recorder_freeze(struct net_recorder *r, uint32_t slot, bool frozen)
{
	struct ktach_net_control *control = r->controls.data;
	uint32_t next;

	if (slot >= r->controls.entries)
		return;
	control += slot;
	next = load_relaxed(&control->request) + 1;
	if ((next & 1) != frozen)
		next++;
	store_release(&control->request, next);
}
