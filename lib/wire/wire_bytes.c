// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/wire/cursor.h"
#include "lib/wire/wire_bytes.h"
#include "lib/wire/wire_format.h"

enum {
	BYTES_SCHEMA = 1
};

size_t wire_bytes_room(const struct wire_encoder *e)
{
	size_t room = e->size - e->used;

	return room > TABLE_HEAD_MAX ? room - TABLE_HEAD_MAX : 0;
}

bool wire_put_bytes(struct wire_encoder *e, enum wire_bytes_kind kind,
		    const struct pen *head, const void *data, size_t size)
{
	struct pen pen = { e->frame + e->used, e->size - e->used, 0 };

	if (head->used > head->room || head->used + size > wire_bytes_room(e))
		return false;
	pen_varint(&pen, kind);
	pen_varint(&pen, BYTES_SCHEMA);
	pen_varint(&pen, head->used + size);
	pen_bytes(&pen, head->data, head->used);
	pen_bytes(&pen, data, size);
	e->used += pen.used;
	return true;
}

bool wire_next_bytes(const uint8_t **at, const uint8_t *end, uint32_t *kind,
		     const uint8_t **data, size_t *size)
{
	struct cursor c = { .at = *at, .end = end };

	while (c.at < c.end) {
		uint64_t n, number = cursor_varint(&c);

		cursor_varint(&c);
		n = cursor_varint(&c);
		if (c.broken || n > cursor_left(&c))
			break;
		*data = c.at;
		*size = (size_t)n;
		*at = c.at += n;
		*kind = number < WIRE_BYTES_KINDS ? (uint32_t)number : 0;
		if (*kind >= WIRE_BYTES_FIRST)
			return true;
	}
	return false;
}
