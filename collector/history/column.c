// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/column.h"
#include "lib/pen.h"
#include "lib/scale.h"
#include "lib/wire_format.h"

enum {
	TRIAL_VALUES = 4096, /* that the guess is chosen by */
};

/* What the guess of a row's next value is made of. */
struct state {
	enum column_guess guess;
	uint64_t first;
	uint64_t last;
	uint64_t step;
	uint64_t clock;
};

static size_t row_begin(const struct column *c, size_t row)
{
	return c->first ? c->first[row] : c->count / c->rows * row;
}

static size_t row_end(const struct column *c, size_t row)
{
	return row_begin(c, row + 1);
}

/* The clock of a row's value; @begin is the row's. */
static inline uint64_t clock_of(const struct column *c, size_t begin, size_t i)
{
	return c->clock[c->at ? c->at[i] : i - begin];
}

static void begin(struct state *s, enum column_guess guess, uint64_t first,
		  uint64_t clock)
{
	*s = (struct state){ guess, first, first, 0, clock };
}

static inline uint64_t expected(const struct state *s, uint64_t clock)
{
	switch (s->guess) {
	case COLUMN_STEADY:
		return s->last + s->step;
	case COLUMN_CLOCK:
		return s->last + (clock - s->clock);
	case COLUMN_BASE:
		return s->first;
	default:
		return s->last;
	}
}

static inline void advance(struct state *s, uint64_t value, uint64_t clock)
{
	s->step = value - s->last;
	s->last = value;
	s->clock = clock;
}

/* The differences of a row but the first; return how many. */
static size_t row_steps(const struct column *c, size_t row,
			enum column_guess guess, uint64_t *out)
{
	size_t first = row_begin(c, row), end = row_end(c, row), i = first;
	struct state s;

	if (i == end)
		return 0;
	begin(&s, guess, c->cells[i], clock_of(c, first, i));
	for (i++; i < end; i++) {
		uint64_t clock = clock_of(c, first, i);

		*out++ = c->cells[i] - expected(&s, clock);
		advance(&s, c->cells[i], clock);
	}
	return end - first - 1;
}

