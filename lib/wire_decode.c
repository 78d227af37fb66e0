// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <isa-l/crc.h>
#include <stdbool.h>
#include <string.h>

#include "lib/wire.h"
#include "lib/wire_format.h"

const char *wire_error_name(enum wire_error error)
{
	static const char *const names[WIRE_ERRORS] = {
		[WIRE_OK] = "ok",	    [WIRE_E_SHORT] = "short",
		[WIRE_E_MAGIC] = "magic",   [WIRE_E_VERSION] = "version",
		[WIRE_E_LENGTH] = "length", [WIRE_E_CRC] = "crc",
		[WIRE_E_KIND] = "kind",	    [WIRE_E_TABLE] = "table",
	};

	return error < WIRE_ERRORS ? names[error] : "unknown";
}

/* The CRC of a received frame, whose own field must count as 0. */
static bool crc_matches(const struct wire_header *h, const uint8_t *payload,
			size_t size)
{
	struct wire_header zeroed = *h;
	uint32_t crc;

	zeroed.crc = 0;
	crc = crc32_iscsi((unsigned char *)&zeroed, sizeof(zeroed), ~0U);
	crc = ~crc32_iscsi((unsigned char *)payload, (int)size, crc);
	return crc == le32toh(h->crc);
}

enum wire_error wire_open(struct wire_frame *f, const void *data, size_t size)
{
	const uint8_t *payload = (const uint8_t *)data + WIRE_HEADER_SIZE;
	struct wire_header h;

	if (size < sizeof(h))
		return WIRE_E_SHORT;
	memcpy(&h, data, sizeof(h));
	if (memcmp(h.magic, WIRE_MAGIC, sizeof(h.magic)))
		return WIRE_E_MAGIC;
	if (h.version != WIRE_VERSION)
		return WIRE_E_VERSION;
	if (size > WIRE_FRAME_MAX || le32toh(h.length) != size - sizeof(h))
		return WIRE_E_LENGTH;
	if (!crc_matches(&h, payload, size - sizeof(h)))
		return WIRE_E_CRC;
	if (h.kind != WIRE_SAMPLES)
		return WIRE_E_KIND;

	memcpy(f->sender.node, h.node, sizeof(h.node));
	memcpy(f->sender.boot, h.boot, sizeof(h.boot));
	f->sender.session = le64toh(h.session);
	f->kind = h.kind;
	f->sequence = le64toh(h.sequence);
	f->time = le64toh(h.time);
	f->at = payload;
	f->end = (const uint8_t *)data + size;
	return WIRE_OK;
}

/* A cursor over received bytes; broken sticks once a read went wrong. */
struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool broken;
};

static uint64_t get(struct cursor *c)
{
	uint64_t v = 0;
	unsigned int shift;

	for (shift = 0; shift < 7 * VARINT_MAX && c->at < c->end; shift += 7) {
		uint8_t byte = *c->at++;

		if (shift == 63 && byte > 1)
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	c->broken = true;
	return 0;
}

/* A value that may not be larger than max. */
static uint32_t get_bounded(struct cursor *c, uint32_t max)
{
	uint64_t v = get(c);

	if (v > max)
		c->broken = true;
	return c->broken ? 0 : (uint32_t)v;
}

static uint64_t unzigzag(uint64_t v)
{
	return (v >> 1) ^ -(v & 1);
}

/* Columns and texts that this reader knows of each kind. */
static const struct {
	uint32_t columns;
	uint32_t texts;
} known[] = {
	[WIRE_NODE] = { WIRE_NODE_COLUMNS, WIRE_NODE_TEXTS },
	[WIRE_CPU] = { WIRE_CPU_COLUMNS, 0 },
	[WIRE_SOFTIRQ] = { WIRE_SOFTIRQ_COLUMNS, 0 },
	[WIRE_NET] = { WIRE_NET_COLUMNS, WIRE_NET_TEXTS },
};

static bool is_known(uint64_t kind)
{
	return kind < sizeof(known) / sizeof(known[0]) && known[kind].columns;
}

static void get_head(struct cursor *c, struct wire_table *t, uint64_t time)
{
	t->origin = get_bounded(c, UINT32_MAX);
	t->sample = get(c);
	t->real_ns = unzigzag(get(c)) + time;
	t->mono_ns = get(c);
	t->lost = get(c);
	t->columns = get_bounded(c, WIRE_COLUMNS_MAX);
	t->rows = get_bounded(c, WIRE_ROWS_MAX);
	t->texts = get_bounded(c, WIRE_TEXTS_MAX);
	if (t->columns < known[t->kind].columns ||
	    t->texts < known[t->kind].texts)
		c->broken = true;
}

static void get_cells(struct cursor *c, const struct wire_table *t,
		      uint32_t keep, uint64_t *cells)
{
	uint32_t row, i;

	for (i = 0; i < t->columns; i++) {
		uint64_t value = 0;

		for (row = 0; row < t->rows && !c->broken; row++) {
			value += unzigzag(get(c));
			if (i < keep)
				cells[(size_t)row * keep + i] = value;
		}
	}
}

static void get_texts(struct cursor *c, const struct wire_table *t,
		      uint32_t keep, struct wire_text *text)
{
	uint32_t row, i;

	for (i = 0; i < t->texts; i++) {
		for (row = 0; row < t->rows && !c->broken; row++) {
			struct wire_text read;

			read.size = get_bounded(c, WIRE_TEXT_MAX);
			read.data = (const char *)c->at;
			if (read.size > (size_t)(c->end - c->at)) {
				c->broken = true;
				return;
			}
			c->at += read.size;
			if (i < keep)
				text[(size_t)row * keep + i] = read;
		}
	}
}

static bool get_body(struct cursor *c, struct wire_table *t, uint64_t time,
		     const struct wire_room *room)
{
	uint32_t columns = known[t->kind].columns;
	uint32_t texts = known[t->kind].texts;

	get_head(c, t, time);
	if (c->broken || (size_t)t->rows * columns > room->cells_max ||
	    (size_t)t->rows * texts > room->text_max)
		return false;
	get_cells(c, t, columns, room->cells);
	get_texts(c, t, texts, room->text);
	t->columns = columns;
	t->texts = texts;
	t->cells = room->cells;
	t->text = texts ? room->text : NULL;
	return !c->broken;
}

/* Find the next table of a known kind: 1, 0 at the end, or broken. */
static int next_known(struct cursor *c, struct wire_table *t,
		      struct cursor *body)
{
	while (c->at < c->end) {
		uint64_t kind = get(c);
		uint32_t schema = get_bounded(c, UINT32_MAX);
		uint64_t size = get(c);

		if (c->broken || size > (size_t)(c->end - c->at))
			return -WIRE_E_TABLE;
		*body = (struct cursor){ .at = c->at, .end = c->at + size };
		c->at += size;
		if (!is_known(kind))
			continue;
		t->kind = (uint32_t)kind;
		t->schema = schema;
		return 1;
	}
	return 0;
}

int wire_next(struct wire_frame *f, struct wire_table *t,
	      const struct wire_room *room)
{
	struct cursor c = { .at = f->at, .end = f->end }, body;
	int ret = next_known(&c, t, &body);

	if (ret == 1 &&
	    (!get_body(&body, t, f->time, room) || body.at != body.end))
		ret = -WIRE_E_TABLE;
	f->at = ret == 1 ? c.at : f->end;
	return ret;
}
