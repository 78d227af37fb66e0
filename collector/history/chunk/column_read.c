// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/column.h"
#include "collector/history/chunk/column_trend.h"
#include "lib/wire/wire_format.h"

/* What the guess of a row's next value is made of. */
struct state {
	enum column_guess guess;
	uint64_t first;
	uint64_t last;
	uint64_t step;
	uint64_t clock;
};

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

/* Where the planes are, and how they are read. */
struct planes {
	const uint8_t *at;
	size_t count; /* bytes a plane */
	unsigned int width;
	uint64_t scale;
	uint64_t unit; /* of a trend */
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
		n -= column_row(c, row) < column_row(c, row + 1);
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
rows_of(const struct column *c, enum column_guess guess, uint64_t unit,
	const uint64_t *steps, struct firsts *f)
{
	size_t row;

	for (row = 0; row < c->rows && !f->in->broken; row++) {
		size_t first = column_row(c, row),
		       n = column_row(c, row + 1) - first;

		if (!n)
			continue;
		c->cells[first] = next_first(f);
		if (guess == COLUMN_TREND)
			trend_values(c->cells + first, n, unit, steps);
		else if (c->at)
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
		rows_of(c, COLUMN_STEADY, 1, steps, f);
		break;
	case COLUMN_CLOCK:
		rows_of(c, COLUMN_CLOCK, 1, steps, f);
		break;
	case COLUMN_BASE:
		rows_of(c, COLUMN_BASE, 1, steps, f);
		break;
	case COLUMN_TREND:
		rows_of(c, COLUMN_TREND, p->unit, steps, f);
		break;
	default:
		rows_of(c, COLUMN_SAME, 1, steps, f);
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

	p.unit = guess == COLUMN_TREND ? cursor_varint(in) : UINT64_C(1);
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

static void get_column(struct cursor *in, const struct column *c, uint8_t head)
{
	enum column_guess guess = head & ~COLUMN_FIRSTS;

	if (guess >= COLUMN_ROWS)
		in->broken = true;
	else if (guess == COLUMN_LIKE)
		get_like(in, c);
	else
		get_by_rows(in, c, guess, head & COLUMN_FIRSTS);
}

void column_get(struct cursor *in, const struct column *c)
{
	uint8_t head = cursor_byte(in);
	size_t row;

	if (head != COLUMN_ROWS) {
		get_column(in, c, head);
		return;
	}
	for (row = 0; row < c->rows && !in->broken; row++) {
		const struct column one = column_of_row(c, row);

		if (one.count)
			get_column(in, &one, cursor_byte(in));
	}
}
