// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ktach/show/json.h"
#include "ktach/show/section.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"
#include "lib/wire/wire.h"

json_t *json_answer(void)
{
	return json_pack("{s:i}", "schema", JSON_SCHEMA);
}

json_t *json_name(const char *name)
{
	const struct wire_text from = { name, strlen(name) };
	char clean[WIRE_TEXT_MAX + 1];

	clean_text(clean, sizeof(clean), &from);
	return *clean ? json_string(clean) : json_null();
}

json_t *json_from_count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

void json_members(json_t *o, const struct json_member *members,
		  const void *base)
{
	for (; members->name; members++) {
		const void *at = (const char *)base + members->offset;
		uint64_t value = *(const uint64_t *)at;

		json_object_set_new(o, members->name,
				    value == FIGURE_UNKNOWN ?
					    json_null() :
					    json_from_count(value));
	}
}

static const struct json_member span_members[] = {
	{ "real_ns", offsetof(struct span, real_ns) },
	{ "mono_ns", offsetof(struct span, mono_ns) },
	{ "interval_ns", offsetof(struct span, interval_ns) },
	{ "sample", offsetof(struct span, sample) },
	{ "lost", offsetof(struct span, lost) },
	{ "missed", offsetof(struct span, missed) },
	{ 0 },
};

json_t *span_json(const struct span *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "origin", json_string(origin_name(s->origin)));
	json_members(o, span_members, s);
	return o;
}

/* "share.user" is a member of an object, which is null where nothing is known of it. */
static void put_member_json(void *row, const char *name, const struct value *v)
{
	const char *dot = strchr(name, '.');
	char object[BOOK_NAME_SIZE];
	json_t *inner;

	if (!dot) {
		json_object_set_new(row, name, value_json(v));
		return;
	}
	snprintf(object, sizeof(object), "%.*s", (int)(dot - name), name);
	inner = json_object_get(row, object);
	if (!json_is_object(inner)) {
		inner = v->type == VALUE_ABSENT ? json_null() : json_object();
		json_object_set_new(row, object, inner);
	}
	if (json_is_object(inner))
		json_object_set_new(inner, dot + 1, value_json(v));
}

static json_t *total_json(const struct figures *f, enum section section)
{
	json_t *o = span_json(figures_span(f, section));

	section_total(f, section, put_member_json, o);
	return o;
}

static json_t *cpus_json(const struct figures *f, enum section section,
			 const struct cpu_figures *cpus)
{
	json_t *o = total_json(f, section), *rows = json_array();
	uint32_t i;

	json_object_set_new(o, "online", json_from_count(cpus->online));
	for (i = 0; i < cpus->rows; i++) {
		const struct cpu_row *r = &cpus->row[i];
		json_t *row = json_object();

		json_object_set_new(row, "cpu", json_from_count(r->cpu));
		json_object_set_new(row, "online",
				    json_boolean(r->flags & WIRE_CPU_ONLINE));
		section_row(f, section, i, put_member_json, row);
		json_array_append_new(rows, row);
	}
	json_object_set_new(o, "cpus", rows);
	return o;
}

static json_t *net_json(const struct figures *f)
{
	json_t *o = total_json(f, SECTION_NET), *rows = json_array();
	uint32_t i;

	for (i = 0; i < f->net.rows; i++) {
		const struct net_row *r = &f->net.row[i];
		json_t *row = json_object();

		json_object_set_new(row, "name", json_name(r->name));
		json_object_set_new(row, "origin",
				    json_string(origin_name(r->origin)));
		section_row(f, SECTION_NET, i, put_member_json, row);
		json_array_append_new(rows, row);
	}
	json_object_set_new(o, "interfaces", rows);
	return o;
}

static json_t *notes_json(const struct figures *f)
{
	json_t *notes = json_array();
	int i;

	for (i = 0; i < f->notes; i++)
		json_array_append_new(notes, json_name(f->note[i]));
	return notes;
}

json_t *figures_json(const struct figures *f)
{
	json_t *o = json_answer();

	json_object_set_new(o, "host", json_name(f->host));
	json_object_set_new(o, "kernel", json_name(f->release));
	json_object_set_new(o, "real_ns", json_from_count(figures_real_ns(f)));
	if (f->cpu.span.origin)
		json_object_set_new(o, "cpu",
				    cpus_json(f, SECTION_CPU, &f->cpu));
	if (f->softirq.span.origin)
		json_object_set_new(o, "softirq",
				    cpus_json(f, SECTION_SOFTIRQ, &f->softirq));
	if (f->net.span.origin)
		json_object_set_new(o, "net", net_json(f));
	if (f->mem.span.origin)
		json_object_set_new(o, "memory", total_json(f, SECTION_MEM));
	if (f->load.span.origin)
		json_object_set_new(o, "load", total_json(f, SECTION_LOAD));
	json_object_set_new(o, "notes", notes_json(f));
	return o;
}

int json_print(json_t *o, bool line)
{
	size_t flags = line ? JSON_COMPACT : JSON_INDENT(2);
	int failed = json_dumpf(o, stdout, flags | JSON_REAL_PRECISION(10));

	json_decref(o);
	putchar('\n');
	fflush(stdout);
	if (!failed && !ferror(stdout))
		return 0;
	log_error("cannot write to the standard output: %s", strerror(errno));
	return -EIO;
}
