/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring core: the writer's and the reader's side of the protocol in
 * <linux/ktach_ring.h>, on memory that someone else provides. Nothing here
 * waits, so that all of it can run in a hard interrupt.
 */
#ifndef KTACH_AGGREGATOR_RING_H
#define KTACH_AGGREGATOR_RING_H

#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/ktach_ring.h>

/**
 * struct ktach_ring - a ring and its geometry
 * @header: start of the memory that readers map
 * @bytes: length of that memory, whole pages
 * @slots: number of slots, a power of two
 * @records: records a slot
 * @record_size: bytes of a record that have a meaning
 * @record_stride: bytes from a record to the next
 * @slot_stride: bytes from a slot to the next
 * @wait: those who wait for a sample, or for the end
 * @refs: one for the source, one for each open file
 * @rcu: this goes a grace period after the last reference
 */
struct ktach_ring {
	struct ktach_ring_header *header;
	u64 bytes;
	u32 slots;
	u32 records;
	u32 record_size;
	u32 record_stride;
	u32 slot_stride;
	wait_queue_head_t wait;
	struct kref refs;
	struct rcu_head rcu;
};

/* Work out the strides and the length from slots, records and record_size. */
void ktach_ring_shape(struct ktach_ring *ring);

/*
 * The same, and the slots: @slots, or the nearest less that keep within
 * KTACH_RING_BYTES_MAX. 0, or -ERANGE if not even KTACH_SLOTS_MIN do.
 */
int ktach_ring_shape_within(struct ktach_ring *ring, unsigned int slots);

/* Write the header into zeroed memory of ring->bytes. */
void ktach_ring_format(struct ktach_ring *ring, const char *name, u32 kind);

/* The writer: fill the slot that begin returns, then commit it. */
struct ktach_slot *ktach_ring_begin(struct ktach_ring *ring);
void *ktach_ring_records(struct ktach_slot *slot);
void ktach_ring_commit(struct ktach_ring *ring, struct ktach_slot *slot);

/*
 * The same for a sample that is made now: begin stamps it with the time of both
 * clocks, commit publishes what it took to make since then, and returns when that was.
 */
struct ktach_slot *ktach_ring_begin_at(struct ktach_ring *ring, ktime_t now);
ktime_t ktach_ring_commit_since(struct ktach_ring *ring,
				struct ktach_slot *slot, ktime_t begun);

/* Is it within KTACH_SLOTS_MIN and _MAX, and a power of two? */
bool ktach_ring_slots_valid(unsigned int slots);

/* No sample comes any more. Only after the last commit. */
void ktach_ring_end(struct ktach_ring *ring);

/*
 * A reader. False from live means that head is final. A sample copied between
 * holds and still_holds is whole when both are true.
 */
bool ktach_ring_live(const struct ktach_ring *ring);
u64 ktach_ring_head(const struct ktach_ring *ring);
u64 ktach_ring_oldest(const struct ktach_ring *ring);

/*
 * Where to go on after @lapped copies in a row were lapped: at the oldest
 * sample, but then ever nearer to the newest. A reader that is slower than the
 * writer would else be lapped at the oldest for ever.
 */
u64 ktach_ring_resume(const struct ktach_ring *ring, unsigned int lapped);
struct ktach_slot *ktach_ring_slot(const struct ktach_ring *ring, u64 number);
bool ktach_ring_holds(const struct ktach_ring *ring, u64 number);
bool ktach_ring_still_holds(const struct ktach_ring *ring, u64 number);

#endif /* KTACH_AGGREGATOR_RING_H */
