// SPDX-License-Identifier: GPL-2.0-or-later
#include <isa-l/crc.h>

#include "collector/remote/remote.pb-c.h"
#include "collector/remote/stream.h"
#include "collector/remote/xor_chunk.h"

enum {
	FRAME_CHUNKS = 512, /* some 500 kB; a series may have several frames */
	FRAME_HEAD_MAX = 16,
};

/**
 * struct streaming - a frame under way; its memory is used again
 * @labels: of the series
 * @label_list: these
 * @chunks: of the series
 * @chunk_list: these
 * @data: of each chunk
 */
struct streaming {
	Remote__Label labels[REMOTE_LABELS_MAX];
	Remote__Label *label_list[REMOTE_LABELS_MAX];
	Remote__Chunk chunks[FRAME_CHUNKS];
	Remote__Chunk *chunk_list[FRAME_CHUNKS];
	struct buffer data[FRAME_CHUNKS];
};

static int put_frame(struct buffer *out, const Remote__ChunkedReadResponse *m)
{
	size_t size = remote__chunked_read_response__get_packed_size(m), left;
	uint8_t *data;
	uint32_t crc;

	if (buffer_reserve(out, FRAME_HEAD_MAX + size))
		return -ENOMEM;
	for (left = size; left >= 0x80; left >>= 7)
		out->data[out->used++] = (uint8_t)(left | 0x80);
	out->data[out->used++] = (uint8_t)left;
	data = out->data + out->used + 4;
	remote__chunked_read_response__pack(m, data);
	crc = ~crc32_iscsi(data, (int)size, ~0U);
	for (left = 0; left < 4; left++)
		out->data[out->used++] = (uint8_t)(crc >> (24 - 8 * left));
	out->used += size;
	return 0;
}

static int set_chunk(struct streaming *s, size_t n,
		     const struct found_sample *samples, size_t count)
{
	Remote__Chunk *c = &s->chunks[n];

	if (xor_chunk_write(&s->data[n], samples, count))
		return -ENOMEM;
	remote__chunk__init(c);
	c->min_time_ms = samples[0].time_ms;
	c->max_time_ms = samples[count - 1].time_ms;
	c->type = REMOTE__CHUNK__ENCODING__XOR;
	c->data = (ProtobufCBinaryData){ s->data[n].used, s->data[n].data };
	s->chunk_list[n] = c;
	return 0;
}

/* As many samples as one has room for; @done grows by them. */
static int put_part(struct streaming *s, const struct found_series *series,
		    size_t *done, size_t query, struct buffer *out)
{
	Remote__ChunkedReadResponse m = REMOTE__CHUNKED_READ_RESPONSE__INIT;
	Remote__ChunkedSeries one = REMOTE__CHUNKED_SERIES__INIT, *list = &one;
	size_t n, count;

	for (n = 0; n < FRAME_CHUNKS && *done < series->count; n++) {
		count = series->count - *done;
		if (count > XOR_CHUNK_SAMPLES)
			count = XOR_CHUNK_SAMPLES;
		if (set_chunk(s, n, series->samples + *done, count))
			return -ENOMEM;
		*done += count;
	}
	one.n_labels = found_labels(series, s->labels, s->label_list);
	one.labels = s->label_list;
	one.n_chunks = n;
	one.chunks = s->chunk_list;
	m.n_chunked_series = 1;
	m.chunked_series = &list;
	m.query_index = (int64_t)query;
	return put_frame(out, &m);
}

int remote_stream(const struct found *f, size_t query, struct buffer *out)
{
	struct streaming *s = calloc(1, sizeof(*s));
	size_t i, done;
	int err = s ? 0 : -ENOMEM;

	for (i = 0; !err && i < f->count; i++)
		for (done = 0; !err && done < f->list[i].count;)
			err = put_part(s, &f->list[i], &done, query, out);
	for (i = 0; s && i < FRAME_CHUNKS; i++)
		buffer_free(&s->data[i]);
	free(s);
	return err;
}
