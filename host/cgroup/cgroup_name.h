/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a control group is, and what people call it, by its path. */
#ifndef KTACH_HOST_CGROUP_CGROUP_NAME_H
#define KTACH_HOST_CGROUP_CGROUP_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/wire/wire.h"

enum cgroup_name_limits {
	CGROUP_ID_SIZE = 64, /* a container's, in hexadecimal digits */
	CGROUP_UID_SIZE = 36, /* a pod's */
	CGROUP_STATIC_UID_SIZE = 32, /* of one that is in a file of its node */
	CGROUP_ID_SHOWN = 12, /* as runtimes show it */
};

/**
 * struct cgroup_name - of a group
 * @kind: "slice", "service", "scope", "container", "pod", or "group" for any other
 * @name: a unit's; a container's, or the beginning of its id; a pod's uid
 * @id: a container's id; "" if it has none
 * @uid: of the pod that it is or belongs to; "" without
 */
struct cgroup_name {
	const char *kind;
	char name[WIRE_TEXT_MAX + 1];
	char id[CGROUP_ID_SIZE + 1];
	char uid[CGROUP_UID_SIZE + 1];
};

/**
 * cgroup_name() - what a path says
 * @n: filled
 * @path: from the hierarchy's root on: "/system.slice/ssh.service"
 */
void cgroup_name(struct cgroup_name *n, const char *path);

/* Groups below a container are its own business. */
bool cgroup_name_ends(const struct cgroup_name *n);

/* Whether a text ends with another. */
bool cgroup_ends_with(const char *text, size_t size, const char *end);

/* Whether these are an id's digits, and as many. */
bool cgroup_is_id(const char *text, size_t size);

#endif /* KTACH_HOST_CGROUP_CGROUP_NAME_H */
