/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network side of the shipper: sees to it that the packet counters of bpf/
 * are loaded, pinned, and on every interface of the process's network
 * namespace, and reads the rate table that their timer publishes
 * (include/ktach/net.h).
 *
 * One process looks after the pins. Another one with the same pins reads what
 * they publish, and takes over when the first one ends. When none runs, all
 * that is attached goes on.
 *
 * Not thread-safe: one thread opens, drains, reads and closes.
 */
#ifndef KTACH_SHIPPER_PACKETS_NET_H
#define KTACH_SHIPPER_PACKETS_NET_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/net.h>

#include "shipper/packets/interfaces.h"

struct net;

#define NET_PERIOD_MIN_NS	1000000ULL	/* 1 ms */
#define NET_PERIOD_MAX_NS	1000000000ULL	/* 1 s: the buckets kept */
#define NET_CHECK_NS		10000000000ULL	/* 10 s */

/**
 * struct net_config - how to count
 * @choice: which interfaces
 * @clsact_only: attach the way kernels before 6.6 need, even where tcx is there
 * @period_ns: time between two ticks of the table, NET_PERIOD_MIN_NS to
 *             NET_PERIOD_MAX_NS; 0 for 1 s
 * @slots: interfaces that can be counted at once, to KTACH_NET_SLOTS_MAX; 0 for
 *         KTACH_NET_SLOTS
 * @check_ns: how often to look whether all programs are still on, 0 for
 *            NET_CHECK_NS
 * @record_s: seconds of 1 ms buckets to record, rounded up; 0 for none
 * @pins: folder of the pins, NULL for KTACH_NET_PINS
 * @quiet: don't tell why it can't be had
 */
struct net_config {
	struct interface_choice choice;
	bool clsact_only;
	uint64_t period_ns;
	uint64_t check_ns;
	uint32_t slots;
	uint32_t record_s;
	const char *pins;
	bool quiet;
};

/**
 * struct net_row - an interface, as of the last tick
 * @slot: where it is in the table; another interface may get it later
 * @name: its name now
 * @entry: what the table says of it
 */
struct net_row {
	uint32_t slot;
	char name[IF_NAMESIZE];
	struct ktach_net_slot entry;
};

/**
 * net_open() - load what isn't, attach to what is there, and start counting
 * @n: set on success
 * @c: how; its texts stay the caller's
 *
 * Interfaces that can't be had (another ktach counts them, no slot left) are
 * named in a warning and left out.
 *
 * Return: 0 or -errno; then one warning has told the reason and what to do.
 */
int net_open(struct net **n, const struct net_config *c);

/* Stops looking after it; everything goes on to count. NULL is fine. */
void net_close(struct net *n);

/* Readable when interfaces came, went or changed: call net_links_changed(). */
int net_fd(const struct net *n);

/*
 * Whether there is nothing to read any more, as looking after the counters failed
 * later on; a warning has told why.
 */
bool net_failed(const struct net *n);

/* Takes in what happened to the interfaces. Never waits for events. */
void net_links_changed(struct net *n);

/* Whether there are interfaces that ought to be in the table and are not: another
 * ktach counts them, or there is no place for them.
 */
bool net_lacks(const struct net *n);

/* Interfaces that can be counted at once. */
size_t net_slots(const struct net *n);

/**
 * net_read() - copy the table
 * @n: what net_open() made
 * @rows: set to the rows, in the order of slots, that stay until the next call
 *
 * An interface appears with the first tick after it was attached. Takes no
 * system call, unless another process looks after the pins, or the programs are
 * looked at. If the timer stands still, as somebody removed the pins, all is
 * loaded anew.
 *
 * Return: rows; 0 without memory for all of them.
 */
size_t net_read(struct net *n, const struct net_row **rows);

/**
 * net_detach() - remove every trace: programs, maps, pins, qdiscs made here
 * @pins: folder of the pins, NULL for KTACH_NET_PINS
 *
 * What others put on the interfaces stays.
 *
 * Return: 0 or -errno; then one error has told the reason and what to do.
 */
int net_detach(const char *pins);

#endif /* KTACH_SHIPPER_PACKETS_NET_H */
