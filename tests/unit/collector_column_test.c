// SPDX-License-Identifier: GPL-2.0-or-later
/* Columns: whatever values, rows and gaps there are, they come out as they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/history/chunk/column.h"

enum {
	ROWS = 9,
	SAMPLES = 130,
	VALUES = ROWS * SAMPLES,
	TRIES = 400,
};

static uint64_t seed = 7;
static uint64_t cells[VALUES], like[VALUES], clocks[SAMPLES];
static uint32_t at[VALUES];
static size_t first[ROWS + 1];

static uint64_t next(uint64_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (seed >> 20) % below;
}

/* A row of a column: of one kind all over, with a rare value of another. */
static void fill(uint64_t kind, size_t from, size_t end)
{
	uint64_t v = next(3) ? next(1000000) : -next(1000), i;
	uint64_t unit = next(2) ? 4000000 : 1;

	for (i = from; i < end; i++) {
		switch (kind) {
		case 0: /* never changes */
			break;
		case 1: /* a counter, with noise */
			v += (1000 + next(200)) * unit;
			break;
		case 2: /* as the clock */
			v += i > from ? clocks[at[i]] - clocks[at[i - 1]] : 0;
			break;
		case 3:
			v = next(500) * unit;
			break;
		case 4: /* any bits */
			v = seed * next(UINT64_MAX);
			break;
		case 5: /* growing faster and faster */
			v += (i - from) * unit + next(5);
			break;
		default:
			v = like[i] + next(3);
		}
		cells[i] = next(60) ? v : next(2) ? INT64_MIN : UINT64_MAX;
		cells[i] = kind ? cells[i] : v;
	}
}

static struct column make(bool gaps)
{
	struct column c = { .rows = 1 + next(ROWS),
			    .cells = cells,
			    .clock = clocks,
			    .like = next(2) ? like : NULL };
	uint64_t kind = next(7);
	size_t row, i;

	for (i = 0; i < SAMPLES; i++)
		clocks[i] = i * 1000000000 + next(60000);
	for (i = 0; i < VALUES; i++)
		like[i] = next(1000);
	for (row = 0; row < c.rows; row++) {
		first[row] = c.count;
		for (i = 0; i < SAMPLES; i++)
			if (!gaps || (row != 3 && next(3)))
				at[c.count++] = (uint32_t)i;
		fill(kind, first[row], c.count);
	}
	first[row] = c.count;
	c.first = gaps ? first : NULL;
	c.at = gaps ? at : NULL;
	return c;
}

static void round_trips(void **state)
{
	static uint64_t out[VALUES];
	struct buffer bytes = { 0 }, scratch = { 0 };
	int try, guesses[COLUMN_GUESSES] = { 0 }, i;

	for (try = 0; try < TRIES; try++) {
		struct column c = make(try % 2);
		struct cursor in;

		bytes.used = 0;
		assert_int_equal((try / 4 % 2 ? column_put_rows : column_put)(
					 &bytes, &c,
					 try / 2 % 2 ? COLUMN_QUICK :
						       COLUMN_SMALL,
					 &scratch),
				 0);
		guesses[bytes.data[0] & ~COLUMN_FIRSTS]++;
		in = (struct cursor){ bytes.data, bytes.data + bytes.used,
				      false };
		c.cells = out;
		column_get(&in, &c);
		assert_false(in.broken);
		assert_ptr_equal(in.at, in.end);
		assert_memory_equal(out, cells, c.count * sizeof(*out));
	}
	for (i = 0; i < COLUMN_GUESSES; i++) /* all have been seen */
		assert_int_not_equal(guesses[i], 0);
	buffer_free(&bytes);
	buffer_free(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
