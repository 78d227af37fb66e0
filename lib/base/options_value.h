/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One option's value, wherever it comes from. For lib/options* only.
 */
#ifndef KTACH_LIB_BASE_OPTIONS_VALUE_H
#define KTACH_LIB_BASE_OPTIONS_VALUE_H

#include "lib/base/options.h"

/* Read yes, no, on, off and the like. Return 0 or -EINVAL. */
int option_yes(const char *text, bool *value);

/* Whether its value is a pointer to what was given. */
bool option_is_text(const struct option_spec *s);

/* Take a value, of a flag yes or no; or say in @problem what was expected. A text
 * is kept, not copied.
 */
void option_take(const struct option_spec *s, const char *argument,
		 char *problem, unsigned int size);

#endif /* KTACH_LIB_BASE_OPTIONS_VALUE_H */
