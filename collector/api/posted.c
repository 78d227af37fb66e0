// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/posted.h"
#include "lib/base/clean.h"
#include "lib/wire/wire_schema.h"
#include "tables/book.h"

#define S UINT64_C(1000000000)
#define UNKNOWN_MEMBER "%s: there is no such member; docs/openapi.yaml has all"
/* The largest whole number that all below are exact of, as a real. */
#define WHOLE_MAX 9007199254740992.0

enum {
	MARK_SIZE = 8,
	ROW_SIZE = 48, /* "networks[12]" */
	PATH_SIZE = 96, /* "networks[12].name" */
	KEY_BITS = 31, /* an interface's number has no more */
};

/* A host's id is random, or a hash: none begins so. */
static const uint8_t mark[MARK_SIZE] = "posted";

/**
 * struct section - a member that is a table
 * @member: its name
 * @kind: of the table
 * @name: the text that rows are known by, and their key is made of; -1: the key is a number
 */
static const struct section {
	const char *member;
	uint32_t kind;
	int name;
} sections[] = {
	{ "cpu", WIRE_CPU, -1 },
	{ "disks", WIRE_DISK, WIRE_DISK_NAME },
	{ "mounts", WIRE_MOUNT, WIRE_MOUNT_POINT },
	{ "networks", WIRE_LINK, WIRE_LINK_NAME },
	{ "temperature", WIRE_SENSOR, WIRE_SENSOR_LABEL },
	{ "top_processes", WIRE_PROCESS, -1 },
};

enum {
	SECTIONS = sizeof(sections) / sizeof(sections[0]),
	CELLS = POSTED_ROWS_MAX * WIRE_COLUMNS_MAX,
	TEXTS = POSTED_ROWS_MAX * WIRE_TEXTS_MAX,
};

/* The rows of a table, while they are read. */
struct rows {
	struct wire_table table;
	const struct wire_schema *schema;
	uint64_t cells[CELLS];
	struct wire_text text[TEXTS];
};

static bool __attribute__((format(printf, 2, 3)))
refuse_member(struct posted *p, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(p->problem, sizeof(p->problem), format, list);
	va_end(list);
	/* Names of members are the sender's. */
	clean_string(p->problem);
	return false;
}

static void make_id(struct posted *p)
{
	memcpy(p->id, mark, MARK_SIZE);
	crypto_generichash(p->id + MARK_SIZE, WIRE_ID_SIZE - MARK_SIZE,
			   (const uint8_t *)p->name, strlen(p->name), NULL, 0);
}

bool posted_is(const uint8_t *id)
{
	return !memcmp(id, mark, MARK_SIZE);
}

/* A whole number of any spelling; -1: it is none from 0 on. */
static int64_t whole_of(const json_t *value)
{
	double real = json_number_value(value);

	if (json_is_integer(value))
		return json_integer_value(value) < 0 ?
			       -1 :
			       json_integer_value(value);
	return json_is_real(value) && real >= 0 && real <= WHOLE_MAX &&
			       real == floor(real) ?
		       (int64_t)real :
		       -1;
}

static bool read_whole(struct posted *p, const char *path, const json_t *value,
		       uint64_t *to)
{
	int64_t whole = whole_of(value);

	if (whole < 0)
		return refuse_member(
			p, "%s: a whole number from 0 to 2^63 - 1 is expected",
			path);
	*to = (uint64_t)whole;
	return true;
}

static bool read_parts(struct posted *p, const char *path, const json_t *value,
		       double parts, uint64_t *to)
{
	double real = json_number_value(value);

	if (!json_is_number(value) || !(real >= 0) || real > 1e9)
		return refuse_member(
			p, "%s: a number from 0 to 10^9 is expected", path);
	*to = (uint64_t)llround(real * parts);
	return true;
}

