// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>

#include "lib/base/globs.h"

static bool same(char a, char b, bool any_case)
{
	return a == b || (any_case && tolower((unsigned char)a) ==
					      tolower((unsigned char)b));
}

static bool between(char c, char from, char to)
{
	return (unsigned char)from <= (unsigned char)c &&
	       (unsigned char)c <= (unsigned char)to;
}

/* The end of the set that begins at @set, which is a '['; NULL: it is just that. */
static const char *set_end(const char *set, const char *end)
{
	const char *at = set + 1;

	if (at < end && (*at == '!' || *at == '^'))
		at++;
	if (at < end && *at == ']')
		at++;
	return at < end ? memchr(at, ']', (size_t)(end - at)) : NULL;
}

/* A set is "[abc]", "[a-z]", or "[!abc]"; @close is its last character. */
static bool set_has(const char *set, const char *close, char c, bool any_case)
{
	const char *at = set + 1;
	bool without = *at == '!' || *at == '^', has = false;

	for (at += without; at < close; at++) {
		if (at + 2 < close && at[1] == '-') {
			has |= between(c, at[0], at[2]) ||
			       (any_case &&
				(between((char)tolower((unsigned char)c), at[0],
					 at[2]) ||
				 between((char)toupper((unsigned char)c), at[0],
					 at[2])));
			at += 2;
		} else {
			has |= same(*at, c, any_case);
		}
	}
	return has != without;
}

/* Whether what is at *@glob, which is no star, stands for @c; then *@glob is behind it. */
static bool take_one(const char **glob, const char *end, char c, bool any_case)
{
	const char *at = *glob, *close;
	bool good;

	if (at == end)
		return false;
	close = *at == '[' ? set_end(at, end) : NULL;
	if (close) {
		good = set_has(at, close, c, any_case);
		at = close;
	} else {
		if (*at == '\\' && at + 1 < end)
			good = same(*++at, c, any_case);
		else
			good = *at == '?' || same(*at, c, any_case);
	}
	*glob = at + 1;
	return good;
}

/* Only the last star is ever tried again, so that it takes no longer than the lengths of both
 * multiplied, where fnmatch() may take for ever.
 */
static bool matches(const char *glob, const char *end, const char *name,
		    bool any_case)
{
	const char *star = NULL, *kept = name, *at;

	while (*name) {
		at = glob;
		if (glob < end && *glob == '*') {
			star = ++glob;
			kept = name;
		} else if (take_one(&at, end, *name, any_case)) {
			glob = at;
			name++;
		} else if (star) {
			glob = star;
			name = ++kept;
		} else {
			return false;
		}
	}
	while (glob < end && *glob == '*')
		glob++;
	return glob == end;
}

/* There may be blanks around commas. */
static bool match(const char *globs, const char *name, bool any_case)
{
	for (;;) {
		const char *comma = globs + strcspn(globs, ","), *end = comma;

		while (globs < end && isblank((unsigned char)*globs))
			globs++;
		while (end > globs && isblank((unsigned char)end[-1]))
			end--;
		if (end > globs && matches(globs, end, name, any_case))
			return true;
		if (!*comma)
			return false;
		globs = comma + 1;
	}
}

bool globs_match(const char *globs, const char *name)
{
	return match(globs, name, false);
}

bool globs_match_any_case(const char *globs, const char *name)
{
	return match(globs, name, true);
}

/* A glob of stars only. Of two stars the last one may take more without that the first one
 * has to: so each byte of @name is looked at once for each byte of the glob, at most.
 */
static bool stars_match(const char *glob, const char *end, const char *name)
{
	const char *star = NULL, *again = NULL;

	while (*name) {
		if (glob < end && *glob == '*') {
			star = ++glob;
			again = name;
		} else if (glob < end && *glob == *name) {
			glob++;
			name++;
		} else if (star) {
			glob = star;
			name = ++again;
		} else {
			return false;
		}
	}
	while (glob < end && *glob == '*')
		glob++;
	return glob == end;
}

bool names_match(const char *names, const char *name)
{
	size_t size;

	for (; *names; names += size + (names[size] == ',')) {
		size = strcspn(names, ",");
		if (size && stars_match(names, names + size, name))
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
