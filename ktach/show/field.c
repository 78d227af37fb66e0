// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ktach/show/field.h"
#include "ktach/figures/figures.h"
#include "ktach/figures/format.h"
#include "lib/base/clean.h"

void value_number(struct value *v, int64_t number)
{
	v->type = VALUE_NUMBER;
	v->number = number;
}

void value_real(struct value *v, double real)
{
	v->type = VALUE_REAL;
	v->real = real;
}

void value_truth(struct value *v, bool truth)
{
	v->type = VALUE_TRUTH;
	v->number = truth;
}

void value_text(struct value *v, const char *text)
{
	v->type = VALUE_TEXT;
	snprintf(v->room, sizeof(v->room), "%s", text);
	v->text = (struct wire_text){ v->room, strlen(v->room) };
}

double value_weight(const struct value *v)
{
	switch (v->type) {
	case VALUE_NUMBER:
	case VALUE_TRUTH:
		return (double)v->number;
	case VALUE_REAL:
		return v->real;
	default:
		return 0;
	}
}

static uint64_t whole(double real)
{
	return real > 0 ? (uint64_t)(real + 0.5) : 0;
}

static void format_unit(double real, enum unit unit, char text[FIELD_SIZE])
{
	switch (unit) {
	case UNIT_COUNT:
		format_rate(text, whole(real * RATE_ONE));
		break;
	case UNIT_BYTES:
		format_memory(text, whole(real));
		break;
	case UNIT_BYTES_SHORT:
		format_bytes(text, whole(real));
		break;
	case UNIT_SHARE:
		snprintf(text, FIELD_SIZE, "%.1f", real * 100);
		break;
	case UNIT_NS:
		snprintf(text, FIELD_SIZE, "%.2f", real / 1000000);
		break;
	case UNIT_US:
		snprintf(text, FIELD_SIZE, "%.1f", real / 1000);
		break;
	case UNIT_S:
		format_uptime(text, whole(real));
		break;
	case UNIT_HZ:
		snprintf(text, FIELD_SIZE, "%.0f", real / 1000000);
		break;
	default:
		snprintf(text, FIELD_SIZE, "%.1f", real);
		break;
	}
}

const char *value_format(const struct value *v, enum unit unit,
			 char text[FIELD_SIZE])
{
	if (v->type == VALUE_ABSENT)
		strcpy(text, "-");
	else if (v->type == VALUE_TRUTH)
		strcpy(text, v->number ? "yes" : "no");
	else if (v->type == VALUE_NUMBER && unit == UNIT_COUNT)
		format_count(text, (uint64_t)v->number);
	else if (v->type == VALUE_NUMBER && unit == UNIT_PLAIN)
		snprintf(text, FIELD_SIZE, "%" PRId64, v->number);
	else if (v->type == VALUE_REAL && unit == UNIT_PLAIN)
		snprintf(text, FIELD_SIZE, "%.12g", v->real);
	else
		format_unit(value_weight(v), unit, text);
	return text;
}

/* Words between blanks. */
static json_t *list_json(const struct wire_text *t)
{
	json_t *list = json_array();
	size_t at, end;

	for (at = 0; at < t->size; at = end + 1) {
		for (end = at; end < t->size && t->data[end] != ' '; end++)
			;
		if (end > at)
			json_array_append_new(list, json_stringn(t->data + at,
								 end - at));
	}
	return list;
}

json_t *value_json(const struct value *v)
{
	switch (v->type) {
	case VALUE_NUMBER:
		return json_integer(v->number);
	case VALUE_REAL:
		return json_real(v->real);
	case VALUE_TRUTH:
		return json_boolean(v->number);
	case VALUE_TEXT:
		return json_stringn(v->text.data, v->text.size);
	case VALUE_WORDS:
		return list_json(&v->text);
	default:
		return json_null();
	}
}

/* A name may have a comma, or a quote. */
void csv_text(FILE *out, const char *text, size_t size)
{
	const struct wire_text from = { text, size };
	char clean[WIRE_TEXT_MAX + 1], *at;
	bool quoted = memchr(text, ',', size) || memchr(text, '"', size);

	clean_text(clean, sizeof(clean), &from);

	fputs(quoted ? ",\"" : ",", out);
	for (at = clean; *at; at++)
		fprintf(out, *at == '"' ? "\"\"" : "%c", *at);
	if (quoted)
		fputc('"', out);
}

void value_csv(FILE *out, const struct value *v)
{
	switch (v->type) {
	case VALUE_NUMBER:
		fprintf(out, ",%" PRId64, v->number);
		break;
	case VALUE_REAL:
		fprintf(out, ",%.10g", v->real);
		break;
	case VALUE_TRUTH:
		fprintf(out, ",%d", (int)v->number);
		break;
	case VALUE_TEXT:
	case VALUE_WORDS:
		csv_text(out, v->text.data, v->text.size);
		break;
	default:
		fputc(',', out);
		break;
	}
}
