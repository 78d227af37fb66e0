// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/kernel/net_table.h"

enum {
	READ_TRIES = 100, /* of a slot: the writer needs some microseconds */
	READ_WAITS = 100, /* after that: a host may have taken its CPU away */
	READ_WAIT_NS = 100000,
	LATE_NS = 100000000, /* that a tick may be beside its period */
	NETNS_COOKIE = 71, /* SO_NETNS_COOKIE, since Linux 5.14 */
};

uint64_t net_namespace_cookie(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, NETNS_COOKIE, &cookie, &size))
		cookie = 0;
	close(fd);
	return cookie;
}

/* Is this a layout that every later access stays inside of? */
static bool layout_ok(const struct net_table *t)
{
	const struct ktach_net_head *h = t->head.data;

	return t->head.value_size >= sizeof(*h) &&
	       h->magic == KTACH_NET_MAGIC && h->version == KTACH_NET_VERSION &&
	       h->slots == t->slots.entries &&
	       h->slot_size == t->slots.value_size &&
	       h->slot_size >= sizeof(struct ktach_net_slot);
}

int net_table_open(struct net_table *t, const char *dir)
{
	int error;

	*t = (struct net_table){ 0 };
	error = pinned_map_open(&t->head, dir, "head", false);
	if (!error)
		error = pinned_map_open(&t->slots, dir, "table", false);
	if (!error && !layout_ok(t))
		error = -EPROTO;
	if (error)
		net_table_close(t);
	return error;
}

void net_table_close(struct net_table *t)
{
	pinned_map_close(&t->slots);
	pinned_map_close(&t->head);
}

const struct ktach_net_head *net_table_head(const struct net_table *t)
{
	return t->head.data;
}

bool net_head_lives(const struct ktach_net_head *h)
{
	uint64_t last_ns = load_acquire(&h->tick_mono_ns);
	uint64_t callback_ns = load_relaxed(&h->callback_mono_ns);

	/* A tick of many interfaces may take longer than its period. */
	if (last_ns < callback_ns)
		last_ns = callback_ns;
	if (!last_ns)
		last_ns = h->since_ns;
	return clock_mono_ns() <
	       last_ns + 2 * load_relaxed(&h->period_ns) + LATE_NS;
}

bool net_table_lives(const struct net_table *t)
{
	return net_head_lives(net_table_head(t));
}

bool net_table_is_here(const struct net_table *t)
{
	return net_table_head(t)->netns_cookie == net_namespace_cookie();
}

uint32_t net_table_slots(const struct net_table *t)
{
	return t->slots.entries;
}

/* The reader's side of the sequence: include/ktach/net.h. */
static int try_copy(const struct ktach_net_slot *slot,
		    struct ktach_net_slot *copy)
{
	uint64_t begin = load_acquire(&slot->sequence);

	if (begin & 1)
		return -EAGAIN;
	if (!load_relaxed(&slot->ifindex))
		return -ENOENT;
	memcpy(copy, slot, sizeof(*copy));
	load_barrier();
	return load_relaxed(&slot->sequence) == begin ? 0 : -EAGAIN;
}

int net_table_copy(const struct net_table *t, uint32_t number,
		   struct ktach_net_slot *copy)
{
	const struct timespec wait = { .tv_nsec = READ_WAIT_NS };
	const uint8_t *base = t->slots.data;
	const struct ktach_net_slot *slot;
	int error = -EAGAIN, i;

	if (number >= t->slots.entries)
		return -ENOENT;
	slot = (const void *)(base + (size_t)number * t->slots.value_size);
	for (i = 0; error == -EAGAIN && i < READ_TRIES + READ_WAITS; i++) {
		if (i >= READ_TRIES)
			nanosleep(&wait, NULL);
		error = try_copy(slot, copy);
	}
	return error;
}

int net_table_find(const struct net_table *t, uint32_t ifindex,
		   struct ktach_net_slot *copy)
{
	uint32_t slot;
	int error;

	for (slot = 0; slot < t->slots.entries; slot++) {
		error = net_table_copy(t, slot, copy);
		if (error == -EAGAIN)
			return error;
		if (!error && copy->ifindex == ifindex)
			return (int)slot;
	}
	return -ENOENT;
}
