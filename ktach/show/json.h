/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as JSON; the man page documents the members. */
#ifndef KTACH_KTACH_SHOW_JSON_H
#define KTACH_KTACH_SHOW_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "ktach/figures/figures.h"

enum {
	JSON_SCHEMA = 2, /* goes up when a member changes its meaning */
};

/* All sections that were read. A new reference, or NULL without memory. */
json_t *figures_json(const struct figures *f);

/* The members that every section has. */
json_t *span_json(const struct span *s);

/* An object with "schema", which every answer has. */
json_t *json_answer(void);

/* A name that somebody else chose, as it may be shown; null for "". */
json_t *json_name(const char *name);

json_t *json_from_count(uint64_t value);

/* A uint64_t of a struct, as a member; a table ends with a NULL name. */
struct json_member {
	const char *name;
	size_t offset;
};

/* Add these numbers of the struct at @base to @o. */
void json_members(json_t *o, const struct json_member *members,
		  const void *base);

/**
 * json_print() - write and let go of an answer
 * @o: the answer
 * @line: on one line, for a series
 *
 * Return: 0, or -EIO after a message.
 */
int json_print(json_t *o, bool line);

#endif /* KTACH_KTACH_SHOW_JSON_H */
