/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which server of a cluster has a key: the CRC16 of what is between braces in it, modulo
 * 16384, is its slot.
 *
 * Nodes are spread over buckets by their partition (collector/history/groups.h), and all
 * keys of a bucket are in one slot, so that one script can change them. How many buckets
 * a history has never changes, as keys lie by them. A script costs more than what it does for
 * a frame, so that they are far fewer than partitions: BUCKETS_ALONE where one collector
 * writes, BUCKETS where several do, each those that it owns.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_SLOT_H
#define KTACH_COLLECTOR_HISTORY_REDIS_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "collector/history/groups.h"

enum slot_numbers {
	SLOTS = 16384,
	BUCKETS_ALONE = 16,
	BUCKETS = GROUPS_SLICES,
	BUCKET_CONTROL = BUCKETS, /* what is of no node */
	BUCKETS_ALL,
	SLOT_TAG_SIZE = 16,
};

/* CRC16 of the tag, as Redis's manual has it (XMODEM), modulo SLOTS. */
uint16_t slot_of(const char *tag);

/* The tag of one of so many buckets: its slot is in the bucket's share of all slots, so that
 * servers with as many slots each have as many buckets each.
 */
void slot_tag(unsigned int bucket, unsigned int buckets,
	      char tag[SLOT_TAG_SIZE]);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_SLOT_H */
