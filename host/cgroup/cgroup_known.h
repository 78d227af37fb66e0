/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of containers and pods, by files that everybody may read: kubelet names the
 * logs after them, and ktach-agentd writes what runtimes tell root alone.
 */
#ifndef KTACH_HOST_CGROUP_CGROUP_KNOWN_H
#define KTACH_HOST_CGROUP_CGROUP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct cgroup_alias - a container or a pod
 * @id: its id or uid; the others' memory, too
 * @name: a container's; "" of a pod
 * @pod: "" without
 * @space: the pod's namespace
 */
struct cgroup_alias {
	char *id;
	const char *name;
	const char *pod;
	const char *space;
};

/**
 * struct cgroup_known - all zeroes: none
 * @all: sorted by id
 * @count: of them
 * @room: there
 */
struct cgroup_known {
	struct cgroup_alias *all;
	size_t count;
	size_t room;
};

/* Read them anew. @root: where the host's root is. */
void cgroup_known_load(struct cgroup_known *k, const char *root);
void cgroup_known_exit(struct cgroup_known *k);

/* NULL if it is not among them. */
const struct cgroup_alias *cgroup_known_find(const struct cgroup_known *k,
					     const char *id);

#endif /* KTACH_HOST_CGROUP_CGROUP_KNOWN_H */
