/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as JSON; the man page documents the members. */
#ifndef KTACH_KTACH_JSON_H
#define KTACH_KTACH_JSON_H

#include <jansson.h>

#include "ktach/figures.h"

enum {
	JSON_SCHEMA = 1,	/* goes up when a member changes its meaning */
};

/* All sections that were read. A new reference, or NULL without memory. */
json_t *figures_json(const struct figures *f);

/* An object with "schema", which every answer has. */
json_t *json_answer(void);

/* The number of @unit that make 1, as a real: 1234 of 1000 are 1.234. */
json_t *json_scaled(uint64_t value, uint64_t unit);
json_t *json_count(uint64_t value);

/**
 * json_print() - write and let go of an answer
 * @o: the answer
 * @line: on one line, for a series
 *
 * Return: 0, or -EIO after a message.
 */
int json_print(json_t *o, bool line);

#endif /* KTACH_KTACH_JSON_H */
