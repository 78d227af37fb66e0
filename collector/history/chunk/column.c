// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/column.h"
#include "lib/wire/pen.h"
#include "lib/wire/scale.h"
#include "lib/wire/wire_format.h"

enum {
	TRIAL_VALUES = 1024, /* that the guess is chosen by */
	TRIAL_ROW = 256, /* of them, of one row */
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

/* A loop for each guess: what expected() and advance() tell of one value after the other,
 * these tell of a whole row. Inlined twice, so that a full row is written without looking
 * for its samples.
 */
static inline __attribute__((always_inline)) void
clock_steps(const uint64_t *cells, const uint32_t *at, size_t n,
	    const uint64_t *clock, uint64_t *restrict out)
{
	size_t i;

	for (i = 1; i < n; i++)
		out[i - 1] =
			cells[i] - cells[i - 1] -
			(clock[at ? at[i] : i] - clock[at ? at[i - 1] : i - 1]);
}

/* The step of the step; there is none before the first. */
static void steady_steps(const uint64_t *cells, size_t n,
			 uint64_t *restrict out)
{
	size_t i;

	if (n > 1)
		out[0] = cells[1] - cells[0];
	for (i = 2; i < n; i++)
		out[i - 1] = cells[i] - 2 * cells[i - 1] + cells[i - 2];
}

static void same_steps(const uint64_t *cells, size_t n, uint64_t *restrict out)
{
	size_t i;

	for (i = 1; i < n; i++)
		out[i - 1] = cells[i] - cells[i - 1];
}

static void base_steps(const uint64_t *cells, size_t n, uint64_t *restrict out)
{
	size_t i;

	for (i = 1; i < n; i++)
		out[i - 1] = cells[i] - cells[0];
}

static void steps_of(const uint64_t *cells, const uint32_t *at, size_t n,
		     const uint64_t *clock, enum column_guess guess,
		     uint64_t *out)
{
	switch (guess) {
	case COLUMN_STEADY:
		steady_steps(cells, n, out);
		break;
	case COLUMN_CLOCK:
		if (at)
			clock_steps(cells, at, n, clock, out);
		else
			clock_steps(cells, NULL, n, clock, out);
		break;
	case COLUMN_BASE:
		base_steps(cells, n, out);
		break;
	default:
		same_steps(cells, n, out);
	}
}

static size_t like_steps(const struct column *c, size_t begin, size_t end,
			 uint64_t *out)
{
	size_t i;

	for (i = begin; i < end; i++)
		*out++ = c->cells[i] - c->like[i];
	return end - begin;
}

/* The differences of a row's first @most values but the first; return how many. */
static size_t row_steps(const struct column *c, size_t row, size_t most,
			enum column_guess guess, uint64_t *out)
{
	size_t first = row_begin(c, row), n = row_end(c, row) - first;

