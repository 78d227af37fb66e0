/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a control group, of both versions, as a row of WIRE_CGROUP. */
#ifndef KTACH_HOST_CGROUP_CGROUP_FILES_H
#define KTACH_HOST_CGROUP_CGROUP_FILES_H

#include <stdint.h>

/**
 * struct cgroup_file - one of them
 * @name: in the folder of a group
 * @take: fills cells of @row from its text
 */
struct cgroup_file {
	const char *name;
	void (*take)(const char *text, uint64_t *row);
};

/**
 * struct cgroup_hierarchy - where groups are
 * @folder: below SYS/fs/cgroup
 * @files: of each group, with a NULL name at the end
 */
struct cgroup_hierarchy {
	const char *folder;
	const struct cgroup_file *files;
};

/* Version 2 alone; and version 1, each controller a tree of its own, of which several may
 * be mounted together, and version 2 beside them. NULL at the end.
 */
extern const struct cgroup_hierarchy cgroup_unified[];
extern const struct cgroup_hierarchy cgroup_legacy[];

/* Read what there is of them. Cells that are known already stay. @dir: the group's folder. */
void cgroup_files_read(const struct cgroup_file *files, int dir, uint64_t *row);

#endif /* KTACH_HOST_CGROUP_CGROUP_FILES_H */
