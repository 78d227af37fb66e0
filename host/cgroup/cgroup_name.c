// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "host/cgroup/cgroup_name.h"

static const char container[] = "container";

bool cgroup_ends_with(const char *text, size_t size, const char *end)
{
	size_t n = strlen(end);

	return size > n && !memcmp(text + size - n, end, n);
}

bool cgroup_is_id(const char *text, size_t size)
{
	return size == CGROUP_ID_SIZE &&
	       strspn(text, "0123456789abcdef") >= size;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return c && at ? (int)(at - digits) : -1;
}

/* systemd writes what may be in no unit's name as "\x2d". */
static void copy_name(char *to, const char *from, size_t size)
{
	const char *end = from + size;
	size_t used = 0;

	while (from < end && used < WIRE_TEXT_MAX) {
		if (end - from >= 4 && from[0] == '\\' && from[1] == 'x' &&
		    hex_digit(from[2]) >= 0 && hex_digit(from[3]) >= 0) {
			to[used++] = (char)(hex_digit(from[2]) << 4 |
					    hex_digit(from[3]));
			from += 4;
		} else {
			to[used++] = *from++;
		}
	}
	to[used] = '\0';
}

/* "pod" and a uid, whose dashes are underscores in a slice's name, as it has dashes of
 * its own: "kubepods-burstable-pod8a1f_...slice".
 */
static bool take_uid(char *uid, const char *part, size_t size)
{
	const char *at = part;
	size_t i;

	if (cgroup_ends_with(part, size, ".slice")) {
		size -= strlen(".slice");
		for (i = size; i && part[i - 1] != '-'; i--)
			;
		at = part + i;
		size -= i;
	}
	if (size < 3 || memcmp(at, "pod", 3))
		return false;
	at += 3;
	size -= 3;
	if ((size != CGROUP_UID_SIZE && size != CGROUP_STATIC_UID_SIZE) ||
	    strspn(at, "0123456789abcdef-_") < size)
		return false;
	for (i = 0; i < size; i++)
		uid[i] = at[i] == '_' ? '-' : at[i];
	uid[i] = '\0';
	return true;
}

/* The id is all of a folder's name, or "RUNTIME-ID.scope". What looks after a container
 * ("libpod-conmon-ID.scope") is none.
 */
static bool take_id(struct cgroup_name *n, const char *part, size_t size)
{
	const char *id = part;
	size_t before;

	if (cgroup_ends_with(part, size, ".scope"))
		size -= strlen(".scope");
	if (size < CGROUP_ID_SIZE)
		return false;
	before = size - CGROUP_ID_SIZE;
	id += before;
	if (!cgroup_is_id(id, CGROUP_ID_SIZE) ||
	    (before &&
	     (id[-1] != '-' || cgroup_ends_with(part, before, "-conmon-"))))
		return false;
	memcpy(n->id, id, CGROUP_ID_SIZE);
	n->id[CGROUP_ID_SIZE] = '\0';
	snprintf(n->name, sizeof(n->name), "%.*s", CGROUP_ID_SHOWN, n->id);
	return true;
}

/* Those that have a name instead of an id. */
static bool take_named(struct cgroup_name *n, const char *part, size_t size)
{
	static const struct {
		const char *before;
		const char *after;
	} all[] = {
		{ "lxc.payload.", "" },
		{ "machine-", ".scope" },
		{ "systemd-nspawn@", ".service" },
	};
	size_t i, before, after;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		before = strlen(all[i].before);
		after = strlen(all[i].after);
		if (size <= before + after ||
		    strncmp(part, all[i].before, before) ||
		    memcmp(part + size - after, all[i].after, after))
			continue;
		copy_name(n->name, part + before, size - before - after);
		return true;
	}
	return false;
}

static const char *kind_of(const char *part, size_t size)
{
	if (cgroup_ends_with(part, size, ".slice"))
		return "slice";
	if (cgroup_ends_with(part, size, ".service"))
		return "service";
	return cgroup_ends_with(part, size, ".scope") ? "scope" : "group";
}

void cgroup_name(struct cgroup_name *n, const char *path)
{
	const char *part = path;
	size_t size;

	*n = (struct cgroup_name){ .kind = "group" };
	do {
		part += *part == '/';
		size = strcspn(part, "/");
		n->kind = take_uid(n->uid, part, size) ? "pod" : "";
	} while (part[size] && (part += size));
	if (*n->kind) {
		strcpy(n->name, n->uid);
	} else if (take_id(n, part, size) || take_named(n, part, size)) {
		n->kind = container;
	} else {
		n->kind = kind_of(part, size);
		copy_name(n->name, part, size);
	}
}

bool cgroup_name_ends(const struct cgroup_name *n)
{
	return n->kind == container;
}
