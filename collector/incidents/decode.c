// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/incidents/decode.h"
#include "lib/wire/wire_bytes.h"

enum {
	FIRST_TABLES = 256,
};

/* --- frames ------------------------------------------------------------------- */

struct frames {
	const uint8_t *data;
	size_t size;
	size_t at;
	size_t damaged;
	bool skipped;
};

/* The next whole frame; others, and holes, are passed over, until too much was looked at
 * in vain: each byte could be taken for the begin of a frame that has to be checked.
 */
static bool next_frame(struct frames *f, struct wire_frame *frame)
{
	while (f->at < f->size && f->damaged <= DECODE_DAMAGED_MAX) {
		const uint8_t *from = f->data + f->at;
		size_t left = f->size - f->at, size = 0;
		const uint8_t *next;

		if (!wire_size(from, left, &size) && size <= left &&
		    !wire_open(frame, from, size) &&
		    frame->kind == WIRE_SAMPLES) {
			f->at += size;
			return true;
		}
		f->skipped = true;
		f->damaged += size <= left ? size : 0;
		next = memchr(from + 1, WIRE_MAGIC[0], left - 1);
		f->at = next ? (size_t)(next - f->data) : f->size;
	}
	return false;
}

static bool find_head(struct incident_head *head,
		      const struct wire_frame *frame)
{
	const uint8_t *at = frame->at, *data;
	uint32_t kind;
	size_t size;

	while (wire_next_bytes(&at, frame->end, &kind, &data, &size))
		if (kind == WIRE_INCIDENT_HEAD)
			return incident_get_head(head, data, size);
	return false;
}

bool decode_head(struct incident_head *head, const void *data, size_t size)
{
	struct frames f = { .data = data, .size = size };
	struct wire_frame frame;

	while (next_frame(&f, &frame))
		if (find_head(head, &frame))
			return true;
	return false;
}

/* --- buckets ------------------------------------------------------------------ */

static int keep_buckets(struct decoded *d, const struct incident_buckets *b)
{
	size_t room = (size_t)b->count * INCIDENT_WAYS;
	struct incident_buckets *all = realloc(
		d->buckets, (d->bucket_count + 1) * sizeof(*d->buckets));
	uint32_t *numbers = malloc((room + 1) * sizeof(*numbers));
	int way;

	if (all)
		d->buckets = all;
	if (!all || !numbers) {
		free(numbers);
		return -ENOMEM;
	}
	d->buckets[d->bucket_count] = *b;
	for (way = 0; way < INCIDENT_WAYS; way++) {
		uint32_t *to = numbers + (size_t)way * b->count;

		memcpy(to, b->bytes[way], b->count * sizeof(*to));
		d->buckets[d->bucket_count].bytes[way] = to;
	}
	d->bucket_count++;
	d->numbers += room;
	return 0;
}

static int take_buckets(struct decoded *d, const uint8_t *data, size_t size)
{
	uint32_t *memory = malloc((size_t)INCIDENT_WAYS * INCIDENT_BUCKETS_MAX *
				  sizeof(*memory));
	struct incident_buckets b;
	int err = memory ? 0 : -ENOMEM;

	if (memory && (!incident_get_buckets(&b, data, size, memory) ||
		       d->numbers + (size_t)b.count * INCIDENT_WAYS >
			       DECODE_BUCKETS_MAX ||
		       d->bucket_count >= DECODE_TABLES_MAX))
		d->cut = true;
	else if (memory)
		err = keep_buckets(d, &b);
	free(memory);
	return err;
}

static int take_bytes(struct decoded *d, const struct wire_frame *frame)
{
	const uint8_t *at = frame->at, *data;
	uint32_t kind;
	size_t size;
	int err = 0;

	while (!err && wire_next_bytes(&at, frame->end, &kind, &data, &size)) {
		if (kind == WIRE_INCIDENT_BUCKETS)
			err = take_buckets(d, data, size);
		else if (kind == WIRE_INCIDENT_HEAD && !d->has_head)
			d->has_head = incident_get_head(&d->head, data, size);
	}
	return err;
}

