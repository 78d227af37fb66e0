// SPDX-License-Identifier: GPL-2.0-or-later
#include <isa-l/crc.h>
#include <sys/random.h>

#include "collector/history/frames/frame_log.h"

static const char magic[8] = "ktachlog";

struct head {
	char magic[8];
	uint64_t mark;
	uint64_t count;
	uint32_t zero;
	uint32_t check;
};

struct record {
	uint64_t mark;
	uint32_t check;
	struct kept_frame frame;
} __attribute__((packed));

_Static_assert(sizeof(struct head) == 32, "as above");
_Static_assert(sizeof(struct record) == 40, "as above");

static uint32_t sum(const void *data, size_t size)
{
	return crc32_iscsi((unsigned char *)data, (int)size, ~0U);
}

static uint32_t sum_head(const struct head *h)
{
	return sum(h, offsetof(struct head, check));
}

static uint32_t sum_record(const struct record *r)
{
	return sum(&r->frame, sizeof(r->frame) + r->frame.size);
}

int frame_log_begin(struct buffer *row)
{
	struct head h = { .count = 0 };

	memcpy(h.magic, magic, sizeof(h.magic));
	if (getrandom(&h.mark, sizeof(h.mark), 0) != sizeof(h.mark))
		return -EIO;
	row->used = 0;
	return buffer_put(row, &h, sizeof(h));
}

int frame_log_put(struct buffer *row, const struct kept_frame *f,
		  const void *payload)
{
	struct record *r;
	struct head *h;

	if (buffer_reserve(row, sizeof(*r) + f->size))
		return -ENOMEM;
	h = (struct head *)row->data;
	r = (struct record *)(row->data + row->used);
	r->mark = h->mark;
	r->frame = *f;
	if (f->size)
		memcpy(r + 1, payload, f->size);
	r->check = sum_record(r);
	row->used += sizeof(*r) + f->size;
	h->count++;
	return 0;
}

bool frame_log_empty(const struct buffer *row)
{
	return row->used <= sizeof(struct head);
}

int frame_log_finish(struct buffer *row)
{
	struct head *h = (struct head *)row->data, copy;

	h->check = sum_head(h);
	copy = *h;
	return buffer_put(row, &copy, sizeof(copy));
}

static bool is_head(const uint8_t *at, struct head *h)
{
	memcpy(h, at, sizeof(*h));
	return !memcmp(h->magic, magic, sizeof(magic)) &&
	       h->check == sum_head(h);
}

void frame_walk_begin(struct frame_walk *w, const void *data, size_t size)
{
	const uint8_t *begin = data;
	struct head h;

	*w = (struct frame_walk){ .at = begin, .end = begin + size };
	if (size < 2 * sizeof(h))
		return;
	w->marked = is_head(begin, &h) || is_head(begin + size - sizeof(h), &h);
	if (!w->marked)
		return;
	w->mark = h.mark;
	w->count = h.count;
	w->at += sizeof(h);
	w->end -= sizeof(h);
}

static const struct record *find_mark(struct frame_walk *w)
{
	size_t left = (size_t)(w->end - w->at);
	const uint8_t *at =
		left ? memmem(w->at, left, &w->mark, sizeof(w->mark)) : NULL;

	w->at = at ? at : w->end;
	if ((size_t)(w->end - w->at) < sizeof(struct record))
		return NULL;
	return (const struct record *)at;
}

const struct kept_frame *frame_walk_next(struct frame_walk *w)
{
	const struct kept_frame *f;
	const struct record *r;

	if (!w->marked) {
		f = frame_next(&w->at, w->end);
		w->found += f != NULL;
		return f;
	}
	while ((r = find_mark(w))) {
		size_t left = (size_t)(w->end - w->at) - sizeof(*r);

		if (r->frame.size <= left && r->check == sum_record(r)) {
			w->at += sizeof(*r) + r->frame.size;
			w->found++;
			return &r->frame;
		}
		w->at += sizeof(r->mark);
	}
	return NULL;
}

/* Without marks nothing tells how many frames there were; one at least. */
uint64_t frame_walk_missing(const struct frame_walk *w)
{
	if (!w->marked)
		return w->at != w->end || !w->found;
	return w->count > w->found ? w->count - w->found : 0;
}

int frame_log_mend(struct buffer *row, const void *data, size_t size)
{
	const struct kept_frame *f;
	struct frame_walk walk;
	int err = frame_log_begin(row);

	frame_walk_begin(&walk, data, size);
	while (!err && (f = frame_walk_next(&walk)))
		err = frame_log_put(row, f, f + 1);
	return err || frame_log_empty(row) ? err : frame_log_finish(row);
}
