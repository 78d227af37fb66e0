// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of the live view, of this host: what keys do to them, and what they show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <ncurses.h>

#include "host/options.h"
#include "ktach/top_parts.h"

enum {
	ESCAPE = 27,
	LINES_MAX = 60,
	COLUMNS_MAX = 120,
};

static struct host_options host;
static struct top_parts parts;
static char lines[LINES_MAX][COLUMNS_MAX * 4];
static int at;

static void write_text(struct paper *p, enum style style, const char *text)
{
	strncat(lines[at], text, sizeof(lines[at]) - strlen(lines[at]) - 1);
}

static void write_line(struct paper *p)
{
	assert_true(at + 1 < LINES_MAX);
	at++;
}

static struct paper new_paper(void)
{
	memset(lines, 0, sizeof(lines));
	at = 0;
	return (struct paper){ .write = write_text,
			       .newline = write_line,
			       .columns = COLUMNS_MAX,
			       .rows = 40 };
}

static void draw(void)
{
	struct paper p = new_paper();

	top_parts_draw(&parts, &p);
}

static const char *title(void)
{
	struct paper p = new_paper();

	top_parts_title(&parts, &p);
	return lines[0];
}

static bool is_shown(const char *text)
{
	int i;

	for (i = 0; i < LINES_MAX; i++)
		if (strstr(lines[i], text))
			return true;
	return false;
}

static int setup(void **state)
{
	host_options_preset(&host);
	host.no_bpf = true;
	host.interval_ns = 1000000000;
	parts = (struct top_parts){ .host = &host, .mark = 1 };
	return 0;
}

static int teardown(void **state)
{
	top_parts_close(&parts);
	return 0;
}

static void numbers_turn_to_pages(void **state)
{
	int page;

	for (page = 0; page < PAGES; page++) {
		assert_true(top_parts_key(&parts, '0' + page));
		assert_int_equal(parts.page, page);
	}
	assert_false(top_parts_key(&parts, '0' + PAGES));
	assert_int_equal(parts.page, PAGE_SENSOR);
	assert_false(top_parts_key(&parts, '9'));
	assert_true(top_parts_key(&parts, '\t'));
	assert_int_equal(parts.page, PAGE_ALL);
	assert_true(top_parts_key(&parts, KEY_BTAB));
	assert_int_equal(parts.page, PAGE_SENSOR);
	assert_true(top_parts_key(&parts, KEY_BTAB));
	assert_int_equal(parts.page, PAGE_LINK);
	assert_true(top_parts_key(&parts, '\t'));
	assert_int_equal(parts.page, PAGE_SENSOR);
}

static void where_nobody_is_asked_there_are_no_pages(void **state)
{
	parts.host = NULL;
	assert_false(top_parts_key(&parts, '1'));
	assert_int_equal(parts.page, PAGE_ALL);
	parts.host = &host;
	/* The first page has no rows to be marked. */
	assert_false(top_parts_key(&parts, KEY_DOWN));
	assert_false(top_parts_key(&parts, '/'));
	assert_int_equal(parts.mark, 1);
}

static void the_mark_moves(void **state)
{
	static const struct {
		int key;
		uint32_t mark;
	} moves[] = {
		{ KEY_UP, 1 },
		{ KEY_DOWN, 2 },
		{ KEY_DOWN, 3 },
		{ KEY_NPAGE, 13 },
		{ KEY_UP, 12 },
		{ KEY_PPAGE, 2 },
		{ KEY_PPAGE, 1 },
		{ KEY_END, UINT16_MAX },
		{ KEY_DOWN, UINT16_MAX },
		{ KEY_UP, UINT16_MAX - 1 },
		{ KEY_HOME, 1 },
	};
	size_t i;

	top_parts_key(&parts, '1');
	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		assert_true(top_parts_key(&parts, moves[i].key));
		assert_int_equal(parts.mark, moves[i].mark);
	}
	/* As far as there are rows, once it is drawn. */
	top_parts_key(&parts, KEY_END);
	draw();
	assert_in_range(parts.mark, 1, UINT16_MAX - 1);
}

static void type(const char *text)
{
	for (; *text; text++)
		assert_true(top_parts_key(&parts, *text));
}

