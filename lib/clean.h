/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_CLEAN_H
#define KTACH_LIB_CLEAN_H

#include <stddef.h>

struct wire_text;

/* Copy a sender's text as NUL-terminated UTF-8: what is not, control characters
 * included, becomes '?'; what is too long is cut between two characters.
 */
void clean_text(char *out, size_t size, const struct wire_text *text);

#endif /* KTACH_LIB_CLEAN_H */