static bool read_truth(struct posted *p, const char *path, const json_t *value,
		       uint64_t bit, uint64_t *to)
{
	if (!json_is_boolean(value))
		return refuse_member(p, "%s: true or false is expected", path);
	*to = json_is_true(value) ? *to | bit : *to & ~bit;
	return true;
}

static bool read_letter(struct posted *p, const char *path, const json_t *value,
			uint64_t *to)
{
	const char *text = json_string_value(value);

	if (!text || *text < 'A' || *text > 'z' || text[1])
		return refuse_member(p, "%s: one letter is expected", path);
	*to = (unsigned char)*text;
	return true;
}

static bool read_value(struct posted *p, const char *path,
		       const struct book_entry *e, const json_t *value,
		       uint64_t *to)
{
	double parts = book_unit_parts(e->unit);

	if (e->unit == BOOK_TRUTH) {
		*to = 0;
		return read_truth(p, path, value, 1, to);
	}
	if (e->unit == BOOK_LETTER)
		return read_letter(p, path, value, to);
	if (parts > 1)
		return read_parts(p, path, value, parts, to);
	return read_whole(p, path, value, to);
}

static bool read_text(struct posted *p, const char *path, const json_t *value,
		      struct wire_text *to)
{
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);
	char clean[WIRE_TEXT_MAX + 1];

	to->data = text;
	to->size = size;
	if (!text || size > WIRE_TEXT_MAX)
		return refuse_member(
			p, "%s: a text of at most %d bytes is expected", path,
			WIRE_TEXT_MAX);
	clean_text(clean, sizeof(clean), to);
	if (strlen(clean) != size || memcmp(clean, text, size))
		return refuse_member(
			p, "%s: a text without control characters is expected",
			path);
	return true;
}

/* A number that a name has at its node. */
static uint64_t number_of(const struct wire_text *name)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
	size_t i;

	for (i = 0; i < name->size; i++)
		hash = (hash ^ (uint8_t)name->data[i]) *
		       UINT64_C(1099511628211);
	hash = (hash ^ hash >> KEY_BITS) & ((UINT64_C(1) << KEY_BITS) - 1);
	return hash ? hash : 1;
}

static int find_text(uint32_t kind, const char *name)
{
	const struct book_table *t = book_table(kind);
	int i;

	for (i = 0; i < WIRE_TEXTS_MAX && t->texts[i].name; i++)
		if (!strcmp(t->texts[i].name, name))
			return i;
	return -1;
}

/* A column or a flag that a sender may tell. */
static const struct book_entry *find_entry(const struct section *section,
					   const char *name)
{
	const struct book_entry *e;

	for (e = book_first(section->kind); e < book_end(section->kind); e++) {
		if (e->what == BOOK_FLAG && !strcmp(e->name, name))
			return e;
		if (e->what != BOOK_COLUMN || e->unit == BOOK_FLAGS ||
		    e->unit == BOOK_HIDDEN ||
		    (e->type == WIRE_KEY && section->name >= 0))
			continue;
		if (!strcmp(e->name, name))
			return e;
	}
	return NULL;
}

/* What the book tells of a sensor by its type. */
static const struct {
	const char *member;
	uint32_t column;
} degrees[] = { { "celsius", WIRE_SENSOR_VALUE },
		{ "max_celsius", WIRE_SENSOR_MAX },
		{ "critical_celsius", WIRE_SENSOR_CRITICAL } };

static bool read_celsius(struct posted *p, const char *path,
			 const json_t *value, uint64_t *to)
{
	double celsius = json_number_value(value);

	if (!json_is_number(value) || !(celsius >= -273.15 && celsius <= 1e4))
		return refuse_member(
			p,
			"%s: degrees Celsius from -273.15 to 10000 are expected",
			path);
	*to = (uint64_t)llround(celsius * 1000);
	return true;
}

