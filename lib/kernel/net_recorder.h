/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and steering the recordings of bursts (include/ktach/net.h): for each
 * interface the last seconds of 1 ms buckets. Rights as for lib/kernel/net_table.h.
 */
#ifndef KTACH_LIB_KERNEL_NET_RECORDER_H
#define KTACH_LIB_KERNEL_NET_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/net.h>

#include "lib/kernel/pinned_map.h"

struct net_recorder {
	struct pinned_map recordings;
	struct pinned_map controls;
	uint32_t recorded;	/* buckets, a power of two */
};

/**
 * struct net_recording - a copy of a slot's recording
 * @ifindex: the interface
 * @cause: why it is frozen, or KTACH_NET_NOT_FROZEN
 * @first_ms: number of the first bucket: milliseconds of CLOCK_MONOTONIC
 * @buckets: how many there are
 * @bytes: of each bucket, by enum ktach_net_direction; point into the caller's
 *         memory
 */
struct net_recording {
	uint32_t ifindex;
	enum ktach_net_cause cause;
	uint64_t first_ms;
	uint32_t buckets;
	uint32_t *bytes[KTACH_NET_DIRECTIONS];
};

/**
 * net_recorder_open() - map the recordings
 * @r: filled
 * @dir: the folder of the pins, such as KTACH_NET_PINS
 *
 * Return: 0 or -errno as of net_table_open(); -ENODATA: packets are counted, but
 * nothing is recorded (the shipper's option --record does it).
 */
int net_recorder_open(struct net_recorder *r, const char *dir);
void net_recorder_close(struct net_recorder *r);

/* Entries of @memory that net_recorder_copy() needs. */
size_t net_recorder_room(const struct net_recorder *r);

/**
 * net_recorder_copy() - copy an interface's recording as of one tick
 * @r: the recorder
 * @slot: of the table
 * @memory: room for net_recorder_room() numbers
 * @copy: filled, oldest bucket first
 *
 * Return: 0; -ENOENT if the slot is nobody's; -EAGAIN if the writer was in the
 * way all the time.
 */
int net_recorder_copy(const struct net_recorder *r, uint32_t slot,
		      uint32_t *memory, struct net_recording *copy);

/**
 * net_recorder_freeze() - stop a slot's recording, or let it run again
 * @r: the recorder
 * @slot: of the table
 * @frozen: stop it
 *
 * Taken in by the next tick; a recording that is frozen keeps what it had.
 */
void net_recorder_freeze(struct net_recorder *r, uint32_t slot, bool frozen);

#endif /* KTACH_LIB_KERNEL_NET_RECORDER_H */
