/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One option's value, whether from a command line or a file. For lib/options*
 * only.
 */
#ifndef KTACH_LIB_OPTIONS_VALUE_H
#define KTACH_LIB_OPTIONS_VALUE_H

#include "lib/options.h"

/* Read yes, no, on, off and the like. Return 0 or -EINVAL. */
int option_yes(const char *text, bool *value);

/* Take a value that is no flag's; or say in @problem what was expected. A text
 * is kept, not copied.
 */
void option_take(const struct option_spec *s, const char *argument,
		 char *problem, unsigned int size);

#endif /* KTACH_LIB_OPTIONS_VALUE_H */