/* --- tables ------------------------------------------------------------------- */

static size_t text_bytes(const struct wire_table *t)
{
	size_t i, n = (size_t)t->rows * t->texts, bytes = 0;

	for (i = 0; i < n; i++)
		bytes += t->text[i].size;
	return bytes;
}

static int compare_rows(const void *a, const void *b)
{
	const uint64_t *x = *(const uint64_t *const *)a;
	const uint64_t *y = *(const uint64_t *const *)b;

	if (*x != *y)
		return *x < *y ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Rows in the order of their keys. NULL: no memory. */
static const uint64_t **order_rows(const struct wire_table *t)
{
	const uint64_t **rows = malloc((t->rows + 1) * sizeof(*rows));
	bool ordered = true;
	uint32_t i;

	for (i = 0; rows && i < t->rows; i++) {
		rows[i] = t->cells + (size_t)i * t->columns;
		ordered = ordered && (!i || *rows[i - 1] <= *rows[i]);
	}
	if (rows && !ordered)
		qsort(rows, t->rows, sizeof(*rows), compare_rows);
	return rows;
}

/* Cells, texts and their bytes in one piece, which is freed by its cells. */
static bool copy_table(struct wire_table *to, const struct wire_table *from)
{
	size_t row_size = from->columns * sizeof(uint64_t);
	size_t cells = from->rows * row_size;
	size_t i, j, n = (size_t)from->rows * from->texts;
	const uint64_t **rows = order_rows(from);
	uint8_t *memory = malloc(cells + n * sizeof(struct wire_text) +
				 text_bytes(from) + 1);
	struct wire_text *text = (struct wire_text *)(memory + cells);
	char *bytes = (char *)(text + n);

	if (!memory || !rows) {
		free(memory);
		free(rows);
		return false;
	}
	*to = *from;
	to->cells = (const uint64_t *)memory;
	to->text = n ? text : NULL;
	for (i = 0; i < from->rows; i++) {
		const struct wire_text *told = from->text;

		memcpy(memory + i * row_size, rows[i], row_size);
		if (n)
			told += (size_t)(rows[i] - from->cells) /
				from->columns * from->texts;
		for (j = 0; j < from->texts; j++, text++, told++) {
			*text = (struct wire_text){ bytes, told->size };
			memcpy(bytes, told->data, told->size);
			bytes += told->size;
		}
	}
	free(rows);
	return true;
}

static int keep_table(struct decoded *d, const struct wire_table *t)
{
	size_t count = d->table_count;

	if (count >= FIRST_TABLES && !(count & (count - 1))) {
		struct wire_table *more =
			realloc(d->tables, 2 * count * sizeof(*more));

		if (!more)
			return -ENOMEM;
		d->tables = more;
	}
	if (!copy_table(&d->tables[count], t))
		return -ENOMEM;
	d->table_count++;
	d->cells += (size_t)t->rows * t->columns;
	return 0;
}

static int take_tables(struct decoded *d, struct wire_frame *frame,
		       const struct wire_room *room)
{
	struct wire_table t;
	int ret;

	if (d->cells + wire_cells(frame) > DECODE_CELLS_MAX) {
		d->cut = true;
		return 0;
	}
	while ((ret = wire_next(frame, &t, room)) == 1) {
		int err;

		if (d->table_count >= DECODE_TABLES_MAX) {
			d->cut = true;
			return 0;
		}
		err = keep_table(d, &t);
		if (err)
			return err;
	}
	d->cut = d->cut || ret;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct wire_table *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->mono_ns != y->mono_ns)
		return x->mono_ns < y->mono_ns ? -1 : 1;
	return 0;
}

static int take_frames(struct decoded *d, struct frames *f,
		       const struct wire_room *room)
{
	struct wire_frame frame;
	bool any = false;
	int err = 0;

	while (!err && next_frame(f, &frame)) {
		any = true;
		err = take_bytes(d, &frame);
		if (!err)
			err = take_tables(d, &frame, room);
	}
	return err || any ? err : -EPROTO;
}

