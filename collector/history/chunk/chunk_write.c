// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <isa-l/crc.h>
#include <zstd.h>

#include "collector/history/chunk/chunk.h"
#include "collector/history/chunk/derive.h"
#include "lib/wire/pen.h"
#include "lib/wire/scale.h"
#include "lib/wire/wire_format.h"

enum {
	SECTION_BYTES = 8192, /* from which on it is packed by itself */
	/* Of a rollup with few samples an hour a question about a month reads one of many
	 * columns, of hundreds of chunks: the smaller its section, the better.
	 */
	FEW_SAMPLES = 16,
	FEW_BYTES = 512,
	ZSTD_LEVEL = 1,
	ZSTD_LEVEL_SMALLEST = 15,
	ZSTD_LEVEL_TRIED = 3, /* enough to tell what is smaller */
	STORED_MAX = 64, /* bytes that zstd would not make fewer, or hardly */
};

/* What is known of a section once it is packed. */
struct section {
	uint32_t columns;
	size_t bytes;
	size_t packed;
};

struct chunk_writer {
	struct buffer out;
	struct buffer plain; /* of a section */
	struct buffer packed; /* sections of a table */
	struct buffer sections; /* struct section of a table */
	struct buffer scratch;
	struct buffer base; /* heads of the last table that has its own */
	struct buffer tried; /* a column, otherwise */
	struct buffer left; /* of derived columns, one after the other */
	struct derive derives[DERIVE_MAX];
	size_t derive_count;
	enum column_effort effort;
	ZSTD_CCtx *zstd;
};

static ZSTD_CCtx *make_zstd(void)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (!zstd)
		return NULL;
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_contentSizeFlag, 0);
	return zstd;
}

struct chunk_writer *chunk_writer_new(void)
{
	struct chunk_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->zstd = make_zstd();
	if (w->zstd)
		return w;
	free(w);
	return NULL;
}

static void free_memory(struct chunk_writer *w)
{
	ZSTD_freeCCtx(w->zstd);
	w->zstd = NULL;
	buffer_free(&w->out);
	buffer_free(&w->plain);
	buffer_free(&w->packed);
	buffer_free(&w->sections);
	buffer_free(&w->scratch);
	buffer_free(&w->base);
	buffer_free(&w->left);
	buffer_free(&w->tried);
}

void chunk_writer_shrink(struct chunk_writer *w)
{
	free_memory(w);
}

void chunk_writer_free(struct chunk_writer *w)
{
	if (!w)
		return;
	free_memory(w);
	free(w);
}

int chunk_begin(struct chunk_writer *w, enum column_effort effort)
{
	const bool smallest = effort == COLUMN_SMALLEST;
	const uint8_t head[CHUNK_HEAD_SIZE] = { smallest ? CHUNK_VERSION_AGAIN :
							   CHUNK_VERSION };

	if (!w->zstd)
		w->zstd = make_zstd();
	if (w->zstd)
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel,
				       smallest ? ZSTD_LEVEL_SMALLEST :
						  ZSTD_LEVEL);
	w->out.used = 0;
	w->base.used = 0;
	w->effort = effort;
	return w->zstd ? buffer_put(&w->out, head, sizeof(head)) : -ENOMEM;
}

bool chunk_empty(const struct chunk_writer *w)
{
	return w->out.used == CHUNK_HEAD_SIZE;
}

/* Pack what is in @plain. */
static int pack(struct chunk_writer *w, uint32_t columns)
{
	struct section s = { .columns = columns, .bytes = w->plain.used };
	size_t room = ZSTD_compressBound(s.bytes);

	if (buffer_reserve(&w->packed, room))
		return -ENOMEM;
	s.packed = s.bytes;
	if (s.bytes > STORED_MAX)
		s.packed = ZSTD_compress2(w->zstd,
					  w->packed.data + w->packed.used, room,
					  w->plain.data, s.bytes);
	if (ZSTD_isError(s.packed))
		return -ENOMEM;
	if (s.packed >= s.bytes) {
		s.packed = s.bytes;
		if (s.bytes)
			memcpy(w->packed.data + w->packed.used, w->plain.data,
			       s.bytes);
	}
	w->packed.used += s.packed;
	w->plain.used = 0;
	return buffer_put(&w->sections, &s, sizeof(s));
}

