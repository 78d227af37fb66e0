// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/wire/incident.h"
#include "lib/wire/wire_bytes.h"

static const char *const causes[INCIDENT_CAUSES] = {
	[INCIDENT_OPERATOR] = "operator", [INCIDENT_COLLECTOR] = "collector",
	[INCIDENT_BURST] = "burst",	  [INCIDENT_SOFTIRQ] = "softirq",
	[INCIDENT_BUSY] = "busy",	  [INCIDENT_PRESSURE] = "pressure",
	[INCIDENT_OOM] = "oom",		  [INCIDENT_MOUNT] = "mount",
};

const char *incident_cause_name(unsigned int cause)
{
	return cause && cause < INCIDENT_CAUSES ? causes[cause] : "";
}

static void put_text(struct pen *pen, const char *text)
{
	size_t size = strlen(text);

	pen_varint(pen, size);
	pen_bytes(pen, text, size);
}

static void get_text(struct cursor *c, char *text, size_t room)
{
	size_t size = cursor_bounded(c, (uint32_t)room - 1);
	const uint8_t *data = cursor_take(c, size);

	if (!data)
		size = 0;
	else
		memcpy(text, data, size);
	text[size] = '\0';
}

void incident_put_head(struct pen *pen, const struct incident_head *h)
{
	pen_varint(pen, INCIDENT_VERSION);
	pen_varint(pen, h->id);
	pen_varint(pen, h->from_ns);
	pen_varint(pen, h->to_ns);
	pen_varint(pen, h->real_ns);
	pen_varint(pen, h->mono_ns);
	pen_varint(pen, h->cause);
	pen_varint(pen, h->value);
	pen_varint(pen, h->triggers);
	pen_varint(pen, h->flags);
	put_text(pen, h->text);
	put_text(pen, h->node);
}

bool incident_get_head(struct incident_head *h, const void *data, size_t size)
{
	struct cursor c = { .at = data, .end = (const uint8_t *)data + size };
	uint64_t version = cursor_varint(&c);

	h->id = cursor_varint(&c);
	h->from_ns = cursor_varint(&c);
	h->to_ns = cursor_varint(&c);
	h->real_ns = cursor_varint(&c);
	h->mono_ns = cursor_varint(&c);
	h->cause = cursor_bounded(&c, UINT32_MAX);
	h->value = cursor_varint(&c);
	h->triggers = cursor_varint(&c);
	h->flags = cursor_varint(&c);
	get_text(&c, h->text, sizeof(h->text));
	get_text(&c, h->node, sizeof(h->node));
	return !c.broken && version >= INCIDENT_VERSION &&
	       h->from_ns <= h->to_ns;
}

static void put_way(struct pen *pen, const uint32_t *bytes, uint32_t count)
{
	uint64_t zeroes = 0, others = 0;
	uint32_t i;

	for (i = 0; i < count; i++)
		others += bytes[i] != 0;
	pen_varint(pen, others);
	for (i = 0; i < count; i++) {
		if (!bytes[i]) {
			zeroes++;
			continue;
		}
		pen_varint(pen, zeroes);
		pen_varint(pen, bytes[i]);
		zeroes = 0;
	}
}

void incident_put_buckets(struct pen *pen, const struct incident_buckets *b)
{
	int way;

	pen_varint(pen, b->ifindex);
	put_text(pen, b->name);
	pen_varint(pen, b->first_ms);
	pen_varint(pen, b->count);
	for (way = 0; way < INCIDENT_WAYS; way++)
		put_way(pen, b->bytes[way], b->count);
}

static void get_way(struct cursor *c, uint32_t *bytes, uint32_t count)
{
	uint32_t others = cursor_bounded(c, count), at = 0;

	memset(bytes, 0, count * sizeof(*bytes));
	for (; others && !c->broken; others--) {
		at += cursor_bounded(c, count - at);
		if (at >= count) {
			c->broken = true;
			return;
		}
		bytes[at++] = cursor_bounded(c, UINT32_MAX);
	}
}

bool incident_get_buckets(struct incident_buckets *b, const void *data,
			  size_t size, uint32_t *memory)
{
	struct cursor c = { .at = data, .end = (const uint8_t *)data + size };
	int way;

	b->ifindex = cursor_varint(&c);
	get_text(&c, b->name, sizeof(b->name));
	b->first_ms = cursor_varint(&c);
	b->count = cursor_bounded(&c, INCIDENT_BUCKETS_MAX);
	for (way = 0; way < INCIDENT_WAYS; way++) {
		b->bytes[way] = memory + (size_t)way * INCIDENT_BUCKETS_MAX;
		get_way(&c, b->bytes[way], b->count);
	}
	return !c.broken;
}

size_t incident_put_piece(struct wire_encoder *e,
			  const struct incident_piece *piece)
{
	size_t room = wire_bytes_room(e), size = piece->size;
	uint8_t bytes[INCIDENT_PIECE_HEAD];
	struct pen pen = { bytes, sizeof(bytes), 0 };

	if (room <= INCIDENT_PIECE_HEAD || !size)
		return 0;
	if (size > room - INCIDENT_PIECE_HEAD)
		size = room - INCIDENT_PIECE_HEAD;
	pen_varint(&pen, piece->id);
	pen_varint(&pen, piece->total);
	pen_varint(&pen, piece->at);
	return wire_put_bytes(e, WIRE_INCIDENT_PIECE, &pen, piece->data, size) ?
		       size :
		       0;
}

static bool get_piece(struct incident_piece *piece, const uint8_t *data,
		      size_t size)
{
	struct cursor c = { .at = data, .end = data + size };

	piece->id = cursor_varint(&c);
	piece->total = cursor_varint(&c);
	piece->at = cursor_varint(&c);
	piece->data = c.at;
	piece->size = cursor_left(&c);
	return !c.broken && piece->id && piece->size &&
	       piece->total <= INCIDENT_SIZE_MAX &&
	       piece->size <= piece->total &&
	       piece->at <= piece->total - piece->size;
}

bool incident_next_piece(const uint8_t **at, const uint8_t *end,
			 struct incident_piece *piece)
{
	const uint8_t *data;
	uint32_t kind;
	size_t size;

	while (wire_next_bytes(at, end, &kind, &data, &size))
		if (kind == WIRE_INCIDENT_PIECE && get_piece(piece, data, size))
			return true;
	return false;
}