static unsigned int bits(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

/* Bits that the first values would take. */
static uint64_t cost(const struct column *c, enum column_guess guess,
		     uint64_t *steps)
{
	uint64_t sum = 0, seen = 0;
	size_t row, n, i;

	for (row = 0; row < c->rows && seen < TRIAL_VALUES; row++) {
		n = row_steps(c, row, guess, steps);
		for (i = 0; i < n; i++)
			sum += bits(zigzag(steps[i]));
		seen += n;
	}
	return sum;
}

/* A scale saves bits of those that count in ticks: the guess must keep it. */
static enum column_guess choose(const struct column *c, uint64_t *steps)
{
	enum column_guess best = COLUMN_SAME, guess;
	uint64_t least = UINT64_MAX;

	for (guess = 0; guess < COLUMN_GUESSES; guess++) {
		uint64_t sum = cost(c, guess, steps);

		if (sum < least) {
			least = sum;
			best = guess;
		}
	}
	return best;
}

static int put_firsts(struct buffer *out, const struct column *c)
{
	struct pen pen = { .room = c->rows * VARINT_MAX };
	uint64_t last = 0;
	size_t row, i;

	if (buffer_reserve(out, pen.room))
		return -ENOMEM;
	pen.data = out->data + out->used;
	for (row = 0; row < c->rows; row++) {
		i = row_begin(c, row);
		if (i == row_end(c, row))
			continue;
		pen_varint(&pen, zigzag(c->cells[i] - last));
		last = c->cells[i];
	}
	out->used += pen.used;
	return 0;
}

static int put_planes(struct buffer *out, const uint64_t *steps, size_t n,
		      unsigned int width)
{
	unsigned int plane;
	uint8_t *at;
	size_t i;

	if (buffer_reserve(out, n * width))
		return -ENOMEM;
	at = out->data + out->used;
	for (plane = 0; plane < width; plane++)
		for (i = 0; i < n; i++)
			*at++ = (uint8_t)(steps[i] >> 8 * plane);
	out->used += n * width;
	return 0;
}

static int put_head(struct buffer *out, enum column_guess guess,
		    unsigned int width, uint64_t scale)
{
	uint8_t head[2 + VARINT_MAX] = { (uint8_t)guess, (uint8_t)width };
	struct pen pen = { head, sizeof(head), 2 };

	pen_varint(&pen, scale);
	return buffer_put(out, head, pen.used);
}

int column_put(struct buffer *out, const struct column *c,
	       struct buffer *scratch)
{
	uint64_t *steps, scale, all = 0;
	enum column_guess guess;
	size_t row, n = 0, i;
	unsigned int width;

	scratch->used = 0;
	if (buffer_reserve(scratch, (c->count + 1) * sizeof(*steps)))
		return -ENOMEM;
	steps = (uint64_t *)scratch->data;
	guess = choose(c, steps);
	for (row = 0; row < c->rows; row++)
		n += row_steps(c, row, guess, steps + n);
	scale = scale_of(steps, n);
	if (scale > 1)
		scale_down(steps, n, scale);
	for (i = 0; i < n; i++) {
		steps[i] = zigzag(steps[i]);
		all |= steps[i];
	}
	width = (bits(all) + 7) / 8;
	if (put_head(out, guess, width, scale) || put_firsts(out, c))
		return -ENOMEM;
	return put_planes(out, steps, n, width);
}

/* Where the planes are, and how they are read. */
struct planes {
	const uint8_t *at;
	size_t count; /* bytes a plane */
	unsigned int width;
	uint64_t scale;
};

static inline uint64_t step(const struct planes *p, size_t index)
{
	uint64_t v = 0;
	unsigned int plane;

	for (plane = 0; plane < p->width; plane++)
		v |= (uint64_t)p->at[plane * p->count + index] << 8 * plane;
	return unzigzag(v) * p->scale;
}

/* All values but the first of each row. */
static size_t count_steps(const struct column *c)
{
	size_t n = c->count, row;

	for (row = 0; row < c->rows; row++)
		n -= row_begin(c, row) < row_end(c, row);
	return n;
}

/* The first value of each row, where it belongs. */
static void get_firsts(struct cursor *in, const struct column *c)
{
	uint64_t last = 0;
	size_t row, i;

	for (row = 0; row < c->rows && !in->broken; row++) {
		i = row_begin(c, row);
		if (i == row_end(c, row))
			continue;
		last += unzigzag(cursor_varint(in));
		if (c->cells)
			c->cells[i] = last;
	}
}

static size_t get_row(const struct column *c, size_t row,
		      enum column_guess guess, const struct planes *p,
		      size_t index)
{
	size_t first = row_begin(c, row), end = row_end(c, row), i = first;
	struct state s;

	if (i == end)
		return index;
	begin(&s, guess, c->cells[i], clock_of(c, first, i));
	for (i++; i < end; i++) {
		uint64_t clock = clock_of(c, first, i);

		c->cells[i] = expected(&s, clock) + step(p, index++);
		advance(&s, c->cells[i], clock);
	}
	return index;
}

void column_get(struct cursor *in, const struct column *c)
{
	enum column_guess guess = cursor_byte(in);
	struct planes p = { .count = count_steps(c) };
	size_t row, index = 0;

	p.width = cursor_byte(in);
	p.scale = cursor_varint(in);
	if (guess >= COLUMN_GUESSES || p.width > sizeof(uint64_t))
		in->broken = true;
	get_firsts(in, c);
	p.at = cursor_take(in, p.count * p.width);
	if (in->broken || !c->cells)
		return;
	for (row = 0; row < c->rows; row++)
		index = get_row(c, row, guess, &p, index);
}