/* The first value of a row that is not in the sample after the one before. */
static size_t run_end(const struct block *b, size_t row, size_t i)
{
	size_t end = b->first[row + 1];

	for (i++; i < end && b->at[i] == b->at[i - 1] + 1; i++)
		;
	return i;
}

static uint32_t count_runs(const struct block *b, size_t row)
{
	size_t i = b->first[row];
	uint32_t runs = 0;

	for (; i < b->first[row + 1]; i = run_end(b, row, i))
		runs++;
	return runs;
}

/* Rows come one after the other, as their keys do: so does where they begin. */
static void pen_runs(struct pen *pen, const struct block *b, size_t row,
		     uint32_t *began)
{
	size_t i = b->first[row], end;
	uint32_t last = 0;

	for (; i < b->first[row + 1]; i = end) {
		end = run_end(b, row, i);
		if (i == b->first[row]) {
			pen_varint(pen, zigzag((uint64_t)b->at[i] - *began));
			*began = b->at[i];
		} else {
			pen_varint(pen, b->at[i] - last - 2);
		}
		pen_varint(pen, end - i - 1);
		last = b->at[end - 1];
	}
}

/* First how many runs each row has, then the runs of all. */
static int put_presence(struct buffer *out, const struct block *b)
{
	struct pen pen = { .room = 0 };
	size_t row, runs = 0;
	uint32_t began = 0;

	if (b->full)
		return 0;
	for (row = 0; row < b->rows; row++)
		runs += count_runs(b, row);
	pen.room = (b->rows + 2 * runs) * VARINT_MAX;
	if (buffer_reserve(out, pen.room))
		return -ENOMEM;
	pen.data = out->data + out->used;
	for (row = 0; row < b->rows; row++)
		pen_varint(&pen, count_runs(b, row));
	for (row = 0; row < b->rows; row++)
		pen_runs(&pen, b, row, &began);
	out->used += pen.used;
	return 0;
}

/* A member of the heads as a column of one row. @clock: those of mono_ns. */
static int put_member(struct chunk_writer *w, const struct block *b,
		      size_t member, uint64_t *values, const uint64_t *clock)
{
	struct column c = {
		.rows = 1, .count = b->samples, .cells = values, .clock = clock
	};
	size_t i;

	for (i = 0; i < b->samples; i++)
		values[i] = ((const uint64_t *)&b->heads[i])[member];
	return column_put(&w->plain, &c, w->effort, &w->scratch);
}

_Static_assert(sizeof(struct block_head) == 5 * sizeof(uint64_t), "members");

/* But for the origin: tables of one sample come from several sources. Of few samples it
 * would cost a question more than it saves.
 */
static bool is_same_heads(const struct chunk_writer *w, const struct block *b)
{
	const struct block_head *a = (const struct block_head *)w->base.data;
	size_t i;

	if (b->samples <= FEW_SAMPLES ||
	    w->base.used != b->samples * sizeof(*a))
		return false;
	for (i = 0; i < b->samples; i++, a++)
		if (a->mono_ns != b->heads[i].mono_ns ||
		    a->real_ns != b->heads[i].real_ns ||
		    a->sample != b->heads[i].sample ||
		    a->lost != b->heads[i].lost)
			return false;
	return true;
}

/* mono_ns goes first, as the others are guessed by it. */
static int put_heads(struct chunk_writer *w, const struct block *b, bool same,
		     uint64_t *clock)
{
	uint64_t *values = calloc(b->samples + 1, sizeof(*values));
	int err = values ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < b->samples; i++)
		clock[i] = b->heads[i].mono_ns;
	if (!err && !same)
		err = put_member(w, b, 1, clock, values);
	if (!err && !same)
		err = put_member(w, b, 0, values, clock);
	if (!err && !same)
		err = put_member(w, b, 2, values, clock);
	if (!err && !same)
		err = put_member(w, b, 3, values, clock);
	if (!err && !same) {
		w->base.used = 0;
		err = buffer_put(&w->base, b->heads,
				 b->samples * sizeof(*b->heads));
	}
	if (!err)
		err = put_member(w, b, 4, values, clock);
	free(values);
	return err;
}

