// SPDX-License-Identifier: GPL-2.0-or-later
/* What `ktach show` makes of two readings of a collector. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ktach/show/account.h"
#include "lib/wire/wire_schema.h"
#include "tests/unit/near.h"

enum {
	LINES_MAX = 64,
	LINE_BYTES = 1200,
};

#define SECOND_NS 1000000000ULL

static char line[LINES_MAX][LINE_BYTES];
static int at, columns;

static void sheet_write(struct paper *p, enum style style, const char *text)
{
	strncat(line[at], text, LINE_BYTES - strlen(line[at]) - 1);
	assert_true(text_columns(line[at]) <= columns);
}

static void sheet_newline(struct paper *p)
{
	assert_true(++at < LINES_MAX);
}

static struct paper new_sheet(int width, bool utf8)
{
	memset(line, 0, sizeof(line));
	at = 0;
	columns = width;
	return (struct paper){
		.write = sheet_write,
		.newline = sheet_newline,
		.columns = width,
		.rows = INT_MAX,
		.utf8 = utf8,
	};
}

static uint64_t *add_row(struct reading *r, uint32_t kind, uint64_t key,
			 uint64_t mono_ns)
{
	r->table[kind].rows.kind = kind;
	r->table[kind].origin = WIRE_ORIGIN_PROC;
	r->table[kind].mono_ns = mono_ns;
	r->table[kind].real_ns = mono_ns;
	return rows_add(&r->table[kind].rows, key);
}

static void add_text(struct reading *r, uint32_t kind, uint32_t index,
		     const char *text)
{
	rows_text(&r->table[kind].rows, index, text, strlen(text));
}

static void add_disk(struct reading *r, uint64_t mono_ns, const char *name,
		     uint64_t reads, uint64_t bytes, uint64_t ms)
{
	uint64_t *row = add_row(r, WIRE_DISK, 259 << 20 | 3, mono_ns);

	row[WIRE_DISK_READS] = reads;
	row[WIRE_DISK_READ_BYTES] = bytes;
	row[WIRE_DISK_READ_NS] = ms * 1000000;
	row[WIRE_DISK_BUSY_NS] = ms * 500000;
	row[WIRE_DISK_QUEUE_NS] = ms * 1500000;
	add_text(r, WIRE_DISK, WIRE_DISK_NAME, name);
}

static json_t *row_of(json_t *account, const char *rows, size_t i)
{
	return json_array_get(json_object_get(account, rows), i);
}

static double real(json_t *row, const char *name)
{
	json_t *v = json_object_get(row, name);

	assert_non_null(v);
	return json_number_value(v);
}

/* 2 s, 100 reads of 4 KiB that took 200 ms together, busy for 100 ms. */
static void disks_as_in_iostat(void **state)
{
	struct reading now = { 0 }, before = { 0 };
	const struct account a = { subject_find("disk"), &now, &before };
	json_t *o, *row;

	add_disk(&before, 5 * SECOND_NS, "nvme0n1", 1000, 1 << 20, 3000);
	add_disk(&now, 7 * SECOND_NS, "nvme0n1", 1100, (1 << 20) + 409600,
		 3200);
	o = account_json(&a);
	row = row_of(o, "disks", 0);
	assert_int_equal(json_integer_value(json_object_get(row, "device")),
			 259 << 20 | 3);
	assert_within(real(row, "reads_per_s"), 50, 1e-9);
	assert_within(real(row, "read_bytes_per_s"), 204800, 1e-9);
	assert_within(real(row, "read_await_ns"), 2000000, 0);
	assert_within(real(row, "busy"), 0.05, 1e-9);
	assert_within(real(row, "queue"), 0.15, 1e-9);
	assert_int_equal(json_integer_value(json_object_get(row, "reads")),
			 1100);
	/* Nobody told of writes: not known is not 0. */
	assert_true(json_is_null(json_object_get(row, "writes_per_s")));
	assert_true(json_is_null(json_object_get(row, "write_await_ns")));
	json_decref(o);
	reading_free(&now);
	reading_free(&before);
}

