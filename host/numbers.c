// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/most.h"
#include "host/numbers.h"
#include "lib/base/clock.h"
#include "lib/kernel/proc.h"

void numbers_begin(struct numbers *n)
{
	n->gauges.kind = WIRE_GAUGES;
	n->counters.kind = WIRE_COUNTERS;
	rows_clear(&n->gauges);
	rows_clear(&n->counters);
	n->real_ns = clock_real_ns();
	n->mono_ns = clock_mono_ns();
}

void numbers_put(struct numbers *n, const struct host_sink *sink)
{
	rows_put(&n->gauges, sink, WIRE_ORIGIN_PROC, n->real_ns, n->mono_ns);
	rows_put(&n->counters, sink, WIRE_ORIGIN_PROC, n->real_ns, n->mono_ns);
}

void numbers_exit(struct numbers *n)
{
	rows_exit(&n->gauges);
	rows_exit(&n->counters);
}

/* What stands behind the name; WIRE_ABSENT if it is not as it should be. */
static uint64_t value_of(const char *at, const struct number_line *line)
{
	uint64_t value;

	if (!proc_number(&at, &value) || !proc_behind(at, line->rest) ||
	    __builtin_mul_overflow(value, line->unit, &value) ||
	    value > INT64_MAX)
		return WIRE_ABSENT;
	return value;
}

/* Lines come in the order of the table, mostly: the one after the last is tried
 * first. @at goes behind the name.
 */
static const struct number_line *find_line(const struct number_line *lines,
					   const struct number_line *guess,
					   const char **at)
{
	const char *value = proc_behind(*at, guess->name);
	const struct number_line *line = guess;

	if (!value)
		for (line = lines; line->name; line++) {
			/* As most are not: without a call. */
			if (**at != *line->name)
				continue;
			value = proc_behind(*at, line->name);
			if (value)
				break;
		}
	if (!value)
		return NULL;
	*at = value;
	return line;
}

static uint64_t *find_value(const struct rows *rows, uint64_t key)
{
	uint64_t *row = rows->cells;
	uint32_t i;

	for (i = 0; i < rows->count; i++, row += WIRE_VALUE_COLUMNS)
		if (row[WIRE_VALUE_KEY] == key)
			return &row[WIRE_VALUE];
	return NULL;
}

/* What comes again is damage: the first one counts. */
static void add(struct rows *rows, uint64_t key, uint64_t value)
{
	if (value != WIRE_ABSENT && !find_value(rows, key))
		rows_value(rows, key, value);
}

void numbers_gauge(struct numbers *n, uint64_t key, uint64_t value)
{
	if (most_gauge(key, value))
		add(&n->gauges, key, value);
}

void numbers_counter(struct numbers *n, uint64_t key, uint64_t value)
{
	add(&n->counters, key, value);
}

uint64_t *numbers_find(const struct numbers *n, uint64_t key)
{
	return find_value(&n->gauges, key);
}

unsigned int number_lines(struct numbers *n, const char **text,
			  const struct number_line *lines)
{
	const struct number_line *line, *guess = lines;
	const char *at = *text;
	unsigned int taken = 0;
	uint64_t value;

	/* What follows the last one is of no interest: mostly half the file. */
	for (; *at && guess->name; at = proc_next_line(at)) {
		line = find_line(lines, guess, &at);
		if (!line)
			continue;
		guess = line + 1;
		value = value_of(at, line);
		if (value == WIRE_ABSENT)
			continue;
		if (line->counter)
			numbers_counter(n, line->key, value);
		else
			numbers_gauge(n, line->key, value);
		taken++;
	}
	*text = at;
	return taken;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool number_hundredths(const char **at, uint64_t *value)
{
	const char *p = *at;
	uint64_t whole;

	if (!proc_number(&p, &whole) || *p++ != '.' || !is_digit(p[0]) ||
	    !is_digit(p[1]) || is_digit(p[2]))
		return false;
	*value = UINT64_MAX;
	if (whole <= INT64_MAX / 100 - 1)
		*value = whole * 100 + (uint64_t)(p[0] - '0') * 10 +
			 (uint64_t)(p[1] - '0');
	*at = p + 2;
	return true;
}
