/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the rate table that bpf/ publishes (include/ktach/net.h) through its
 * mapping. Needs the rights to open a pinned BPF map: root, or CAP_BPF and
 * access to the folder. The table may be of interfaces in another network
 * namespace than the caller's: see net_table_is_here().
 */
#ifndef KTACH_LIB_KERNEL_NET_TABLE_H
#define KTACH_LIB_KERNEL_NET_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/net.h>

#include "lib/kernel/pinned_map.h"

struct net_table {
	struct pinned_map head;
	struct pinned_map slots;
};

/**
 * net_table_open() - map a table
 * @t: filled
 * @dir: the folder of the pins, such as KTACH_NET_PINS
 *
 * Return: 0 or -errno as of pinned_map_open(): -ENOENT nobody counts packets;
 * -EPROTO: it is there, but its layout is another version's.
 */
int net_table_open(struct net_table *t, const char *dir);
void net_table_close(struct net_table *t);

/* What the programs say of themselves. Live: ticks move. */
const struct ktach_net_head *net_table_head(const struct net_table *t);

/**
 * net_table_lives() - whether the timer ticks
 *
 * False, if the last tick is more than two periods (and 100 ms) ago: what the
 * table says is then old.
 */
bool net_table_lives(const struct net_table *t);

/* The same, of a head that is live or a fresh copy. */
bool net_head_lives(const struct ktach_net_head *h);

/* Whether the interfaces are of the caller's network namespace. */
bool net_table_is_here(const struct net_table *t);

/* Slots of the table: the numbers that net_table_copy() takes. */
uint32_t net_table_slots(const struct net_table *t);

/**
 * net_table_copy() - copy an interface as of one tick
 * @t: the table
 * @slot: from 0 to net_table_slots() - 1
 * @copy: filled
 *
 * Return: 0; -ENOENT if the slot is nobody's; -EAGAIN if the writer was in the
 * way all the time, which is no error.
 */
int net_table_copy(const struct net_table *t, uint32_t slot,
		   struct ktach_net_slot *copy);

/**
 * net_table_find() - copy the interface of a number
 * @t: the table
 * @ifindex: the interface
 * @copy: filled
 *
 * Return: its slot, or -errno as of net_table_copy().
 */
int net_table_find(const struct net_table *t, uint32_t ifindex,
		   struct ktach_net_slot *copy);

/* The calling process's network namespace; 0 if the kernel does not tell. */
uint64_t net_namespace_cookie(void);

#endif /* KTACH_LIB_KERNEL_NET_TABLE_H */
