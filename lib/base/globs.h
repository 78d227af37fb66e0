/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_GLOBS_H
#define KTACH_LIB_BASE_GLOBS_H

#include <stdbool.h>

/* Whether a name matches one of a list of globs with commas between them. */
bool globs_match(const char *globs, const char *name);
bool globs_match_any_case(const char *globs, const char *name);

/* The same of names with stars in them, each of which stands for any text: for strangers,
 * as fnmatch() may take very long for a glob with many stars. This takes as many steps
 * as both texts have bytes, multiplied, at most.
 */
bool names_match(const char *names, const char *name);

/* Whether a name is to be taken: it matches @include, if that is given, and does not
 * match @exclude, if that is. Both may be NULL.
 */
bool globs_choose(const char *include, const char *exclude, const char *name);

#endif /* KTACH_LIB_BASE_GLOBS_H */
