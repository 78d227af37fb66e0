// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/column.h"
#include "collector/history/chunk/column_trend.h"
#include "lib/wire/pen.h"
#include "lib/wire/scale.h"
#include "lib/wire/wire_format.h"

enum {
	TRIAL_VALUES = 192, /* that the guess is chosen by */
	TRIAL_ROW = 48, /* of them, of one row */
};

/* A loop for each guess: what the reader tells of one value after the other,
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
	size_t first = column_row(c, row), n = column_row(c, row + 1) - first;

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
		size_t first = column_row(c, row);

		n = row_steps(c, row, TRIAL_ROW, guess, steps);
		if (guess != COLUMN_LIKE && first < column_row(c, row + 1)) {
			t.firsts += bits(zigzag(c->cells[first] - last));
			last = c->cells[first];
			seen++;
		}
		t.steps += bits_of(steps, n);
		seen += n;
	}
	return t;
}

/* Whether a trend leaves fewer bits than @least, of as many values as try() looks at. */
static bool is_trend(const struct column *c, uint64_t *steps, uint64_t least)
{
	struct trial t = { 0 };
	uint64_t last = 0, unit = 1;
	size_t row, n, seen = 0;

	for (row = 0; row < c->rows && seen < TRIAL_VALUES; row++) {
		size_t first = column_row(c, row), i;

		if (first == column_row(c, row + 1))
			continue;
		n = row_steps(c, row, TRIAL_ROW, COLUMN_SAME, steps);
		unit = scale_of(steps, n);
		scale_down(steps, n, unit);
		trend_take_off(steps, n);
		for (i = 0; i < n; i++)
			steps[i] *= unit;
		t.firsts += bits(zigzag(c->cells[first] - last));
		t.steps += bits_of(steps, n);
		last = c->cells[first];
		seen += n + 1;
	}
	return t.firsts + t.steps < least;
}

/* A scale saves bits of those that count in ticks: the guess must keep it. What never
 * changes needs no other guess, but for that of a column before that is the same.
 */
static enum column_guess choose(const struct column *c,
				enum column_effort effort, uint64_t *steps,
				uint64_t *left)
{
	static const enum column_guess order[] = { COLUMN_SAME, COLUMN_LIKE,
						   COLUMN_STEADY, COLUMN_CLOCK,
						   COLUMN_BASE };
	enum column_guess best = COLUMN_SAME;
	uint64_t least = UINT64_MAX;
	bool still = false;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
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
	*left = least;
	if (best == COLUMN_STEADY && effort > COLUMN_QUICK &&
	    is_trend(c, steps, least))
		return COLUMN_TREND;
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
		size_t i = column_row(c, row);

		if (i == column_row(c, row + 1))
			continue;
		out[n++] = c->cells[i] - last;
		last = c->cells[i];
	}
	return n;
}

static size_t all_steps(const struct column *c, enum column_guess guess,
			uint64_t *steps)
{
	size_t row, n = 0;

	for (row = 0; row < c->rows; row++)
		n += row_steps(c, row, c->count, guess, steps + n);
	return n;
}

/* What a trend leaves of all steps. Return their unit. */
static uint64_t trend_steps(const struct column *c, uint64_t *steps)
{
	size_t row, n = all_steps(c, COLUMN_SAME, steps);
	uint64_t unit = scale_of(steps, n);

	scale_down(steps, n, unit);
	for (row = 0; row < c->rows; row++) {
		n = column_row(c, row + 1) - column_row(c, row);
		if (!n)
			continue;
		trend_take_off(steps, n - 1);
		steps += n - 1;
	}
	return unit;
}

static int put_unit(struct buffer *out, uint64_t unit)
{
	struct pen pen = { .room = VARINT_MAX };

	if (buffer_reserve(out, VARINT_MAX))
		return -ENOMEM;
	pen.data = out->data + out->used;
	pen_varint(&pen, unit);
	out->used += pen.used;
	return 0;
}

/* As the others, but for the unit before them. @firsts, @steps: room for as many values as
 * there are, each.
 */
static int put_trend(struct buffer *out, const struct column *c,
		     uint64_t *firsts, uint64_t *steps)
{
	size_t n = first_steps(c, firsts);
	int err = put_unit(out, trend_steps(c, steps));

	if (!err)
		err = put_planes(out, firsts, n);
	return err ? err : put_planes(out, steps, c->count - n);
}

uint64_t column_bits(const struct column *c, struct buffer *scratch)
{
	uint64_t bits;

	scratch->used = 0;
	if (buffer_reserve(scratch, (TRIAL_VALUES + TRIAL_ROW) * sizeof(bits)))
		return UINT64_MAX;
	choose(c, COLUMN_QUICK, (uint64_t *)scratch->data, &bits);
	return bits;
}

int column_put(struct buffer *out, const struct column *c,
	       enum column_effort effort, struct buffer *scratch)
{
	enum column_guess guess;
	uint64_t *steps, left;
	uint8_t head;
	int err;

	scratch->used = 0;
	if (buffer_reserve(scratch, 2 * (c->count + 1) * sizeof(*steps)))
		return -ENOMEM;
	steps = (uint64_t *)scratch->data;
	guess = choose(c, effort, steps, &left);
	head = (uint8_t)(guess | COLUMN_FIRSTS);
	err = buffer_put(out, &head, sizeof(head));
	if (!err && guess == COLUMN_TREND)
		return put_trend(out, c, steps, steps + c->count + 1);
	if (!err && guess != COLUMN_LIKE)
		err = put_planes(out, steps, first_steps(c, steps));
	return err ? err : put_planes(out, steps, all_steps(c, guess, steps));
}

int column_put_rows(struct buffer *out, const struct column *c,
		    enum column_effort effort, struct buffer *scratch)
{
	const uint8_t head = COLUMN_ROWS;
	int err = buffer_put(out, &head, sizeof(head));
	size_t row;

	for (row = 0; !err && row < c->rows; row++) {
		const struct column one = column_of_row(c, row);

		if (one.count)
			err = column_put(out, &one, effort, scratch);
	}
	return err;
}