static bool read_sensor(struct posted *p, struct rows *r, const char *path,
			const char *name, const json_t *value)
{
	uint64_t *cells = r->cells + r->table.rows * r->table.columns;
	size_t i;

	for (i = 0; i < sizeof(degrees) / sizeof(degrees[0]); i++)
		if (!strcmp(degrees[i].member, name))
			return read_celsius(p, path, value,
					    &cells[degrees[i].column]);
	return refuse_member(p, UNKNOWN_MEMBER, path);
}

static bool read_member(struct posted *p, struct rows *r,
			const struct section *section, const char *row,
			const char *name, const json_t *value)
{
	const struct book_entry *e = find_entry(section, name);
	uint32_t at = r->table.rows;
	int text = find_text(section->kind, name);
	char path[PATH_SIZE];
	uint64_t *cell;

	snprintf(path, sizeof(path), "%s.%.40s", row, name);
	if (text >= 0)
		return read_text(
			p, path, value,
			&r->text[at * r->table.texts + (uint32_t)text]);
	if (section->kind == WIRE_SENSOR)
		return read_sensor(p, r, path, name, value);
	if (!e)
		return refuse_member(p, UNKNOWN_MEMBER, path);
	cell = &r->cells[at * r->table.columns + e->column];
	if (e->what != BOOK_FLAG)
		return read_value(p, path, e, value, cell);
	if (*cell == WIRE_ABSENT)
		*cell = 0;
	return read_truth(p, path, value, e->bit, cell);
}

/* Of CPUs all times have to be there, and who tells of one says that it is online. */
static void clear_row(struct rows *r)
{
	uint64_t *cells = r->cells + r->table.rows * r->table.columns;
	struct wire_text *text = r->text + r->table.rows * r->table.texts;
	bool cpu = r->table.kind == WIRE_CPU;
	uint32_t i;

	for (i = 0; i < r->table.columns; i++)
		cells[i] = cpu && i < r->schema->required ? 0 : WIRE_ABSENT;
	cells[0] = WIRE_ABSENT;
	if (cpu)
		cells[WIRE_CPU_FLAGS] = WIRE_CPU_ONLINE | WIRE_CPU_SEEN;
	if (r->table.kind == WIRE_SENSOR)
		cells[WIRE_SENSOR_TYPE] = WIRE_SENSOR_MILLI_CELSIUS;
	for (i = 0; i < r->table.texts; i++)
		text[i] = (struct wire_text){ "", 0 };
}

static bool is_doubled(const struct rows *r, uint64_t key)
{
	uint32_t i;

	for (i = 0; i < r->table.rows; i++)
		if (r->cells[i * r->table.columns] == key)
			return true;
	return false;
}

/* Its key, by the text or the number that it is known by. */
static bool end_row(struct posted *p, struct rows *r,
		    const struct section *section, const char *row)
{
	uint64_t *key = r->cells + r->table.rows * r->table.columns;
	const char *member;

	if (section->name < 0) {
		member = book_column(section->kind, 0)->name;
	} else {
		const struct wire_text *name =
			&r->text[r->table.rows * r->table.texts +
				 (uint32_t)section->name];

		member = book_table(section->kind)->texts[section->name].name;
		*key = name->size ? number_of(name) : WIRE_ABSENT;
	}
	if (*key == WIRE_ABSENT)
		return refuse_member(p, "%s.%s: it is expected", row, member);
	if (section->kind == WIRE_CPU && *key >= SAMPLES_CPUS_MAX)
		return refuse_member(p, "%s.%s: a number below %d is expected",
				     row, member, SAMPLES_CPUS_MAX);
	if (is_doubled(r, *key))
		return refuse_member(p, "%s.%s: another row has it, too", row,
				     member);
	r->table.rows++;
	return true;
}

static bool read_row(struct posted *p, struct rows *r,
		     const struct section *section, const json_t *row)
{
	char path[ROW_SIZE];
	const char *name;
	json_t *value;

	snprintf(path, sizeof(path), "%s[%u]", section->member, r->table.rows);
	if (!json_is_object(row))
		return refuse_member(p, "%s: an object is expected", path);
	clear_row(r);
	json_object_foreach((json_t *)row, name, value)
	{
		if (!read_member(p, r, section, path, name, value))
			return false;
	}
	return end_row(p, r, section, path);
}

