/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a control group, of both versions, as a row of WIRE_CGROUP. */
#ifndef KTACH_HOST_CGROUP_CGROUP_FILES_H
#define KTACH_HOST_CGROUP_CGROUP_FILES_H

#include <stdint.h>

/**
 * struct cgroup_file - one of them
 * @name: in the folder of a group
 * @controller: without which there is none, of version 2; NULL: any group has it
 * @take: fills cells of @row from its text
 */
struct cgroup_file {
	const char *name;
	const char *controller;
	void (*take)(const char *text, uint64_t *row);
};

enum {
	CGROUP_HIERARCHIES = 6, /* at once, at most */
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

/* Which of them there may be: a bit for each. Beside version 1 most controllers are not of
 * version 2. @root: the hierarchy's folder.
 */
uint32_t cgroup_files_there(const struct cgroup_file *files, int root);

/* Read what there is of these. Cells that are known already stay. @dir: the group's folder. */
void cgroup_files_read(const struct cgroup_file *files, uint32_t there, int dir,
		       uint64_t *row);

#endif /* KTACH_HOST_CGROUP_CGROUP_FILES_H */