static int put_keys(struct chunk_writer *w, const struct block *b)
{
	struct column c = { .rows = b->rows,
			    .count = b->rows,
			    .cells = b->keys,
			    .clock = &(uint64_t){ 0 } };

	return column_put(&w->plain, &c, w->effort, &w->scratch);
}

static int put_first(struct chunk_writer *w, const struct block *b, bool same,
		     uint64_t *clock)
{
	int err = put_heads(w, b, same, clock);

	if (!err)
		err = put_keys(w, b);
	if (!err)
		err = buffer_put(&w->plain, b->words.data, b->words.used);
	if (!err)
		err = put_presence(&w->plain, b);
	return err ? err : pack(w, 0);
}

/* Whether the columns before this one are a section. Those that are read together are in one. */
static bool is_section(const struct chunk_writer *w, const struct block *b,
		       uint32_t column, size_t enough)
{
	return column == b->columns ||
	       (w->plain.used >= enough && (!b->group || !(column % b->group)));
}

static struct column column_of(const struct block *b, uint64_t *cells,
			       const uint64_t *clock)
{
	return (struct column){ .rows = b->rows,
				.first = b->first,
				.count = b->count,
				.at = b->full ? NULL : b->at,
				.cells = cells,
				.clock = clock };
}

/* What all steps of a column are multiples of. @steps: scratch. */
static uint64_t unit_of(const struct block *b, uint32_t column, uint64_t *steps)
{
	const uint64_t *cells = block_column(b, column);
	size_t row, i, n = 0;

	for (row = 0; row < b->rows; row++)
		for (i = b->first[row] + 1; i < b->first[row + 1]; i++)
			steps[n++] = cells[i] - cells[i - 1];
	return scale_of(steps, n);
}

/* Keep what is left of a column, if that is less than all of it. */
static void try_derive(struct chunk_writer *w, const struct block *b,
		       struct derive *d, const uint64_t *clock)
{
	uint64_t *cells = block_column(b, d->column);
	uint64_t *left = (uint64_t *)(w->left.data + w->left.used);
	const struct column whole = column_of(b, cells, clock),
			    rest = column_of(b, left, clock);
	size_t i;

	if (d->how == DERIVE_REST)
		d->unit = unit_of(b, d->column, left);
	derive_expect(d, b, 0, clock, left);
	for (i = 0; i < b->count; i++)
		left[i] = cells[i] - left[i];
	if (column_bits(&rest, &w->scratch) >= column_bits(&whole, &w->scratch))
		return;
	w->left.used += b->count * sizeof(*left);
	w->derives[w->derive_count++] = *d;
}

/* Of columns of samples, where that is worth an effort. */
static int derive_columns(struct chunk_writer *w, const struct block *b,
			  const uint64_t *clock)
{
	struct derive found[DERIVE_MAX];
	size_t n, i;

	w->left.used = 0;
	w->derive_count = 0;
	if (b->group || !b->count || w->effort == COLUMN_QUICK)
		return 0;
	n = derive_find(b, found);
	if (buffer_reserve(&w->left, n * b->count * sizeof(uint64_t)))
		return -ENOMEM;
	for (i = 0; i < n; i++)
		try_derive(w, b, &found[i], clock);
	return 0;
}

/* Where a column's values are, or what is left of them. */
static uint64_t *cells_of(const struct chunk_writer *w, const struct block *b,
			  uint32_t column)
{
	size_t i;

	for (i = 0; i < w->derive_count; i++)
		if (w->derives[i].column == column)
			return (uint64_t *)w->left.data + i * b->count;
	return block_column(b, column);
}

/* Bytes, about. */
static size_t packed_size(struct chunk_writer *w, const void *data, size_t size)
{
	size_t room = ZSTD_compressBound(size), packed;

	if (buffer_reserve(&w->packed, room))
		return size;
	packed = ZSTD_compressCCtx(w->zstd, w->packed.data + w->packed.used,
				   room, data, size, ZSTD_LEVEL_TRIED);
	return ZSTD_isError(packed) ? size : packed;
}