/* A device that was made anew counts from 0: its rates are not known. */
static void a_counter_that_fell_has_no_rate(void **state)
{
	struct reading now = { 0 }, before = { 0 };
	const struct account a = { subject_find("disk"), &now, &before };
	json_t *o, *row;

	add_disk(&before, 5 * SECOND_NS, "sda", 1000, 1 << 20, 3000);
	add_disk(&now, 6 * SECOND_NS, "sda", 5, 4096, 1);
	o = account_json(&a);
	row = row_of(o, "disks", 0);
	assert_true(json_is_null(json_object_get(row, "reads_per_s")));
	assert_true(json_is_null(json_object_get(row, "read_await_ns")));
	assert_true(json_is_null(json_object_get(row, "busy")));
	assert_int_equal(json_integer_value(json_object_get(row, "reads")), 5);
	json_decref(o);
	reading_free(&now);
	reading_free(&before);
}

static void long_names_are_cut(void **state)
{
	struct paper p = new_sheet(80, true);
	struct reading now = { 0 }, before = { 0 };
	const struct account a = { subject_find("disk"), &now, &before };

	add_disk(&now, SECOND_NS, "a-very-long-name-of-a-logical-volüme", 1, 1,
		 1);
	view_account(&p, &a);
	assert_non_null(strstr(line[0], "busy %"));
	assert_non_null(strstr(line[1], "a-very-"));
	assert_non_null(strstr(line[1], "… "));
	p = new_sheet(80, false);
	view_account(&p, &a);
	assert_non_null(strstr(line[1], "~ "));
	/* A file is as wide as it takes. */
	p = new_sheet(INT_MAX, true);
	view_account(&p, &a);
	assert_non_null(
		strstr(line[1], "a-very-long-name-of-a-logical-volüme"));
	reading_free(&now);
}

/* Every kind of row, with all its cells at their largest, on any paper. */
static void nothing_leaves_the_paper(void **state)
{
	static const int widths[] = { 1, 20, 40, 79, 80, 100, 132, 200 };
	const struct subject *s;
	size_t i;
	uint32_t j;

	for (s = subjects; s->name; s++) {
		struct reading now = { 0 }, before = { 0 };
		const struct account a = { s, &now, &before };
		const struct wire_schema *schema = wire_schema(s->kind);
		uint64_t *row;

		if (!s->kind)
			continue;
		row = add_row(&now, s->kind, 1 << 30, SECOND_NS);
		for (j = 1; j < schema->columns; j++)
			row[j] = INT64_MAX / 2;
		for (j = 0; j < schema->texts; j++)
			add_text(&now, s->kind, j,
				 "a text that is longer than the eighty columns"
				 " which a terminal has: it has to be cut");
		for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
			struct paper p = new_sheet(widths[i], i % 2);

			view_account(&p, &a);
		}
		reading_free(&now);
	}
}

static bool group_is_shown(enum book_group group)
{
	const struct subject *s;

	for (s = subjects; s->name; s++)
		if (s->group == group)
			return true;
	return false;
}

/* What belongs to the load is a section's. */
static void every_value_is_shown(void **state)
{
	const struct book_entry *e;

	for (e = book; e < book + BOOK_ENTRIES; e++)
		assert_true(!e->group || e->group == BOOK_LOAD ||
			    group_is_shown(e->group));
}

/* A column on paper is of a value that there is. */
static void every_field_is_told(void **state)
{
	const struct subject *s;
	const struct field *f;
	struct value v;

	for (s = subjects; s->name; s++)
		for (f = s->fields; f && f->title; f++) {
			v.type = VALUE_TRUTH;
			if (!f->make)
				row_member(NULL, s->kind, f->name, &v);
			assert_int_equal(v.type == VALUE_WORDS ? VALUE_ABSENT :
								 v.type,
					 f->make ? VALUE_TRUTH : VALUE_ABSENT);
		}
}

static bool fact_is_shown(uint32_t key)
{
	uint32_t i;

	for (i = 0; fact_at(i).name; i++)
		if (fact_at(i).key == key)
			return true;
	return false;
}

static void every_fact_is_shown(void **state)
{
	uint32_t key;

	for (key = 0; key < WIRE_FACT_KEYS; key++)
		assert_true(fact_is_shown(key));
}

/* Each collector can be asked for, and the other way round; load is a section. */
static void every_collector_is_shown(void **state)
{
	size_t i;

	for (i = 0; host_collectors[i]; i++) {
		const char *name = host_collectors[i]->name;

		assert_true(section_find(name) >= 0 || subject_find(name));
	}
	for (i = 0; subjects[i].name; i++)
		assert_non_null(host_collector_find(subjects[i].name));
}

