/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network side of the shipper: loads the packet counters of bpf/, keeps
 * them on every interface of the process's network namespace, and reads the
 * rate table that their timer publishes (include/ktach/net.h).
 *
 * Not thread-safe: one thread opens, drains, reads and closes.
 */
#ifndef KTACH_SHIPPER_NET_H
#define KTACH_SHIPPER_NET_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/net.h>

struct net;

#define NET_PERIOD_MIN_NS	1000000ULL	/* 1 ms */
#define NET_PERIOD_MAX_NS	3600000000000ULL /* 1 h */

/**
 * struct net_config - how to count
 * @with_lo: the loopback interface too
 * @clsact_only: attach the way kernels before 6.6 need, even where tcx is there
 * @period_ns: time between two ticks of the table, NET_PERIOD_MIN_NS to
 *             NET_PERIOD_MAX_NS; 0 for 1 s
 */
struct net_config {
	bool with_lo;
	bool clsact_only;
	uint64_t period_ns;
};

/**
 * struct net_row - an interface, as of the last tick
 * @ifindex: its number
 * @slot: where it is in the table; another interface may get it later
 * @name: its name now
 * @mono_ns: CLOCK_MONOTONIC of the tick
 * @tick_ns: what the tick lasted; 0 for the first one, which has no rates
 * @traffic: by enum ktach_net_direction, since it was first seen
 */
struct net_row {
	uint32_t ifindex;
	uint32_t slot;
	char name[IF_NAMESIZE];
	uint64_t mono_ns;
	uint64_t tick_ns;
	struct ktach_net_traffic traffic[KTACH_NET_DIRECTIONS];
};

/**
 * net_open() - load, attach to what is there, and start counting
 * @n: set on success
 * @c: how
 *
 * Interfaces that can't be had (another ktach counts them, no slot left) are
 * named in a warning and left out.
 *
 * Return: 0 or -errno; then one warning has told the reason and what to do.
 */
int net_open(struct net **n, const struct net_config *c);

/* Detaches everything; what others put on the interfaces stays. NULL is fine. */
void net_close(struct net *n);

/* Readable when interfaces came, went or changed: call net_links_changed(). */
int net_fd(const struct net *n);

/* Takes in what happened to the interfaces. Never waits for events. */
void net_links_changed(struct net *n);

/**
 * net_read() - copy the table, without a system call
 * @n: what net_open() made
 * @rows: filled, in the order of slots
 * @max: room there; KTACH_NET_SLOTS is always enough
 *
 * An interface appears with the first tick after it was attached.
 *
 * Return: rows filled.
 */
size_t net_read(struct net *n, struct net_row *rows, size_t max);

#endif /* KTACH_SHIPPER_NET_H */
