// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "lib/globs.h"

enum {
	GLOB_MAX = 256,
};

bool globs_match(const char *globs, const char *name)
{
	char glob[GLOB_MAX];
	size_t length;

	for (; *globs; globs += length + (globs[length] == ',')) {
		length = strcspn(globs, ",");
		if (length >= sizeof(glob))
			continue;
		snprintf(glob, length + 1, "%s", globs);
		if (!fnmatch(glob, name, 0))
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
