// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <isa-l/crc.h>
#include <string.h>

#include "lib/wire.h"
#include "lib/wire_format.h"

/* CRC32C of a frame whose crc field holds 0. */
static uint32_t frame_crc(const void *frame, size_t size)
{
	return ~crc32_iscsi((unsigned char *)frame, (int)size, ~0U);
}

static uint64_t zigzag(uint64_t v)
{
	return (v << 1) ^ -(v >> 63);
}

static size_t varint_size(uint64_t v)
{
	return (size_t)(70 - __builtin_clzll(v | 1)) / 7;
}

static uint8_t *varint_put(uint8_t *at, uint64_t v)
{
	while (v >= 0x80) {
		*at++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*at++ = (uint8_t)v;
	return at;
}

/* What a cell is written as: the difference from the row above. */
static uint64_t cell_code(const struct wire_table *t, uint32_t row,
			  uint32_t column, uint32_t first)
{
	const uint64_t *cell = &t->cells[(size_t)row * t->columns + column];
	uint64_t above = row > first ? cell[-(ptrdiff_t)t->columns] : 0;

	return zigzag(*cell - above);
}

static size_t text_size(const struct wire_text *text)
{
	return text->size < WIRE_TEXT_MAX ? text->size : WIRE_TEXT_MAX;
}

static size_t row_size(const struct wire_table *t, uint32_t row, uint32_t first)
{
	size_t size = 0;
	uint32_t i;

	for (i = 0; i < t->columns; i++)
		size += varint_size(cell_code(t, row, i, first));
	for (i = 0; i < t->texts; i++) {
		size_t n = text_size(&t->text[(size_t)row * t->texts + i]);

		size += varint_size(n) + n;
	}
	return size;
}

/* The body's head, up to and with the number of texts. */
static uint8_t *put_head(uint8_t *at, const struct wire_table *t, uint32_t rows,
			 uint64_t time)
{
	at = varint_put(at, t->origin);
	at = varint_put(at, t->sample);
	at = varint_put(at, zigzag(t->real_ns - time));
	at = varint_put(at, t->mono_ns);
	at = varint_put(at, t->lost);
	at = varint_put(at, t->columns);
	at = varint_put(at, rows);
	return varint_put(at, t->texts);
}

static uint8_t *put_rows(uint8_t *at, const struct wire_table *t,
			 uint32_t first, uint32_t rows)
{
	uint32_t row, i;

	for (i = 0; i < t->columns; i++)
		for (row = first; row < first + rows; row++)
			at = varint_put(at, cell_code(t, row, i, first));
	for (i = 0; i < t->texts; i++) {
		for (row = first; row < first + rows; row++) {
			const struct wire_text *text =
				&t->text[(size_t)row * t->texts + i];
			size_t n = text_size(text);

			at = varint_put(at, n);
			memcpy(at, text->data, n);
			at += n;
		}
	}
	return at;
}

void wire_begin(struct wire_encoder *e, void *frame, size_t size, uint64_t time)
{
	e->frame = frame;
	e->size = size < WIRE_FRAME_MAX ? size : WIRE_FRAME_MAX;
	e->used = WIRE_HEADER_SIZE;
	e->time = time;
}

uint32_t wire_put(struct wire_encoder *e, const struct wire_table *table,
		  uint32_t first)
{
	uint8_t head[TABLE_HEAD_MAX], *at = e->frame + e->used;
	size_t room = e->size - e->used, body = 0, head_size;
	uint32_t rows = 0;

	if (room <= TABLE_HEAD_MAX)
		return 0;
	room -= TABLE_HEAD_MAX;
	while (first + rows < table->rows && rows < WIRE_ROWS_MAX) {
		size_t size = row_size(table, first + rows, first);

		if (body + size > room)
			break;
		body += size;
		rows++;
	}
	if (!rows)
		return 0;

	head_size = (size_t)(put_head(head, table, rows, e->time) - head);
	at = varint_put(at, table->kind);
	at = varint_put(at, table->schema);
	at = varint_put(at, head_size + body);
	memcpy(at, head, head_size);
	at = put_rows(at + head_size, table, first, rows);
	e->used = (size_t)(at - e->frame);
	return rows;
}

int wire_empty(const struct wire_encoder *e)
{
	return e->used == WIRE_HEADER_SIZE;
}

size_t wire_seal(struct wire_encoder *e, const struct wire_sender *sender,
		 uint64_t sequence)
{
	struct wire_header h = {
		.magic = WIRE_MAGIC,
		.version = WIRE_VERSION,
		.kind = WIRE_SAMPLES,
		.length = htole32((uint32_t)(e->used - WIRE_HEADER_SIZE)),
		.session = htole64(sender->session),
		.sequence = htole64(sequence),
		.time = htole64(e->time),
	};

	memcpy(h.node, sender->node, sizeof(h.node));
	memcpy(h.boot, sender->boot, sizeof(h.boot));
	memcpy(e->frame, &h, sizeof(h));
	h.crc = htole32(frame_crc(e->frame, e->used));
	memcpy(e->frame, &h, sizeof(h));
	return e->used;
}
