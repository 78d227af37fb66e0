// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/document.h"

enum document_limits {
	ROOM_FIRST = 4096,
	DIGITS_MAX = 20,
	REAL_DECIMALS = 6,
	REAL_SCALE = 1000000,
};

/* Larger numbers than this have no use for six decimals, or are no integers. */
#define REAL_FIXED_MAX 1e9
#define REAL_EXACT_MAX 9007199254740992.0

static bool grow_text(struct document *w, size_t more)
{
	size_t used = w->text ? w->text->size : 0;
	size_t room = w->room ? w->room : ROOM_FIRST;
	struct text *t;

	if (w->failed)
		return false;
	while (room - used < more)
		room *= 2;
	t = realloc(w->text, sizeof(*t) + room);
	if (!t) {
		w->failed = true;
		return false;
	}
	if (!w->text) {
		t->users = 1;
		t->size = 0;
	}
	w->text = t;
	w->room = room;
	return true;
}

void write_bytes(struct document *w, const void *data, size_t size)
{
	if ((!w->text || w->room - w->text->size < size) && !grow_text(w, size))
		return;
	memcpy(w->text->data + w->text->size, data, size);
	w->text->size += size;
}

void write_text(struct document *w, const char *text)
{
	write_bytes(w, text, strlen(text));
}

void write_digits(struct document *w, uint64_t value)
{
	char digits[DIGITS_MAX], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	write_bytes(w, at, (size_t)(digits + sizeof(digits) - at));
}

static void write_decimals(struct document *w, uint64_t millionths)
{
	char text[REAL_DECIMALS + 1] = ".";
	int i, n = REAL_DECIMALS;

	for (i = n; i; i--) {
		text[i] = (char)('0' + millionths % 10);
		millionths /= 10;
	}
	while (text[n] == '0')
		n--;
	write_bytes(w, text, (size_t)n + 1);
}

void write_real(struct document *w, double value)
{
	char text[32];
	uint64_t scaled;

	if (value >= REAL_FIXED_MAX && value < REAL_EXACT_MAX) {
		write_digits(w, (uint64_t)(value + 0.5));
		return;
	}
	if (fabs(value) >= REAL_FIXED_MAX) {
		snprintf(text, sizeof(text), "%.9g", value);
		write_text(w, text);
		return;
	}
	scaled = (uint64_t)(fabs(value) * REAL_SCALE + 0.5);
	if (value < 0 && scaled)
		write_bytes(w, "-", 1);
	write_digits(w, scaled / REAL_SCALE);
	if (scaled % REAL_SCALE)
		write_decimals(w, scaled % REAL_SCALE);
}

static void value(struct document *w)
{
	if (w->comma)
		write_bytes(w, ",", 1);
	w->comma = true;
}

void json_open(struct document *w, char bracket)
{
	value(w);
	write_bytes(w, &bracket, 1);
	w->comma = false;
}

void json_close(struct document *w, char bracket)
{
	write_bytes(w, &bracket, 1);
	w->comma = true;
}

static void escape(struct document *w, unsigned char c)
{
	char text[8];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof(text), "\\%c", c);
	else
		snprintf(text, sizeof(text), "\\u%04x", c);
	write_text(w, text);
}

static void quoted(struct document *w, const char *text)
{
	const char *from = text;

	write_bytes(w, "\"", 1);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		write_bytes(w, from, (size_t)(text - from));
		escape(w, c);
		from = text + 1;
	}
	write_bytes(w, from, (size_t)(text - from));
	write_bytes(w, "\"", 1);
}

void json_key(struct document *w, const char *key)
{
	value(w);
	quoted(w, key);
	write_bytes(w, ":", 1);
	w->comma = false;
}

void json_text(struct document *w, const char *text)
{
	value(w);
	quoted(w, text);
}

void json_count(struct document *w, uint64_t v)
{
	value(w);
	write_digits(w, v);
}

void json_none(struct document *w)
{
	value(w);
	write_text(w, "null");
}

void json_number(struct document *w, double v)
{
	if (!isfinite(v)) {
		json_none(w);
		return;
	}
	value(w);
	write_real(w, v);
}

void json_bool(struct document *w, bool v)
{
	value(w);
	write_text(w, v ? "true" : "false");
}

void json_raw(struct document *w, const struct text *document)
{
	if (!document) {
		json_none(w);
		return;
	}
	value(w);
	write_bytes(w, document->data, document->size);
}

void json_key_text(struct document *w, const char *key, const char *text)
{
	json_key(w, key);
	json_text(w, text);
}

void json_key_note(struct document *w, const char *key, const char *text)
{
	json_key(w, key);
	if (text)
		json_text(w, text);
	else
		json_none(w);
}

void json_key_count(struct document *w, const char *key, uint64_t v)
{
	json_key(w, key);
	json_count(w, v);
}

void json_key_number(struct document *w, const char *key, double v)
{
	json_key(w, key);
	json_number(w, v);
}

void json_key_bool(struct document *w, const char *key, bool v)
{
	json_key(w, key);
	json_bool(w, v);
}

struct text *document_done(struct document *w)
{
	struct text *t = w->failed ? NULL : w->text;

	if (w->failed)
		free(w->text);
	*w = (struct document){ 0 };
	return t;
}