	if (n > most)
		n = most;
	if (guess == COLUMN_LIKE)
		return like_steps(c, first, first + n, out);
	if (!n)
		return 0;
	steps_of(c->cells + first, c->at ? c->at + first : NULL, n, c->clock,
		 guess, out);
	return n - 1;
}

static unsigned int bits(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

/* What a guess leaves of the first values, in bits: of each row's first one, and of all
 * others.
 */
struct trial {
	uint64_t firsts;
	uint64_t steps;
};

static uint64_t bits_of(const uint64_t *steps, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += bits(zigzag(steps[i]));
	return sum;
}

/* It may be more than @most. */
static struct trial try(const struct column *c, enum column_guess guess,
			uint64_t *steps, uint64_t most)
{
	struct trial t = { 0 };
	uint64_t last = 0;
	size_t row, n, seen = 0;

	for (row = 0;
	     row < c->rows && seen < TRIAL_VALUES && t.firsts + t.steps <= most;
	     row++) {
		size_t first = row_begin(c, row);

		n = row_steps(c, row, TRIAL_ROW, guess, steps);
		if (guess != COLUMN_LIKE && first < row_end(c, row)) {
			t.firsts += bits(zigzag(c->cells[first] - last));
			last = c->cells[first];
			seen++;
		}
		t.steps += bits_of(steps, n);
		seen += n;
	}
	return t;
}

/* A scale saves bits of those that count in ticks: the guess must keep it. What never
 * changes needs no other guess, but for that of a column before that is the same.
 */
static enum column_guess choose(const struct column *c, uint64_t *steps)
{
	static const enum column_guess order[] = { COLUMN_SAME, COLUMN_LIKE,
						   COLUMN_STEADY, COLUMN_CLOCK,
						   COLUMN_BASE };
	enum column_guess best = COLUMN_SAME;
	uint64_t least = UINT64_MAX;
	bool still = false;
	size_t i;

	for (i = 0; i < COLUMN_GUESSES; i++) {
		struct trial t;

		if (order[i] == COLUMN_LIKE ? !c->like : still)
			continue;
		t = try(c, order[i], steps, least);
		if (t.firsts + t.steps < least) {
			least = t.firsts + t.steps;
			best = order[i];
		}
		still = still || !t.steps;
	}
	return best;
}

static void put_bytes(uint8_t *at, const uint64_t *steps, size_t n,
		      unsigned int width)
{
	unsigned int plane;
	size_t i;

	for (plane = 0; plane < width; plane++)
		for (i = 0; i < n; i++)
			*at++ = (uint8_t)(steps[i] >> 8 * plane);
}

/* Changes the steps. */
static int put_planes(struct buffer *out, uint64_t *steps, size_t n)
{
	uint64_t scale = scale_of(steps, n), all = 0;
	unsigned int width;
	struct pen pen;
	size_t i;

	if (scale > 1)
		scale_down(steps, n, scale);
	for (i = 0; i < n; i++) {
		steps[i] = zigzag(steps[i]);
		all |= steps[i];
	}
	width = (bits(all) + 7) / 8;
	if (buffer_reserve(out, 1 + VARINT_MAX + n * width))
		return -ENOMEM;
	pen = (struct pen){ out->data + out->used, 1 + VARINT_MAX };
	pen_byte(&pen, (uint8_t)width);
	pen_varint(&pen, scale);
	put_bytes(pen.data + pen.used, steps, n, width);
	out->used += pen.used + n * width;
	return 0;
}

/* A row's first value less that of the row before. */
static size_t first_steps(const struct column *c, uint64_t *out)
{
	uint64_t last = 0;
	size_t row, n = 0;

	for (row = 0; row < c->rows; row++) {
		size_t i = row_begin(c, row);

		if (i == row_end(c, row))
			continue;
		out[n++] = c->cells[i] - last;
		last = c->cells[i];
	}
	return n;
}

int column_put(struct buffer *out, const struct column *c,
	       struct buffer *scratch)
{
	enum column_guess guess;
	uint64_t *steps;
	size_t row, n = 0;
	uint8_t head;
	int err;

	scratch->used = 0;
	if (buffer_reserve(scratch, (c->count + 1) * sizeof(*steps)))
		return -ENOMEM;
	steps = (uint64_t *)scratch->data;
	guess = choose(c, steps);
	head = (uint8_t)(guess | COLUMN_FIRSTS);
	err = buffer_put(out, &head, sizeof(head));
	if (!err && guess != COLUMN_LIKE)
		err = put_planes(out, steps, first_steps(c, steps));
	for (row = 0; row < c->rows; row++)
		n += row_steps(c, row, c->count, guess, steps + n);
	return err ? err : put_planes(out, steps, n);
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

/* Inlined for the widths that most columns have: a loop without one of planes in it. */
static inline __attribute__((always_inline)) void
steps_of_width(const struct planes *p, unsigned int width, uint64_t *out)
{
	size_t i;
	unsigned int plane;

	for (i = 0; i < p->count; i++) {
		uint64_t v = 0;

		for (plane = 0; plane < width; plane++)
			v |= (uint64_t)p->at[plane * p->count + i] << 8 * plane;
		out[i] = unzigzag(v) * p->scale;
	}
}

static void get_steps(const struct planes *p, uint64_t *out)
{
	switch (p->width) {
	case 0:
		memset(out, 0, p->count * sizeof(*out));
		break;
	case 1:
		steps_of_width(p, 1, out);
		break;
	case 2:
		steps_of_width(p, 2, out);
		break;
	case 3:
		steps_of_width(p, 3, out);
		break;
	default:
		steps_of_width(p, p->width, out);
	}
}

/* All values but the first of each row. */
static size_t count_steps(const struct column *c)
{
	size_t n = c->count, row;

	for (row = 0; row < c->rows; row++)
		n -= row_begin(c, row) < row_end(c, row);
	return n;
}

static void get_planes(struct cursor *in, struct planes *p, size_t count)
{
	p->count = count;
	p->width = cursor_byte(in);
	p->scale = cursor_varint(in);
	if (p->width > sizeof(uint64_t))
		in->broken = true;
}

/* Where the first values of rows come from: planes, or a varint each. */
struct firsts {
	struct cursor *in;
	const struct planes *planes;
	size_t index;
	uint64_t last;
};

static uint64_t next_first(struct firsts *f)
{
	f->last += f->planes ? step(f->planes, f->index++) :
			       unzigzag(cursor_varint(f->in));
	return f->last;
}

/* A row's values by its steps, which may lie where the values go, or later: each is read
 * before that is written.
 */
static inline __attribute__((always_inline)) void
values_of(uint64_t *cells, const uint32_t *at, size_t n, const uint64_t *clock,
	  enum column_guess guess, const uint64_t *steps)
{
	struct state s;
	size_t i;

	begin(&s, guess, cells[0], clock[at ? at[0] : 0]);
	for (i = 1; i < n; i++) {
		uint64_t now = clock[at ? at[i] : i];

		cells[i] = expected(&s, now) + *steps++;
		advance(&s, cells[i], now);
	}
}

/* Inlined once for each guess. */
static inline __attribute__((always_inline)) void
rows_of(const struct column *c, enum column_guess guess, const uint64_t *steps,
	struct firsts *f)
{
	size_t row;

	for (row = 0; row < c->rows && !f->in->broken; row++) {
		size_t first = row_begin(c, row), n = row_end(c, row) - first;

		if (!n)
			continue;
		c->cells[first] = next_first(f);
		if (c->at)
			values_of(c->cells + first, c->at + first, n, c->clock,
				  guess, steps);
		else
			values_of(c->cells + first, NULL, n, c->clock, guess,
				  steps);
		steps += n - 1;
	}
}

/* The steps are put at the end of the cells: rows are read from there, and written from the
 * beginning on, which never gets ahead of what is still to be read.
 */
static void get_rows(const struct column *c, enum column_guess guess,
		     const struct planes *p, struct firsts *f)
{
	uint64_t *steps = c->cells + (c->count - p->count);

	get_steps(p, steps);
	switch (guess) {
	case COLUMN_STEADY:
		rows_of(c, COLUMN_STEADY, steps, f);
		break;
	case COLUMN_CLOCK:
		rows_of(c, COLUMN_CLOCK, steps, f);
		break;
	case COLUMN_BASE:
		rows_of(c, COLUMN_BASE, steps, f);
		break;
	default:
		rows_of(c, COLUMN_SAME, steps, f);
	}
}

static void get_like(struct cursor *in, const struct column *c)
{
	struct planes p;
	size_t i;

	get_planes(in, &p, c->count);
	p.at = cursor_take(in, p.count * p.width);
	if (c->cells && !c->like)
		in->broken = true;
	if (!c->cells || in->broken)
		return;
	get_steps(&p, c->cells);
	for (i = 0; i < c->count; i++)
		c->cells[i] += c->like[i];
}

/* Where first values are varints they come before the planes, and are read twice: their end
 * is where the planes begin.
 */
static void get_by_rows(struct cursor *in, const struct column *c,
			enum column_guess guess, bool by_planes)
{
	size_t steps = count_steps(c), row;
	struct cursor varints = { NULL, NULL, false };
	struct planes first, p;
	struct firsts f = { .in = &varints, .planes = &first };

	if (by_planes) {
		get_planes(in, &first, c->count - steps);
		first.at = cursor_take(in, first.count * first.width);
		get_planes(in, &p, steps);
	} else {
		get_planes(in, &p, steps);
		varints = *in;
		f.planes = NULL;
		for (row = steps; row < c->count && !in->broken; row++)
			cursor_varint(in);
	}
	p.at = cursor_take(in, p.count * p.width);
	if (!in->broken && c->cells)
		get_rows(c, guess, &p, &f);
}

void column_get(struct cursor *in, const struct column *c)
{
	uint8_t head = cursor_byte(in);
	enum column_guess guess = head & ~COLUMN_FIRSTS;

	if (guess >= COLUMN_GUESSES)
		in->broken = true;
	else if (guess == COLUMN_LIKE)
		get_like(in, c);
	else
		get_by_rows(in, c, guess, head & COLUMN_FIRSTS);
}
