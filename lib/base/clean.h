/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_CLEAN_H
#define KTACH_LIB_BASE_CLEAN_H

#include <stddef.h>

struct wire_text;

/* Copy a sender's text as NUL-terminated UTF-8. Each byte that is no UTF-8, or
 * belongs to a character that is not to be seen (control characters, marks of
 * direction, joiners, tags, ...), becomes '?'. A text that is too long is cut between
 * two characters.
 */
void clean_text(char *out, size_t size, const struct wire_text *text);

/* The same in place: a string keeps its size. */
void clean_string(char *text);

#endif /* KTACH_LIB_BASE_CLEAN_H */
