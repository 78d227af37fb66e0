// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/globs.h"

enum {
	GLOB_MAX = 256, /* bytes: a longer one matches nothing */
};

static bool match(const char *globs, const char *name, int flags)
{
	char glob[GLOB_MAX];
	size_t length;

	for (; *globs; globs += length + (globs[length] == ',')) {
		length = strcspn(globs, ",");
		if (length >= sizeof(glob))
			continue;
		snprintf(glob, length + 1, "%s", globs);
		if (!fnmatch(glob, name, flags))
			return true;
	}
	return false;
}

bool globs_match(const char *globs, const char *name)
{
	return match(globs, name, 0);
}

bool globs_match_any_case(const char *globs, const char *name)
{
	return match(globs, name, FNM_CASEFOLD);
}

bool names_match(const char *names, const char *name)
{
	size_t size;

	for (; *names; names += size + (names[size] == ',')) {
		size = strcspn(names, ",");
		if (size && names[size - 1] == '*' ?
			    !strncmp(names, name, size - 1) :
			    strlen(name) == size && !memcmp(names, name, size))
			return true;
	}
	return false;
}

bool globs_choose(const char *include, const char *exclude, const char *name)
{
	if (include && !globs_match(include, name))
		return false;
	return !exclude || !globs_match(exclude, name);
}
