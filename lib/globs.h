/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of globs, with commas between them. */
#ifndef KTACH_LIB_GLOBS_H
#define KTACH_LIB_GLOBS_H

#include <stdbool.h>

/**
 * globs_match() - whether a name matches one of them
 * @globs: as glob(7); blanks are part of a glob
 * @name: a name
 * @flags: of fnmatch(3)
 */
bool globs_match(const char *globs, const char *name, int flags);

/* Whether it is to be taken: one of @include, if that is given, and none of
 * @exclude, if that is. Both may be NULL.
 */
bool globs_choose(const char *include, const char *exclude, const char *name);

#endif /* KTACH_LIB_GLOBS_H */
