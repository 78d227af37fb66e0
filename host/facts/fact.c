// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/facts/fact.h"

void fact_add(struct rows *rows, enum wire_fact fact, const char *text,
	      size_t size)
{
	if (size && rows_add(rows, fact))
		rows_text(rows, WIRE_FACT, text, size);
}

void fact_number(struct rows *rows, enum wire_fact fact, uint64_t number)
{
	char text[24];

	fact_add(rows, fact, text,
		 (size_t)snprintf(text, sizeof(text), "%" PRIu64, number));
}

static const char *trim(const char *at, size_t *size)
{
	while (*size && strchr(" \t", at[*size - 1]))
		--*size;
	if (*size < 2 || !strchr("\"'", *at) || at[*size - 1] != *at)
		return at;
	*size -= 2;
	return at + 1;
}

const char *fact_line(const char *text, const char *name, size_t *size)
{
	size_t length = strlen(name);
	const char *end;

	for (; (end = strchr(text, '\n')); text = end + 1) {
		if (strncmp(text, name, length))
			continue;
		*size = (size_t)(end - text) - length;
		return trim(text + length, size);
	}
	return NULL;
}
