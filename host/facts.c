// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/facts.h"
#include "lib/clock.h"

struct facts {
	struct host_options options;
	struct rows rows;
};

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

static int facts_open(void **state, const struct host_options *options)
{
	struct facts *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->options = *options;
	s->rows.kind = WIRE_FACTS;
	*state = s;
	return 0;
}

static void facts_close(void *state)
{
	struct facts *s = state;

	rows_exit(&s->rows);
	free(s);
}

/* All of them each time: it is seldom, and whoever missed it waits for it. */
static int facts_read(void *state, const struct host_sink *sink)
{
	struct facts *s = state;

	rows_clear(&s->rows);
	fact_machine(&s->rows, &s->options);
	fact_cpus(&s->rows, &s->options);
	fact_addresses(&s->rows, &s->options);
	rows_put(&s->rows, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
	return 0;
}

const struct host_collector host_facts = {
	.name = "facts",
	.summary = "names, kernel, distribution, CPUs, addresses",
	.interval_ns = 60000000000,
	.enabled = true,
	.open = facts_open,
	.read = facts_read,
	.close = facts_close,
};