/* As a whole or row by row, what takes less, where that is worth an effort. */
static int put_column(struct chunk_writer *w, const struct column *c)
{
	size_t begin = w->plain.used, size;
	int err = column_put(&w->plain, c, w->effort, &w->scratch);

	if (err || w->effort < COLUMN_SMALLEST || c->rows < 2)
		return err;
	w->tried.used = 0;
	err = column_put_rows(&w->tried, c, w->effort, &w->scratch);
	size = w->plain.used - begin;
	if (err || packed_size(w, w->tried.data, w->tried.used) >=
			   packed_size(w, w->plain.data + begin, size))
		return err;
	w->plain.used = begin;
	return buffer_put(&w->plain, w->tried.data, w->tried.used);
}

static int put_columns(struct chunk_writer *w, const struct block *b,
		       const uint64_t *clock)
{
	size_t enough = b->group && b->samples <= FEW_SAMPLES ? FEW_BYTES :
								SECTION_BYTES;
	uint32_t i, columns = 0;
	int err = 0;

	for (i = 0; !err && i < b->columns; i++) {
		struct column c = column_of(b, cells_of(w, b, i), clock);

		if (b->group && i % b->group)
			c.like = block_column(b, i - 1);
		err = put_column(w, &c);
		columns++;
		if (err || !is_section(w, b, i + 1, enough))
			continue;
		err = pack(w, columns);
		columns = 0;
	}
	return err;
}

static void put_derives(struct pen *pen, const struct chunk_writer *w)
{
	size_t i;
	uint32_t other;

	pen_varint(pen, w->derive_count);
	for (i = 0; i < w->derive_count; i++) {
		const struct derive *d = &w->derives[i];

		pen_varint(pen, d->column);
		pen_varint(pen, d->how);
		pen_varint(pen, d->unit);
		pen_varint(pen, d->count);
		for (other = 0; other < d->count; other++)
			pen_varint(pen, d->of[other]);
	}
}

static int put_table_head(struct chunk_writer *w, const struct block *b,
			  bool same)
{
	const struct section *s = (struct section *)w->sections.data;
	size_t n = w->sections.used / sizeof(*s), i;
	struct pen pen = { .room = (8 + 3 * n) * VARINT_MAX };

	pen.room += w->derive_count * (4 + DERIVE_OF_MAX) * VARINT_MAX;

	if (buffer_reserve(&w->out, pen.room))
		return -ENOMEM;
	pen.data = w->out.data + w->out.used;
	pen_varint(&pen, b->kind);
	pen_varint(&pen, b->columns);
	pen_varint(&pen, b->texts);
	pen_varint(&pen, b->samples);
	pen_varint(&pen, b->rows);
	pen_byte(&pen, (b->full ? CHUNK_FULL : CHUNK_RUNS) |
			       (same ? CHUNK_SAME_HEADS : 0) |
			       (w->derive_count ? CHUNK_DERIVES : 0));
	pen_varint(&pen, n);
	for (i = 0; i < n; i++) {
		pen_varint(&pen, s[i].columns);
		pen_varint(&pen, s[i].bytes);
		pen_varint(&pen, s[i].packed);
	}
	if (w->derive_count)
		put_derives(&pen, w);
	w->out.used += pen.used;
	return 0;
}

int chunk_put(struct chunk_writer *w, const struct block *b)
{
	bool same = is_same_heads(w, b);
	uint64_t *clock;
	int err;

	/* What could not be read again is not written. */
	if (b->samples > CHUNK_SAMPLES_MAX || b->rows > CHUNK_ROWS_MAX ||
	    b->count > CHUNK_CELLS_MAX / (b->columns + 1))
		return -E2BIG;
	clock = calloc(b->samples + 1, sizeof(*clock));
	err = clock ? 0 : -ENOMEM;
	w->plain.used = 0;
	w->packed.used = 0;
	w->sections.used = 0;
	if (!err)
		err = put_first(w, b, same, clock);
	if (!err)
		err = derive_columns(w, b, clock);
	if (!err)
		err = put_columns(w, b, clock);
	free(clock);
	if (!err)
		err = put_table_head(w, b, same);
	return err ? err : buffer_put(&w->out, w->packed.data, w->packed.used);
}

const void *chunk_finish(struct chunk_writer *w, size_t *size)
{
	uint32_t crc =
		htole32(crc32_iscsi(w->out.data + CHUNK_HEAD_SIZE,
				    (int)w->out.used - CHUNK_HEAD_SIZE, ~0U));

	memcpy(w->out.data + 1, &crc, sizeof(crc));
	*size = w->out.used;
	return w->out.data;
}
