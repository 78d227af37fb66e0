// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/queue/output.h"

_Static_assert((int)WIRE_KINDS <= (int)OUTPUT_KINDS, "a place for each kind");

/* The rest is of the host as a whole. */
static const uint8_t classes[OUTPUT_KINDS] = {
	[WIRE_CPU] = OUTPUT_CPU,	[WIRE_SOFTIRQ] = OUTPUT_CPU,
	[WIRE_CORE] = OUTPUT_CPU,	[WIRE_NET] = OUTPUT_DEVICE,
	[WIRE_LINK] = OUTPUT_DEVICE,	[WIRE_DISK] = OUTPUT_DEVICE,
	[WIRE_SENSOR] = OUTPUT_DEVICE,	[WIRE_MOUNT] = OUTPUT_DETAIL,
	[WIRE_PROCESS] = OUTPUT_DETAIL, [WIRE_IRQ] = OUTPUT_DETAIL,
	[WIRE_AGENT] = OUTPUT_DETAIL,	[WIRE_CGROUP] = OUTPUT_DETAIL,
	[WIRE_OWN] = OUTPUT_DETAIL,	[WIRE_PART] = OUTPUT_DETAIL,
	[WIRE_LATENCY] = OUTPUT_DETAIL,
};

static enum output_class class_of(uint32_t kind)
{
	return (enum output_class)classes[kind];
}

int output_init(struct output *o, const struct wire_sender *sender,
		struct queue *queue, size_t frame_max)
{
	memset(o, 0, sizeof(*o));
	o->sender = sender;
	o->queue = queue;
	o->memory_size = frame_max;
	o->frame_max = frame_max;
	o->memory = malloc(frame_max);
	return o->memory ? 0 : -ENOMEM;
}

void output_exit(struct output *o)
{
	int kind;

	for (kind = 0; kind < OUTPUT_KINDS; kind++)
		series_exit(&o->series[kind]);
	sealing_close(&o->sealing);
	free(o->memory);
}

void output_frame_max(struct output *o, size_t frame_max)
{
	o->frame_max = frame_max < o->memory_size ? frame_max : o->memory_size;
}

bool output_empty(const struct output *o)
{
	int kind;

	for (kind = 0; kind < OUTPUT_KINDS; kind++)
		if (o->series[kind].count)
			return false;
	return !o->open;
}

static void frame_open(struct output *o)
{
	wire_begin(&o->encoder, o->memory,
		   o->frame_max - sealing_room(&o->sealing), clock_real_ns());
	o->open = true;
	o->samples = 0;
}

/* Whether the frame that is being written will find a place. */
static bool place(struct output *o)
{
	while (o->forgets && !queue_room(o->queue, o->frame_max))
		queue_forget(o->queue);
	if (o->spool && o->spool->unread)
		return o->spool->bytes + o->frame_max < o->spool->limit;
	return queue_room(o->queue, o->frame_max);
}

/* Frames stay in order: once some are on disk only, all go there until those are
 * read. When the disk fails, memory alone is used.
 */
static bool keep_frame(struct output *o, const uint8_t *frame, size_t size)
{
	uint64_t session = o->sender->session;
	bool room = queue_room(o->queue, size), spooled = false;

	if (o->spool) {
		room = room && !o->spool->unread;
		spooled = !spool_put(o->spool, frame, size, session,
				     o->sequence, room);
	}
	if (room)
		queue_put(o->queue, frame, size, session, o->sequence, spooled);
	return room || spooled;
}

/* Number the frame that is being written and queue it; false without room for it. */
static bool frame_close(struct output *o)
{
	const uint8_t *frame;
	size_t size;

	if (!place(o))
		return false;
	o->sequence++;
	size = sealing_room(&o->sealing) ?
		       wire_finish_to_seal(&o->encoder, o->sender,
					   o->sequence) :
		       wire_finish(&o->encoder, o->sender, o->sequence);
	frame = sealing_frame(&o->sealing, o->memory, &size);
	if (!keep_frame(o, frame, size)) {
		o->sequence--;
		return false;
	}
	o->open = false;
	return true;
}

static bool has_room(const struct output *o, enum output_class class)
{
	static const unsigned int limit[OUTPUT_CLASSES] = {
		[OUTPUT_HOST] = 100,
		[OUTPUT_CPU] = OUTPUT_CPU_PERCENT,
		[OUTPUT_DEVICE] = OUTPUT_DEVICE_PERCENT,
		[OUTPUT_DETAIL] = OUTPUT_DETAIL_PERCENT,
		[OUTPUT_INCIDENT] = OUTPUT_INCIDENT_PERCENT,
	};

	if (o->forgets)
		return true;
	return (o->spool ? spool_percent(o->spool) : queue_percent(o->queue)) <=
	       limit[class];
}

/* Close the frame, and go on in another one. False: the rows fit into no frame, or
 * there is no room for one.
 */
