// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "shipper/interface_choice.h"

enum {
	GLOB_MAX = 128,
};

/* Whether a name matches one of a list of globs with commas between them. */
static bool matches(const char *globs, const char *name)
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

bool interface_chosen(const struct interface_choice *c, const char *name,
		      bool loopback)
{
	if (loopback && !c->with_lo)
		return false;
	if (c->include && !matches(c->include, name))
		return false;
	return !c->exclude || !matches(c->exclude, name);
}
