// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <ktach/wire.h>

#include "host/file.h"
#include "host/group_stat.h"
#include "lib/kernel/proc.h"

enum {
	KEY_BITS = 53, /* that a double holds */
};

/* FNV-1a */
uint64_t group_stat_key(const char *name, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)name[i]) *
		       UINT64_C(1099511628211);
	return hash >> (64 - KEY_BITS);
}

/* A number is followed by a blank or the end of its line. */
static uint64_t number_at(const char *at)
{
	uint64_t value;

	if (!proc_number(&at, &value) || value > INT64_MAX ||
	    (*at != ' ' && *at != '\n' && *at))
		return WIRE_ABSENT;
	return value;
}

bool group_stat_text(int dir, const char *file, char *text, size_t size)
{
	int n = host_bytes_at(dir, file, text, size - 1);

	if (n < 0 || (size_t)n == size - 1)
		return false;
	text[n] = '\0';
	return strlen(text) == (size_t)n && (!n || text[n - 1] == '\n');
}

uint64_t group_stat_number(int dir, const char *file)
{
	int64_t value;

	if (host_number_at(dir, file, &value) || value < 0)
		return WIRE_ABSENT;
	return (uint64_t)value;
}

uint64_t group_stat_value(const char *text, const char *name)
{
	const char *at;

	for (; *text; text = proc_next_line(text)) {
		at = proc_behind(text, name);
		if (at && *at == ' ')
			return number_at(at);
	}
	return WIRE_ABSENT;
}

/* Behind " NAME=" up to @end; NULL if it is not there. */
static const char *find_named(const char *at, const char *end, const char *name)
{
	size_t size = strlen(name);

	while ((at = strstr(at, name)) && at + size < end) {
		if (at[-1] == ' ' && at[size] == '=')
			return at + size + 1;
		at += size;
	}
	return NULL;
}

uint64_t group_stat_sum(const char *text, const char *name)
{
	const char *at = text + (*text != '\0'), *end = text + strlen(text);
	uint64_t value, all = 0;
	bool found = !*text;

	while ((at = find_named(at, end, name))) {
		found = true;
		value = number_at(at);
		if (value == WIRE_ABSENT ||
		    __builtin_add_overflow(all, value, &all))
			return WIRE_ABSENT;
	}
	return !found || all > INT64_MAX ? WIRE_ABSENT : all;
}

uint64_t group_stat_line(const char *text, const char *word, const char *name)
{
	const char *at, *next;

	for (; *text; text = next) {
		next = proc_next_line(text);
		at = proc_behind(text, word);
		if (!at || *at != ' ')
			continue;
		at = find_named(at + 1, next, name);
		return at ? number_at(at) : WIRE_ABSENT;
	}
	return WIRE_ABSENT;
}

uint64_t group_stat_ns(uint64_t value, uint64_t unit_ns)
{
	if (value > INT64_MAX / unit_ns)
		return WIRE_ABSENT;
	return value * unit_ns;
}
