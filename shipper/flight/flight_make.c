// SPDX-License-Identifier: GPL-2.0-or-later
/* From the recorder and BPF's buckets to an incident. */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/kernel/net_recorder.h"
#include "lib/wire/wire_bytes.h"
#include "shipper/flight/flight.h"

#define MS UINT64_C(1000000)

enum {
	BUCKETS_PART =
		4096, /* of an interface, in one frame: however full, they fit */
	HEAD_BYTES = 1024,
	PART_BYTES = 64 + 2 * BUCKETS_PART * 6,
};

_Static_assert(PART_BYTES + 1024 < WIRE_FRAME_MAX, "a part fits a frame");
_Static_assert((int)INCIDENT_WAYS == (int)KTACH_NET_DIRECTIONS, "both ways");

/* What is being made: grown by whole frames. */
struct making {
	struct flight *flight;
	uint8_t *data;
	size_t size;
	size_t room;
	uint8_t *frame; /* WIRE_FRAME_MAX bytes */
	uint8_t *bytes; /* PART_BYTES */
};

static bool add_bytes(struct making *m, const void *data, size_t size)
{
	if (size > m->room - m->size)
		return false;
	memcpy(m->data + m->size, data, size);
	m->size += size;
	return true;
}

/* The recorder was flushed: nothing is in its encoder. */
static bool add_frame(struct making *m, enum wire_bytes_kind kind,
		      const struct pen *pen)
{
	struct output *o = &m->flight->recorder;

	wire_begin(&o->encoder, m->frame, WIRE_FRAME_MAX, clock_real_ns());
	return wire_put_bytes(&o->encoder, kind, pen, NULL, 0) &&
	       add_bytes(m, m->frame,
			 wire_finish(&o->encoder, o->sender, ++o->sequence));
}

static bool add_head(struct making *m)
{
	struct pen pen = { m->bytes, PART_BYTES, 0 };

	incident_put_head(&pen, &m->flight->head);
	return add_frame(m, WIRE_INCIDENT_HEAD, &pen);
}

/* --- buckets ------------------------------------------------------------------ */

static uint64_t mono_ms(const struct incident_head *h, uint64_t real_ns)
{
	return (h->mono_ns + (real_ns - h->real_ns)) / MS;
}

static bool has_bytes(const struct net_recording *r, uint32_t from, uint32_t to)
{
	uint32_t i;

	for (i = from; i < to; i++)
		if (r->bytes[KTACH_NET_RX][i] || r->bytes[KTACH_NET_TX][i])
			return true;
	return false;
}

static bool add_part(struct making *m, const struct net_recording *r,
		     const char *name, uint32_t from, uint32_t count)
{
	struct pen pen = { m->bytes, PART_BYTES, 0 };
	struct incident_buckets b = { .ifindex = r->ifindex,
				      .first_ms = r->first_ms + from,
				      .count = count };
	int way;

	strcpy(b.name, name);
	for (way = 0; way < INCIDENT_WAYS; way++)
		b.bytes[way] = r->bytes[way] + from;
	incident_put_buckets(&pen, &b);
	return add_frame(m, WIRE_INCIDENT_BUCKETS, &pen);
}

static void add_interface(struct making *m, const struct net_recording *r)
{
	struct incident_head *h = &m->flight->head;
	uint64_t from_ms = mono_ms(h, h->from_ns), to_ms = mono_ms(h, h->to_ns);
	uint64_t end_ms = r->first_ms + r->buckets;
	char name[IF_NAMESIZE] = "";
	uint32_t at, to;

	if (to_ms < r->first_ms || from_ms >= end_ms)
		return;
	at = from_ms > r->first_ms ? (uint32_t)(from_ms - r->first_ms) : 0;
	to = to_ms < end_ms ? (uint32_t)(to_ms - r->first_ms) : r->buckets;
	if (!has_bytes(r, at, to) || !if_indextoname(r->ifindex, name))
		return;
	for (; at < to; at += BUCKETS_PART)
		if (!add_part(m, r, name, at,
			      to - at < BUCKETS_PART ? to - at : BUCKETS_PART))
			h->flags |= INCIDENT_CUT;
}

