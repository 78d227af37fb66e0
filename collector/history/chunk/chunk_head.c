// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/chunk_head.h"
#include "lib/wire/wire_format.h"

enum {
	SECTION_MAX = 1 << 30, /* bytes, unpacked */
};

static void read_sections(struct cursor *in, struct head *h)
{
	uint32_t columns = 0;
	size_t i;

	h->sections = cursor_bounded(in, SECTIONS_MAX);
	for (i = 0; i < h->sections; i++) {
		struct section *s = &h->section[i];

		s->columns = cursor_bounded(in, CHUNK_COLUMNS_MAX);
		s->bytes = cursor_bounded(in, SECTION_MAX);
		s->packed = cursor_bounded(in, SECTION_MAX);
		columns += s->columns;
	}
	if (!h->sections || columns != h->columns || h->section[0].columns)
		in->broken = true;
}

/* Of runs it is known only later how many values there are. */
static bool too_large(const struct head *h)
{
	return h->presence != CHUNK_RUNS &&
	       (uint64_t)h->samples * h->rows * (h->columns + 1) >
		       CHUNK_CELLS_MAX;
}

static bool is_derived(const struct head *h, uint32_t column)
{
	size_t i;

	for (i = 0; i < h->derive_count; i++)
		if (h->derives[i].column == column)
			return true;
	return false;
}

/* The others are as they are, or there would be no end of it. */
static bool are_plain(const struct head *h)
{
	uint32_t other;
	size_t i;

	for (i = 0; i < h->derive_count; i++)
		for (other = 0; other < h->derives[i].count; other++)
			if (is_derived(h, h->derives[i].of[other]))
				return false;
	return true;
}

static void read_derive(struct cursor *in, const struct head *h,
			struct derive *d)
{
	uint32_t other;

	d->column = cursor_bounded(in, h->columns - 1);
	d->how = cursor_bounded(in, DERIVE_HOWS - 1);
	d->unit = cursor_varint(in);
	d->count = cursor_bounded(in, DERIVE_OF_MAX);
	for (other = 0; other < d->count; other++)
		d->of[other] = cursor_bounded(in, h->columns - 1);
	if (!d->unit || !d->count)
		in->broken = true;
}

static void read_derives(struct cursor *in, struct head *h)
{
	size_t n = cursor_bounded(in, DERIVE_MAX);

	h->derive_count = 0;
	if (!h->columns)
		in->broken = true;
	for (; h->derive_count < n && !in->broken; h->derive_count++) {
		struct derive d;

		read_derive(in, h, &d);
		if (is_derived(h, d.column))
			in->broken = true;
		h->derives[h->derive_count] = d;
	}
	if (!are_plain(h))
		in->broken = true;
}

bool chunk_read_head(struct cursor *in, uint8_t version, struct head *h)
{
	uint8_t presence, flags = 0;

	h->kind = cursor_bounded(in, UINT32_MAX);
	h->columns = cursor_bounded(in, CHUNK_COLUMNS_MAX);
	h->texts = cursor_bounded(in, WIRE_TEXTS_MAX);
	h->samples = cursor_bounded(in, CHUNK_SAMPLES_MAX);
	h->rows = cursor_bounded(in, CHUNK_ROWS_MAX);
	presence = cursor_byte(in);
	if (version > CHUNK_VERSION_PACKED)
		flags = presence & (CHUNK_SAME_HEADS | CHUNK_DERIVES);
	h->same_heads = flags & CHUNK_SAME_HEADS;
	h->presence = presence & ~flags;
	h->derive_count = 0;
	read_sections(in, h);
	if (flags & CHUNK_DERIVES)
		read_derives(in, h);
	if (h->presence >= CHUNK_PRESENCES || too_large(h))
		in->broken = true;
	return !in->broken;
}