static void a_filter_is_typed(void **state)
{
	top_parts_key(&parts, '1');
	assert_null(strstr(title(), "filter"));
	top_parts_key(&parts, KEY_DOWN);
	type("/ab1");
	assert_int_equal(parts.page, PAGE_PROCESS);
	assert_string_equal(parts.filter, "ab1");
	assert_int_equal(parts.mark, 1);
	assert_non_null(strstr(title(), "  filter: ab1_"));
	top_parts_key(&parts, KEY_BACKSPACE);
	assert_string_equal(parts.filter, "ab");
	top_parts_key(&parts, 127);
	assert_string_equal(parts.filter, "a");
	top_parts_key(&parts, '\b');
	top_parts_key(&parts, '\b');
	assert_string_equal(parts.filter, "");
	top_parts_key(&parts, 1); /* what cannot be seen is none of it */
	assert_string_equal(parts.filter, "");
	type("0123456789012345678901234567890123456789");
	assert_int_equal(strlen(parts.filter), TOP_FILTER_SIZE - 1);
	top_parts_key(&parts, '\n');
	assert_false(parts.typing);
	assert_non_null(strstr(title(), "  filter: 0123"));
	assert_null(strstr(title(), "_"));
	draw();
	assert_false(is_shown("systemd"));
	/* It goes first, then the page. */
	top_parts_key(&parts, ESCAPE);
	assert_string_equal(parts.filter, "");
	assert_int_equal(parts.page, PAGE_PROCESS);
	top_parts_key(&parts, ESCAPE);
	assert_int_equal(parts.page, PAGE_ALL);
}

static void a_filter_is_given_up(void **state)
{
	top_parts_key(&parts, '1');
	type("/ab");
	top_parts_key(&parts, ESCAPE);
	assert_string_equal(parts.filter, "");
	assert_false(parts.typing);
	assert_int_equal(parts.page, PAGE_PROCESS);
}

/* Round through the fields that have names, either way. */
static void rows_are_sorted_by_each_field(void **state)
{
	int way, round, first, fields[2] = { 0 };

	top_parts_key(&parts, '1');
	for (way = 0; way < 2; way++) {
		assert_int_equal(parts.sort, 0);
		first = 0;
		for (round = 0; round < 100; round++) {
			assert_true(top_parts_key(&parts, way ? '<' : '>'));
			if (!parts.sort)
				break;
			assert_int_not_equal(parts.sort, first);
			first = parts.sort;
			fields[way]++;
		}
		assert_int_equal(parts.sort, 0);
	}
	assert_true(fields[0] > 3);
	assert_int_equal(fields[0], fields[1]);
	top_parts_key(&parts, 's');
	first = parts.sort;
	top_parts_key(&parts, '<');
	assert_int_equal(parts.sort, 0);
	top_parts_key(&parts, '>');
	assert_int_equal(parts.sort, first);
	assert_false(parts.reverse);
	top_parts_key(&parts, 'r');
	assert_true(parts.reverse);
	top_parts_key(&parts, 'r');
	assert_false(parts.reverse);
	/* What was wished of one page is not of another. */
	top_parts_key(&parts, 'r');
	top_parts_key(&parts, KEY_DOWN);
	top_parts_key(&parts, '2');
	assert_int_equal(parts.sort, 0);
	assert_false(parts.reverse);
	assert_int_equal(parts.mark, 1);
	/* Lines, which have no fields, are not sorted. */
	top_parts_key(&parts, '4');
	top_parts_key(&parts, 's');
	assert_int_equal(parts.sort, 0);
}

static void all_of_a_row_is_shown(void **state)
{
	top_parts_key(&parts, '3');
	type("/");
	top_parts_key(&parts, '\n');
	top_parts_key(&parts, '\n');
	assert_true(parts.whole);
	draw();
	assert_true(is_shown("size_bytes"));
	assert_true(is_shown("read_only"));
	top_parts_key(&parts, ESCAPE);
	assert_false(parts.whole);
	assert_int_equal(parts.page, PAGE_MOUNT);
	draw();
	assert_false(is_shown("size_bytes"));
}

static void titles_name_all_pages(void **state)
{
	assert_string_equal(title(), "0 all  1 process  2 disk  3 mount  "
				     "4 pressure  5 link  6 sensor");
}

static void what_has_room_is_asked(void **state)
{
	struct paper p;

	top_parts_step(&parts, false);
	assert_null(parts.part[PAGE_PROCESS].state);
	top_parts_step(&parts, true);
	assert_non_null(parts.part[PAGE_PROCESS].state);
	assert_null(parts.part[PAGE_LINK].state);
	top_parts_step(&parts, true);
	p = new_paper();
	top_parts_below(&parts, &p, 30);
	assert_true(is_shown("pid"));
	p = new_paper();
	top_parts_below(&parts, &p, 3);
	assert_false(is_shown("pid"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(numbers_turn_to_pages),
		test(where_nobody_is_asked_there_are_no_pages),
		test(the_mark_moves),
		test(a_filter_is_typed),
		test(a_filter_is_given_up),
		test(rows_are_sorted_by_each_field),
		test(all_of_a_row_is_shown),
		test(titles_name_all_pages),
		test(what_has_room_is_asked),
	};

	return cmocka_run_group_tests_name("pages of top", tests, NULL, NULL);
}
