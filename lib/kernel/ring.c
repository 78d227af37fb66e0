// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/barrier.h"
#include "lib/kernel/ring.h"

/* Without a sample for so long nobody fills the ring any more. */
#define LATE_NS UINT64_C(1000000000)
#define LATE_PERIODS 3

static const struct ktach_ring_header *header(const struct ring *r)
{
	return (const struct ktach_ring_header *)r->base;
}

/* Is this a layout that every later access stays inside of? */
static bool layout_ok(const struct ktach_ring_header *h,
		      enum ktach_ring_kind kind, size_t record_size)
{
	uint64_t records_end =
		h->records_offset + (uint64_t)h->records * h->record_stride;

	return h->magic == KTACH_RING_MAGIC &&
	       h->version == KTACH_RING_VERSION && h->kind == kind &&
	       h->slots >= 2 && !(h->slots & (h->slots - 1)) &&
	       h->record_size >= record_size &&
	       h->record_stride >= h->record_size &&
	       h->records_offset >= sizeof(struct ktach_slot) &&
	       h->slot_stride >= records_end &&
	       h->slots_offset >= h->header_size;
}

static int map(struct ring *r, size_t size)
{
	void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, r->fd, 0);

	if (base == MAP_FAILED)
		return -errno;
	r->base = base;
	r->size = size;
	return 0;
}

static void unmap(struct ring *r)
{
	munmap((void *)r->base, r->size);
}

/* Map the first page, learn the layout from it, map the whole. */
static int map_all(struct ring *r, enum ktach_ring_kind kind,
		   size_t record_size)
{
	int err = map(r, (size_t)sysconf(_SC_PAGESIZE));

	if (err)
		return err;
	r->layout = *header(r);
	unmap(r);
	if (!layout_ok(&r->layout, kind, record_size))
		return -EPROTO;
	return map(r, r->layout.slots_offset +
			      (size_t)r->layout.slots * r->layout.slot_stride);
}

int ring_open_fd(struct ring *r, int fd, enum ktach_ring_kind kind,
		 size_t record_size)
{
	int err;

	r->fd = fd;
	err = map_all(r, kind, record_size);
	if (err)
		close(fd);
	return err;
}

int ring_open(struct ring *r, const char *path, enum ktach_ring_kind kind,
	      size_t record_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : ring_open_fd(r, fd, kind, record_size);
}

void ring_close(struct ring *r)
{
	unmap(r);
	close(r->fd);
}

uint64_t ring_head(const struct ring *r)
{
	return load_acquire(&header(r)->head);
}

uint64_t ring_period_ns(const struct ring *r)
{
	return load_relaxed(&header(r)->period_ns);
}

bool ring_live(const struct ring *r)
{
	return load_relaxed(&header(r)->state) & KTACH_RING_LIVE;
}

bool ring_is_filled(const struct ring *r, uint64_t now_ns)
{
	uint64_t head = ring_head(r), late_ns = LATE_NS;
	struct ring_sample newest;

	late_ns += LATE_PERIODS * ring_period_ns(r);
	if (!head || ring_begin(r, head, &newest))
		return head;
	return newest.mono_ns + late_ns > now_ns;
}

uint64_t ring_missed(const struct ring *r)
{
	return load_relaxed(&header(r)->missed);
}

uint64_t ring_oldest(const struct ring *r, uint64_t head)
{
	return head + 2 > r->layout.slots ? head + 2 - r->layout.slots : 1;
}

static const struct ktach_slot *slot_of(const struct ring *r, uint64_t number)
{
	const struct ktach_ring_header *l = &r->layout;

	return (const struct ktach_slot *)(r->base + l->slots_offset +
					   (number & (l->slots - 1)) *
						   (size_t)l->slot_stride);
}

static int check(uint64_t sequence, uint64_t number)
{
	if (sequence < 2 * number)
		return -EAGAIN;
	return sequence > 2 * number ? -EOVERFLOW : 0;
}

/* The mapped page may change; the caller's memory has room for so many records. */
static uint32_t records_seen(const struct ring *r)
{
	uint32_t seen = load_relaxed(&header(r)->records_seen);

	return seen < r->layout.records ? seen : r->layout.records;
}

/* With ring_end(), the reader's side of the protocol in the ABI header. */
int ring_begin(const struct ring *r, uint64_t number, struct ring_sample *s)
{
	const struct ktach_slot *slot = slot_of(r, number);
	int err = check(load_acquire(&slot->sequence), number);

	if (err)
		return err;
	s->number = number;
	s->real_ns = slot->real_ns;
	s->mono_ns = slot->mono_ns;
	s->records = (const uint8_t *)slot + r->layout.records_offset;
	s->seen = records_seen(r);
	return 0;
}

int ring_end(const struct ring *r, const struct ring_sample *s)
{
	load_barrier();
	return check(load_relaxed(&slot_of(r, s->number)->sequence), s->number);
}
