/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that readers, and the start after a crash, find as it was or as it is to be,
 * never half of it: it is written beside its place, as PATH.new, and then renamed.
 */
#ifndef KTACH_LIB_BASE_WHOLE_FILE_H
#define KTACH_LIB_BASE_WHOLE_FILE_H

#include <stddef.h>
#include <sys/stat.h>

/* @like: whose owner and mode it gets; NULL: ours, and that all may read it. Whatever has the
 * name PATH.new goes, and is not followed: the folder may be somebody else's. Return 0 or
 * -errno; then the former file is there.
 */
int whole_file_write(const char *path, const char *text, size_t size,
		     const struct stat *like);

#endif /* KTACH_LIB_BASE_WHOLE_FILE_H */
