// SPDX-License-Identifier: GPL-2.0-only
#include <linux/align.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <ktach/source.h>

#include "ring.h"

#ifndef CONFIG_64BIT
#error "a ring's sequences are 64 bits wide and must not tear: 64-bit only"
#endif

/*
 * Slots and records begin on a line of 64 bytes whatever the machine's own
 * line is: the layout that user space sees is the same everywhere.
 */
#define RING_ALIGN 64

bool ktach_ring_slots_valid(unsigned int slots)
{
	return is_power_of_2(slots) && slots >= KTACH_SLOTS_MIN &&
	       slots <= KTACH_SLOTS_MAX;
}

void ktach_ring_shape(struct ktach_ring *ring)
{
	ring->record_stride = ALIGN(ring->record_size, RING_ALIGN);
	ring->slot_stride = ALIGN(sizeof(struct ktach_slot) +
					  ring->records * ring->record_stride,
				  RING_ALIGN);
	ring->bytes =
		PAGE_ALIGN(PAGE_SIZE + (u64)ring->slots * ring->slot_stride);
}

int ktach_ring_shape_within(struct ktach_ring *ring, unsigned int slots)
{
	for (; slots >= KTACH_SLOTS_MIN; slots /= 2) {
		ring->slots = slots;
		ktach_ring_shape(ring);
		if (ring->bytes <= KTACH_RING_BYTES_MAX)
			return 0;
	}
	return -ERANGE;
}

void ktach_ring_format(struct ktach_ring *ring, const char *name, u32 kind)
{
	struct ktach_ring_header *header = ring->header;

	header->magic = KTACH_RING_MAGIC;
	header->version = KTACH_RING_VERSION;
	header->header_size = sizeof(*header);
	header->kind = kind;
	header->slots = ring->slots;
	header->records = ring->records;
	header->record_size = ring->record_size;
	header->record_stride = ring->record_stride;
	header->records_offset = sizeof(struct ktach_slot);
	header->slot_stride = ring->slot_stride;
	header->slots_offset = PAGE_SIZE;
	strscpy(header->name, name, sizeof(header->name));
	header->state = KTACH_RING_LIVE;
}

struct ktach_slot *ktach_ring_slot(const struct ktach_ring *ring, u64 number)
{
	u64 index = number & (ring->slots - 1);

	return (void *)ring->header + PAGE_SIZE + index * ring->slot_stride;
}

void *ktach_ring_records(struct ktach_slot *slot)
{
	return slot + 1;
}

/* Only the writer changes head, so it may read it back plainly. */
struct ktach_slot *ktach_ring_begin(struct ktach_ring *ring)
{
	u64 number = ring->header->head + 1;
	struct ktach_slot *slot = ktach_ring_slot(ring, number);

	WRITE_ONCE(slot->sequence, 2 * number - 1);
	/* Nothing new under the old sequence: pairs with a reader's barrier. */
	smp_wmb();
	return slot;
}

void ktach_ring_commit(struct ktach_ring *ring, struct ktach_slot *slot)
{
	u64 number = ring->header->head + 1;

	/* First the sample, then its number: pairs with a reader's acquire. */
	smp_store_release(&slot->sequence, 2 * number);
	/* Who sees the new head finds its sample: pairs the same way. */
	smp_store_release(&ring->header->head, number);
}

struct ktach_slot *ktach_ring_begin_at(struct ktach_ring *ring, ktime_t now)
{
	struct ktach_slot *slot = ktach_ring_begin(ring);

	slot->mono_ns = ktime_to_ns(now);
	slot->real_ns = ktime_to_ns(ktime_mono_to_real(now));
	slot->missed = ring->header->missed;
	return slot;
}

ktime_t ktach_ring_commit_since(struct ktach_ring *ring,
				struct ktach_slot *slot, ktime_t begun)
{
	struct ktach_ring_header *header = ring->header;
	ktime_t ended = ktime_get();
	u64 fill_ns = ktime_to_ns(ktime_sub(ended, begun));

	WRITE_ONCE(header->fill_ns_last, fill_ns);
	if (fill_ns > header->fill_ns_max)
		WRITE_ONCE(header->fill_ns_max, fill_ns);
	ktach_ring_commit(ring, slot);
	return ended;
}

void ktach_ring_end(struct ktach_ring *ring)
{
	/* Who sees the end sees the last head: pairs with ktach_ring_live(). */
	smp_store_release(&ring->header->state, 0);
}

bool ktach_ring_live(const struct ktach_ring *ring)
{
	/* Pairs with ktach_ring_end(). */
	return smp_load_acquire(&ring->header->state) & KTACH_RING_LIVE;
}

u64 ktach_ring_head(const struct ktach_ring *ring)
{
	/* Pairs with ktach_ring_commit(). */
	return smp_load_acquire(&ring->header->head);
}

/* The slot after the newest may be under the pen: it does not count. */
u64 ktach_ring_oldest(const struct ktach_ring *ring)
{
	u64 head = ktach_ring_head(ring);

	return head + 2 > ring->slots ? max(1ULL, head + 2 - ring->slots) : 1;
}

u64 ktach_ring_resume(const struct ktach_ring *ring, unsigned int lapped)
{
	u64 oldest = ktach_ring_oldest(ring);
	u64 head = ktach_ring_head(ring);

	return head - ((head - oldest) >> min(lapped, 63U));
}

bool ktach_ring_holds(const struct ktach_ring *ring, u64 number)
{
	struct ktach_slot *slot = ktach_ring_slot(ring, number);

	/* Pairs with ktach_ring_commit(). */
	return smp_load_acquire(&slot->sequence) == 2 * number;
}

bool ktach_ring_still_holds(const struct ktach_ring *ring, u64 number)
{
	struct ktach_slot *slot = ktach_ring_slot(ring, number);

	/* The copy comes first: pairs with ktach_ring_begin(). */
	smp_rmb();
	return READ_ONCE(slot->sequence) == 2 * number;
}
