// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "shipper/output.h"

static enum output_class class_of(uint32_t kind)
{
	switch (kind) {
	case WIRE_CPU:
	case WIRE_SOFTIRQ:
		return OUTPUT_CPU;
	case WIRE_NET:
		return OUTPUT_INTERFACE;
	default:
		return OUTPUT_HOST;
	}
}

int output_init(struct output *o, const struct wire_sender *sender,
		struct queue *queue, size_t frame_max)
{
	memset(o, 0, sizeof(*o));
	o->sender = sender;
	o->queue = queue;
	o->pen_size = frame_max;
	o->frame_max = frame_max;
	o->pen = malloc(frame_max);
	return o->pen ? 0 : -ENOMEM;
}

void output_exit(struct output *o)
{
	sealing_close(&o->sealing);
	free(o->pen);
}

void output_frame_max(struct output *o, size_t frame_max)
{
	o->frame_max = frame_max < o->pen_size ? frame_max : o->pen_size;
}

bool output_empty(const struct output *o)
{
	return !o->open;
}

static void frame_open(struct output *o)
{
	wire_begin(&o->encoder, o->pen,
		   o->frame_max - sealing_room(&o->sealing), clock_real_ns());
	o->open = true;
}

/* Whether the frame under the pen will find a place. */
static bool place(const struct output *o)
{
	if (o->spool && o->spool->unread)
		return o->spool->bytes + o->frame_max < o->spool->limit;
	return queue_room(o->queue, o->frame_max);
}

/* In order: once frames are on disk only, all go there until it is read. A disk
 * that fails leaves the memory to do its part.
 */
static bool keep(struct output *o, const uint8_t *frame, size_t size)
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

/* Number the frame under the pen and queue it; false without room for it. */
static bool frame_close(struct output *o)
{
	const uint8_t *frame;
	size_t size;

	if (!place(o))
		return false;
	size = wire_finish(&o->encoder, o->sender, ++o->sequence);
	frame = sealing_frame(&o->sealing, o->pen, &size);
	if (!keep(o, frame, size)) {
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
		[OUTPUT_INTERFACE] = OUTPUT_INTERFACE_PERCENT,
	};

	return (o->spool ? spool_percent(o->spool) : queue_percent(o->queue)) <=
	       limit[class];
}

/* As many rows as fit; frames that fill up are closed. False: no room. */
static bool put_rows(struct output *o, const struct wire_table *table)
{
	uint32_t row = 0;

	while (row < table->rows) {
		uint32_t put;

		if (!o->open)
			frame_open(o);
		put = wire_put(&o->encoder, table, row);
		row += put;
		if (put)
			continue;
		if (wire_empty(&o->encoder)) {
			o->oversize++;
			return false;
		}
		if (!frame_close(o))
			return false;
		o->ready(o->carrier);
	}
	return true;
}

void output_put(struct output *o, const struct wire_table *table)
{
	enum output_class class = class_of(table->kind);
	struct wire_table t = *table;

	t.lost += o->shed[t.kind];
	if (has_room(o, class) && put_rows(o, &t))
		return;
	o->shed[t.kind]++;
	o->shed_class[class]++;
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

void output_flush(struct output *o)
{
	if (o->open && !wire_empty(&o->encoder))
		frame_close(o);
	o->ready(o->carrier);
}
