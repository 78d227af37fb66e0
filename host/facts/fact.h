/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fact of the host: a row of WIRE_FACTS, and the line of a file that has it. */
#ifndef KTACH_HOST_FACTS_FACT_H
#define KTACH_HOST_FACTS_FACT_H

#include "host/rows.h"

/* A fact that was found; nothing if there is no text. */
void fact_add(struct rows *rows, enum wire_fact fact, const char *text,
	      size_t size);
void fact_number(struct rows *rows, enum wire_fact fact, uint64_t number);

/**
 * fact_line() - find a line "name: value" or NAME=value
 * @text: the file
 * @name: what the line begins with, up to the value, blanks included
 * @size: set to the value's length
 *
 * Return: the value, without quotes around it and blanks behind; NULL if there
 * is no such line, or it was cut off.
 */
const char *fact_line(const char *text, const char *name, size_t *size);

#endif /* KTACH_HOST_FACTS_FACT_H */
