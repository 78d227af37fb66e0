/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of a folder (list_file.h) that programs change: it is read and written as a
 * whole, under the folder's lock.
 */
#ifndef KTACH_LIB_BASE_LIST_CHANGE_H
#define KTACH_LIB_BASE_LIST_CHANGE_H

#include "lib/base/list_file.h"

/**
 * struct list_kind - what a list is
 * @name: of its file
 * @expected: what an entry is, for messages
 * @mode: of a file that is the folder's owner's; 0: its writer's, and all may read it
 * @take: takes an entry of it
 * @put: writes all of it
 */
struct list_kind {
	const char *name;
	const char *expected;
	mode_t mode;
	list_file_take take;
	void (*put)(const void *context, FILE *f);
};

/* Its path; PATH_MAX bytes. */
void list_path(const struct list_kind *kind, const char *folder, char *path);

/* Read it; there may be none. Return 0, or -errno after a message. */
int list_load(const struct list_kind *kind, const char *folder, void *context);

/* Lock the folder and read the list. Return what list_change_end() is to get, or -errno
 * after a message.
 */
int list_change_begin(const struct list_kind *kind, const char *folder,
		      void *context);

/* Write the list, unless the change met an error, and end the lock. Return that, or
 * -errno after a message.
 */
int list_change_end(const struct list_kind *kind, const char *folder,
		    const void *context, int lock, int err);

#endif /* KTACH_LIB_BASE_LIST_CHANGE_H */