static bool next_frame(struct output *o)
{
	if (wire_empty(&o->encoder)) {
		o->oversize++;
		return false;
	}
	if (!frame_close(o))
		return false;
	if (o->ready)
		o->ready(o->carrier);
	return true;
}

/* As many rows as fit of each sample; frames that fill up are closed. Where not
 * even a row of so many samples fits, they are parted. False: no room.
 */
static bool put_rows(struct output *o, const struct wire_table *tables,
		     uint32_t samples, uint32_t row)
{
	while (row < tables->rows) {
		uint32_t put, half = samples / 2;

		if (!o->open)
			frame_open(o);
		put = wire_put_series(&o->encoder, tables, samples, row);
		row += put;
		if (put) {
			o->samples += samples;
			continue;
		}
		if (wire_empty(&o->encoder) && half)
			return put_rows(o, tables, half, row) &&
			       put_rows(o, tables + half, samples - half, row);
		if (!next_frame(o))
			return false;
	}
	return true;
}

/* There are none any more. */
static bool put_none(struct output *o, const struct wire_table *table)
{
	do {
		if (!o->open)
			frame_open(o);
		if (wire_put_none(&o->encoder, table)) {
			o->samples++;
			return true;
		}
	} while (next_frame(o));
	return false;
}

static void put_or_shed(struct output *o, const struct wire_table *tables,
			uint32_t samples)
{
	enum output_class class = class_of(tables->kind);

	if (has_room(o, class) &&
	    (tables->rows ? put_rows(o, tables, samples, 0) :
			    put_none(o, tables)))
		return;
	o->shed[tables->kind] += samples;
	o->shed_class[class] += samples;
}

static void put_series(struct output *o, struct series *s)
{
	if (s->count)
		put_or_shed(o, s->tables, s->count);
	series_clear(s);
}

void output_put(struct output *o, const struct wire_table *table)
{
	enum output_class class = class_of(table->kind);
	struct series *s = &o->series[table->kind];
	struct wire_table t = *table;

	if (o->tap)
		o->tap(o->tapper, table);
	t.lost += o->shed[t.kind];
	if (!has_room(o, class)) {
		o->shed[t.kind]++;
		o->shed_class[class]++;
		return;
	}
	if (series_put(s, &t))
		return;
	put_series(o, s);
	if (!series_put(s, &t))
		put_or_shed(o, &t, 1);
}

size_t output_put_piece(struct output *o, const struct incident_piece *piece)
{
	size_t put;

	if (!has_room(o, OUTPUT_INCIDENT))
		return 0;
	do {
		if (!o->open)
			frame_open(o);
		put = incident_put_piece(&o->encoder, piece);
	} while (!put && next_frame(o));
	return put;
}

void output_trim(struct output *o)
{
	uint32_t spooled;

	queue_trim(o->queue, &spooled);
	if (!o->spool)
		return;
	if (spooled)
		spool_taken(o->spool, spooled);
	spool_refill(o->spool, o->queue);
}

void output_give_up(struct output *o)
{
	uint64_t lost = o->refusal.lost;
	struct queue_frame *f;

	while ((f = queue_first(o->queue)) &&
	       refusal_is_over(&o->refusal, wire_key_of(f->data))) {
		queue_take(o->queue);
		f->done = true;
		o->refusal.lost++;
		output_trim(o);
	}
	if (o->refusal.lost != lost)
		log_warn("%" PRIu64
			 " frames sealed with the key %08x are given up",
			 o->refusal.lost - lost, o->refusal.key);
}

/* Values of the host go last: what has rows is known to be whole as another table
 * follows it (collector/nodes/run.h).
 */
void output_flush(struct output *o)
{
	uint32_t kind;

	for (kind = 0; kind < OUTPUT_KINDS; kind++)
		if (class_of(kind) != OUTPUT_HOST)
			put_series(o, &o->series[kind]);
	for (kind = 0; kind < OUTPUT_KINDS; kind++)
		if (class_of(kind) == OUTPUT_HOST)
			put_series(o, &o->series[kind]);
	if (o->open && !wire_empty(&o->encoder))
		frame_close(o);
	if (o->ready)
		o->ready(o->carrier);
}

void output_end(struct output *o)
{
	if (!o->open || wire_empty(&o->encoder))
		return;
	o->open = false;
	o->shed_class[OUTPUT_HOST] += o->samples;
}

void output_lost(const struct output *o, uint64_t lost[LOST_CAUSES])
{
	int i;

	lost[LOST_QUEUE] = 0;
	for (i = 0; i < OUTPUT_CLASSES; i++)
		lost[LOST_QUEUE] += o->shed_class[i];
	lost[LOST_SPOOL] = o->spool ? o->spool->lost : 0;
	lost[LOST_SIZE] = o->oversize;
	lost[LOST_KEY] = o->refusal.lost;
}