static void begin_rows(struct rows *r, const struct posted *p, uint32_t kind)
{
	r->schema = wire_schema(kind);
	r->table = (struct wire_table){ .kind = kind,
					.schema = r->schema->schema,
					.origin = WIRE_ORIGIN_SHIPPER,
					.real_ns = p->real_ns,
					.mono_ns = p->real_ns,
					.columns = r->schema->columns,
					.texts = r->schema->texts,
					.cells = r->cells,
					.text = r->text };
}

static bool put_rows(struct posted *p, struct rows *r, const char *member)
{
	bool fits = r->table.rows ? wire_put(&p->encoder, &r->table, 0) ==
					    r->table.rows :
				    wire_put_none(&p->encoder, &r->table);

	return fits ||
	       refuse_member(p, "%s: this is more than fits a frame", member);
}

static bool is_list(struct posted *p, const char *member, const json_t *list)
{
	return (json_is_array(list) &&
		json_array_size(list) <= POSTED_ROWS_MAX) ||
	       refuse_member(p, "%s: a list of at most %d rows is expected",
			     member, POSTED_ROWS_MAX);
}

static bool read_section(struct posted *p, struct rows *r, const json_t *root,
			 const struct section *section)
{
	const json_t *list = json_object_get(root, section->member);
	json_t *row;
	size_t i;

	if (!list)
		return true;
	if (!is_list(p, section->member, list))
		return false;
	begin_rows(r, p, section->kind);
	json_array_foreach(list, i, row)
	{
		if (!read_row(p, r, section, row))
			return false;
	}
	return put_rows(p, r, section->member);
}

static const struct book_entry *find_gauge(uint8_t group, const char *member)
{
	const struct book_entry *e;
	char name[BOOK_NAME_SIZE];

	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->what == BOOK_VALUE && e->kind == WIRE_GAUGES &&
		    e->group == group && !strcmp(book_member(e, name), member))
			return e;
	return NULL;
}

/* Values that have names of their own. */
static bool read_group(struct posted *p, struct rows *r, const json_t *root,
		       const char *member, uint8_t group)
{
	json_t *object = json_object_get(root, member), *value;
	const char *name;

	if (!object)
		return true;
	if (!json_is_object(object))
		return refuse_member(p, "%s: an object is expected", member);
	begin_rows(r, p, WIRE_GAUGES);
	json_object_foreach(object, name, value)
	{
		const struct book_entry *e = find_gauge(group, name);
		uint64_t *cells = r->cells + r->table.rows * r->table.columns;
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s.%.40s", member, name);
		if (!e)
			return refuse_member(p, UNKNOWN_MEMBER, path);
		cells[WIRE_VALUE_KEY] = e->column;
		if (!read_value(p, path, e, value, &cells[WIRE_GAUGES_VALUE]))
			return false;
		r->table.rows++;
	}
	return !r->table.rows || put_rows(p, r, member);
}

/* Its first table: whose it is, and how often it comes. */
static bool put_node(struct posted *p)
{
	const uint64_t cells[WIRE_NODE_SAMPLE_NS] = { [WIRE_NODE_PERIOD_NS] =
							      p->interval_ns };
	const struct wire_text text[WIRE_NODE_TEXTS] = {
		[WIRE_NODE_NAME] = { p->name, strlen(p->name) },
		[WIRE_NODE_VERSION] = { "posted", 6 },
	};
	const struct wire_table t = { .kind = WIRE_NODE,
				      .schema = wire_schema(WIRE_NODE)->schema,
				      .origin = WIRE_ORIGIN_SHIPPER,
				      .real_ns = p->real_ns,
				      .mono_ns = p->real_ns,
				      .columns = WIRE_NODE_SAMPLE_NS,
				      .rows = 1,
				      .texts = WIRE_NODE_TEXTS,
				      .cells = cells,
				      .text = text };

	wire_begin(&p->encoder, p->frame, sizeof(p->frame), p->real_ns);
	return wire_put(&p->encoder, &t, 0) == 1 ||
	       refuse_member(p, "node_name: it does not fit");
}