int decode_incident(struct decoded *d, const void *data, size_t size)
{
	struct frames f = { .data = data, .size = size };
	struct wire_room room;
	int err;

	*d = (struct decoded){ 0 };
	if (wire_room_open(&room))
		return -ENOMEM;
	d->tables = malloc(FIRST_TABLES * sizeof(*d->tables));
	err = d->tables ? take_frames(d, &f, &room) : -ENOMEM;
	wire_room_close(&room);
	d->cut = d->cut || f.skipped || d->head.flags & INCIDENT_CUT;
	if (err)
		decode_free(d);
	else
		qsort(d->tables, d->table_count, sizeof(*d->tables), compare);
	return err;
}

void decode_free(struct decoded *d)
{
	size_t i;

	for (i = 0; i < d->bucket_count; i++)
		free(d->buckets[i].bytes[0]);
	for (i = 0; i < d->table_count; i++)
		free((void *)d->tables[i].cells);
	free(d->buckets);
	free(d->tables);
	*d = (struct decoded){ 0 };
}

/* --- samples ------------------------------------------------------------------ */

void decoded_begin(struct decoded_samples *s, const struct decoded *d,
		   uint32_t kind)
{
	*s = (struct decoded_samples){ .d = d, .kind = kind };
	while (s->end < d->table_count && d->tables[s->end].kind < kind)
		s->end++;
	s->at = s->end;
}

bool decoded_next(struct decoded_samples *s)
{
	const struct decoded *d = s->d;

	s->at = s->end;
	if (s->at == d->table_count || d->tables[s->at].kind != s->kind)
		return false;
	while (s->end < d->table_count && d->tables[s->end].kind == s->kind &&
	       d->tables[s->end].mono_ns == d->tables[s->at].mono_ns)
		s->end++;
	return true;
}

bool decoded_next_with(struct decoded_samples *s, uint64_t key)
{
	while (decoded_next(s))
		if (decoded_row(s, key, NULL))
			return true;
	return false;
}

uint64_t decoded_mono_ns(const struct decoded_samples *s)
{
	return s->d->tables[s->at].mono_ns;
}

static const uint64_t *find_row(const struct wire_table *t, uint64_t key,
				const struct wire_text **text)
{
	uint32_t from = 0, to = t->rows, i;
	const uint64_t *row;

	while (from < to) {
		i = from + (to - from) / 2;
		if (t->cells[(size_t)i * t->columns] < key)
			from = i + 1;
		else
			to = i;
	}
	row = t->cells + (size_t)from * t->columns;
	if (from == t->rows || *row != key)
		return NULL;
	if (text)
		*text = t->text ? t->text + (size_t)from * t->texts : NULL;
	return row;
}

/* Behind the last table of a sample in which a row is looked for. */
static size_t end_of_parts(const struct decoded_samples *s)
{
	return s->end - s->at > DECODE_PARTS_MAX ? s->at + DECODE_PARTS_MAX :
						   s->end;
}

const uint64_t *decoded_row(const struct decoded_samples *s, uint64_t key,
			    const struct wire_text **text)
{
	const uint64_t *row = NULL;
	size_t i, end = end_of_parts(s);

	for (i = s->at; i < end && !row; i++)
		row = find_row(&s->d->tables[i], key, text);
	return row;
}

uint64_t decoded_value(const struct decoded_samples *s, uint64_t key,
		       uint32_t column)
{
	const uint64_t *row = NULL;
	size_t i, end = end_of_parts(s);

	for (i = s->at; i < end && !row; i++)
		if (column < s->d->tables[i].columns)
			row = find_row(&s->d->tables[i], key, NULL);
	return row ? row[column] : WIRE_ABSENT;
}

double decoded_ms(const struct decoded *d, uint64_t mono_ns)
{
	return (double)(int64_t)(mono_ns - d->head.mono_ns) / 1e6;
}