static bool add_interfaces(struct making *m)
{
	const char *pins = m->flight->setup.pins;
	struct net_recorder recorder;
	struct net_recording copy;
	uint32_t *memory, slot;

	if (!pins || net_recorder_open(&recorder, pins))
		return false;
	memory = malloc(net_recorder_room(&recorder) * sizeof(*memory));
	for (slot = 0; memory && slot < recorder.recordings.entries; slot++)
		if (!net_recorder_copy(&recorder, slot, memory, &copy))
			add_interface(m, &copy);
	net_recorder_close(&recorder);
	free(memory);
	return memory;
}

/* --- samples ------------------------------------------------------------------ */

static uint64_t time_of(const struct queue_frame *f)
{
	struct wire_frame head;

	wire_peek(&head, f->data);
	return head.time;
}

/* Bytes of the recorder's frames from a time on. */
static size_t size_from(struct queue *q, uint64_t from_ns)
{
	struct queue_frame *f;
	size_t size = 0;

	for (queue_rewind(q); (f = queue_next(q)); queue_take(q))
		if (time_of(f) >= from_ns)
			size += f->size;
	return size;
}

/* A frame has what was sampled before its time. The oldest are left out if not all
 * fit.
 */
static void add_samples(struct making *m)
{
	struct flight *f = m->flight;
	struct queue *q = &f->frames;
	size_t all = size_from(q, f->head.from_ns);
	struct queue_frame *frame;

	for (queue_rewind(q); (frame = queue_next(q)); queue_take(q)) {
		if (time_of(frame) < f->head.from_ns)
			continue;
		if (all <= m->room - m->size)
			add_bytes(m, frame->data, frame->size);
		all -= frame->size;
	}
	queue_rewind(q);
}

/* What was recorded begins later, or does not fit. */
static void cut_head(struct making *m)
{
	struct flight *f = m->flight;
	const struct queue_frame *first;
	uint64_t begin_ns;

	queue_rewind(&f->frames);
	first = queue_first(&f->frames);
	begin_ns = first ? time_of(first) : f->head.to_ns;
	if (begin_ns <= f->head.from_ns &&
	    size_from(&f->frames, f->head.from_ns) <= m->room - HEAD_BYTES)
		return;
	f->head.flags |= INCIDENT_CUT;
	if (begin_ns > f->head.from_ns)
		f->head.from_ns = begin_ns < f->head.to_ns ? begin_ns :
							     f->head.to_ns;
}

static uint8_t *make_incident(struct making *m, size_t *size)
{
	struct flight *f = m->flight;
	size_t after;

	cut_head(m);
	if (!add_head(m))
		return NULL;
	after = m->size;
	if (!add_interfaces(m))
		f->head.flags |= INCIDENT_NO_BUCKETS;
	add_samples(m);
	/* Flags are known by now; the head is as long as it was. */
	*size = m->size;
	m->size = 0;
	if (!add_head(m) || m->size != after)
		return NULL;
	return m->data;
}

uint8_t *flight_make(struct flight *f, size_t *size)
{
	struct making m = { .flight = f };
	uint8_t *made = NULL, *fitting;

	m.room = f->setup.memory / 2 - f->waiting_bytes;
	if (m.room < HEAD_BYTES)
		m.room = HEAD_BYTES;
	m.data = malloc(m.room);
	m.frame = malloc(WIRE_FRAME_MAX);
	m.bytes = malloc(PART_BYTES);
	if (m.data && m.frame && m.bytes)
		made = make_incident(&m, size);
	free(m.frame);
	free(m.bytes);
	fitting = made ? realloc(made, *size) : NULL;
	if (!made)
		free(m.data);
	return fitting ? fitting : made;
}