static const char *line_of(const char *title)
{
	int i;

	for (i = 0; i < LINES_MAX; i++)
		if (!strncmp(line[i], title, strlen(title)))
			return line[i];
	return "";
}

static void memory_and_counters(void **state)
{
	struct reading now = { 0 }, before = { 0 };
	const struct account a = { subject_find("mem"), &now, &before };
	struct paper p = new_sheet(80, false);
	json_t *o;

	add_row(&before, WIRE_COUNTERS, WIRE_FAULTS, SECOND_NS)[WIRE_VALUE] =
		100;
	add_row(&now, WIRE_COUNTERS, WIRE_FAULTS, 3 * SECOND_NS)[WIRE_VALUE] =
		500;
	add_row(&now, WIRE_GAUGES, WIRE_MEMORY_TOTAL_BYTES,
		3 * SECOND_NS)[WIRE_VALUE] = 4096;
	add_row(&now, WIRE_GAUGES, WIRE_MEMORY_DIRTY_BYTES,
		3 * SECOND_NS)[WIRE_VALUE] = 1024;
	add_row(&now, WIRE_GAUGES, WIRE_MEMORY_FREE_BYTES, 3 * SECOND_NS);
	add_row(&now, WIRE_GAUGES, WIRE_SWAP_TOTAL_BYTES,
		3 * SECOND_NS)[WIRE_VALUE] = 2048;
	add_row(&now, WIRE_GAUGES, WIRE_SWAP_FREE_BYTES,
		3 * SECOND_NS)[WIRE_VALUE] = 1024;
	assert_ptr_equal(a.subject, subject_find("memory"));
	o = account_json(&a);
	assert_within(real(o, "faults_per_s"), 200, 1e-9);
	assert_within(real(o, "dirty_bytes"), 1024, 0);
	assert_true(json_is_null(json_object_get(o, "free_bytes")));
	assert_true(json_is_null(json_object_get(o, "slab_bytes")));
	json_decref(o);
	view_account(&p, &a);
	assert_non_null(strstr(line_of("free "), " -"));
	assert_non_null(strstr(line_of("slab"), " -"));
	assert_non_null(strstr(line_of("dirty"), "25.0 %"));
	assert_non_null(strstr(line_of("swap free"), "50.0 %"));
	reading_free(&now);
	reading_free(&before);
}

/* -12.5 degrees are below 0; energy is shown as the power that it is. */
static void sensors_have_units(void **state)
{
	struct reading now = { 0 }, before = { 0 };
	const struct account a = { subject_find("sensor"), &now, &before };
	uint64_t *row;
	json_t *o;

	row = add_row(&before, WIRE_SENSOR, 2, SECOND_NS);
	row[WIRE_SENSOR_TYPE] = WIRE_SENSOR_MICRO_JOULE;
	row[WIRE_SENSOR_VALUE] = 1000000;
	row = add_row(&now, WIRE_SENSOR, 1, 2 * SECOND_NS);
	row[WIRE_SENSOR_TYPE] = WIRE_SENSOR_MILLI_CELSIUS;
	row[WIRE_SENSOR_VALUE] = (uint64_t)-12500LL;
	row = add_row(&now, WIRE_SENSOR, 2, 2 * SECOND_NS);
	row[WIRE_SENSOR_TYPE] = WIRE_SENSOR_MICRO_JOULE;
	row[WIRE_SENSOR_VALUE] = 43500000;
	o = account_json(&a);
	assert_within(real(row_of(o, "sensors", 0), "value"), -12.5, 1e-9);
	assert_within(real(row_of(o, "sensors", 1), "value"), 43.5, 1e-9);
	assert_within(real(row_of(o, "sensors", 1), "watts"), 42.5, 1e-9);
	json_decref(o);
	reading_free(&now);
	reading_free(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks_as_in_iostat),
		cmocka_unit_test(a_counter_that_fell_has_no_rate),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(nothing_leaves_the_paper),
		cmocka_unit_test(every_value_is_shown),
		cmocka_unit_test(every_field_is_told),
		cmocka_unit_test(every_fact_is_shown),
		cmocka_unit_test(every_collector_is_shown),
		cmocka_unit_test(memory_and_counters),
		cmocka_unit_test(sensors_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