static bool read_name(struct posted *p, const json_t *root)
{
	struct wire_text name;

	if (!read_text(p, "node_name", json_object_get(root, "node_name"),
		       &name))
		return false;
	if (!name.size)
		return refuse_member(p, "node_name: it is empty");
	memcpy(p->name, name.data, name.size);
	p->name[name.size] = '\0';
	make_id(p);
	return true;
}

/* Seconds since 1970, with decimals or without. */
static bool read_time(struct posted *p, const json_t *root, uint64_t now_ns)
{
	const json_t *value = json_object_get(root, "timestamp");
	double seconds = value ? json_number_value(value) :
				 (double)now_ns / (double)S;

	if ((value && !json_is_number(value)) ||
	    !(fabs(seconds - (double)now_ns / (double)S) <=
	      (double)(POSTED_FAR_NS / S)))
		return refuse_member(
			p,
			"timestamp: seconds since 1970 are expected, at most an hour from this collector's clock");
	p->real_ns = value ? (uint64_t)(seconds * (double)S) : now_ns;
	if (json_is_integer(value))
		p->real_ns = (uint64_t)json_integer_value(value) * S;
	return true;
}

static bool read_interval(struct posted *p, const json_t *root)
{
	const json_t *value = json_object_get(root, "interval_s");
	uint64_t seconds = POSTED_INTERVAL_S;

	if (value && (!read_whole(p, "interval_s", value, &seconds) ||
		      !seconds || seconds > POSTED_INTERVAL_MAX_S))
		return refuse_member(p, "interval_s: 1 to %d are expected",
				     POSTED_INTERVAL_MAX_S);
	p->interval_ns = seconds * S;
	return true;
}

static bool is_member(const char *name)
{
	static const char *const heads[] = { "node_name", "timestamp",
					     "interval_s", "memory", "load" };
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (!strcmp(heads[i], name))
			return true;
	for (i = 0; i < SECTIONS; i++)
		if (!strcmp(sections[i].member, name))
			return true;
	return false;
}

static bool has_known_members(struct posted *p, json_t *root)
{
	const char *name;
	json_t *value;

	json_object_foreach(root, name, value)
	{
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%.40s", name);
		if (!is_member(name))
			return refuse_member(p, UNKNOWN_MEMBER, path);
	}
	return true;
}

static bool read_tables(struct posted *p, const json_t *root)
{
	struct rows *r = malloc(sizeof(*r)); /* large for a stack */
	bool good = r && put_node(p);
	size_t i;

	if (!r)
		return refuse_member(p, "memory is short");
	for (i = 0; good && i < SECTIONS; i++)
		good = read_section(p, r, root, &sections[i]);
	good = good && read_group(p, r, root, "memory", BOOK_MEMORY) &&
	       read_group(p, r, root, "load", BOOK_LOAD);
	free(r);
	return good;
}

bool posted_read(struct posted *p, const char *body, size_t size,
		 uint64_t now_ns)
{
	json_error_t error;
	json_t *root = json_loadb(body, size, JSON_REJECT_DUPLICATES, &error);
	bool good;

	if (!json_is_object(root)) {
		json_decref(root);
		return refuse_member(p, "a JSON object is expected%s%s",
				     root ? "" : ": ", root ? "" : error.text);
	}
	good = read_name(p, root) && read_time(p, root, now_ns) &&
	       read_interval(p, root) && has_known_members(p, root) &&
	       read_tables(p, root);
	json_decref(root);
	return good;
}
