// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of CSV, and of JSON beside them: what is not known is empty, or null. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ktach/show/csv.h"
#include "ktach/show/json.h"

static struct cpu_row rows[2] = {
	{ .cpu = 0, .flags = WIRE_CPU_ONLINE | WIRE_CPU_SEEN },
	{ .cpu = 1, .flags = WIRE_CPU_SEEN },
};

static const struct figures base = {
	.cpu = { .span = { .origin = ORIGIN_RING, .real_ns = 5 },
		 .rows = 2,
		 .online = 1,
		 .row = rows },
	.softirq = { .span = { .origin = ORIGIN_PROC, .real_ns = 6 },
		     .rows = 2,
		     .online = 1,
		     .row = rows },
};

static char *lines(const struct figures *f, enum section section)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	csv_lines(out, f, section);
	fclose(out);
	return text;
}

static void expect(const struct figures *f, enum section section,
		   const char *wanted)
{
	char *text = lines(f, section);

	assert_string_equal(text, wanted);
	free(text);
}

static void titles_and_lines_have_the_same_columns(void **state)
{
	struct figures f = base;
	int section;

	for (section = 0; section < SECTIONS; section++) {
		char *text = NULL, *at;
		int commas = 0, line = 0;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		csv_titles(out, section);
		csv_lines(out, &f, section);
		fclose(out);
		for (at = text; *at; at++) {
			commas += *at == ',' ? (line ? -1 : 1) : 0;
			if (*at == '\n' && line++ == 1)
				break;
		}
		/* Of interfaces there are none. */
		assert_true(!commas || section == SECTION_NET);
		free(text);
	}
}

static void what_is_not_known_is_empty(void **state)
{
	struct figures f = base;

	expect(&f, SECTION_CPU,
	       "5,ring,all,,,,,,,,,,,,\n5,ring,0,,,,,,,,,,,,\n");
	expect(&f, SECTION_SOFTIRQ,
	       "6,proc,all,,,,,,,,,,,,,,,,,,,,\n6,proc,0,,,,,,,,,,,,,,,,,,,,\n");
}

static void what_is_known_has_its_value(void **state)
{
	struct figures f = base;
	char *text;

	f.cpu.span.interval_ns = 1000;
	f.cpu.has_exact = true;
	f.cpu.total[STATE_USER] = 2500;
	f.cpu.total[STATE_SYSTEM] = 100;
	f.cpu.total[STATE_IDLE] = 7400;
	f.cpu.total_exact[0] = 2601;
	text = lines(&f, SECTION_CPU);
	assert_non_null(strstr(text, "5,ring,all,0.26,0.25,0,0.01,"));
	assert_non_null(strstr(text, ",0.2601\n"));
	free(text);
	/* Nothing ran, and that is known. */
	f.softirq.span.interval_ns = 1000;
	text = lines(&f, SECTION_SOFTIRQ);
	assert_non_null(strstr(text, "6,proc,0,0,0,"));
	free(text);
}

static void json_has_null_for_it(void **state)
{
	struct figures f = base;
	json_t *o = figures_json(&f);
	json_t *softirq = json_object_get(o, "softirq");

	assert_true(json_is_null(
		json_object_get(json_object_get(o, "cpu"), "busy")));
	assert_true(json_is_null(json_object_get(softirq, "per_s")));
	json_decref(o);
	f.softirq.span.interval_ns = 1000;
	o = figures_json(&f);
	softirq = json_object_get(o, "softirq");
	assert_true(json_is_object(json_object_get(softirq, "per_s")));
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles_and_lines_have_the_same_columns),
		cmocka_unit_test(what_is_not_known_is_empty),
		cmocka_unit_test(what_is_known_has_its_value),
		cmocka_unit_test(json_has_null_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
