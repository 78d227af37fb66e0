/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a file is still the one that was read. */
#ifndef KTACH_LIB_BASE_FILE_SEEN_H
#define KTACH_LIB_BASE_FILE_SEEN_H

#include <stdbool.h>
#include <sys/stat.h>

static inline bool file_seen_at(const struct timespec *a,
				const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* The time of a file's last change of any kind (ctime) can be set by the kernel
 * alone. So it tells a file that was replaced, one whose modification time was set
 * back, and one that may be read only now. All zeroes stand for no file.
 */
static inline bool file_seen_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       file_seen_at(&a->st_mtim, &b->st_mtim) &&
	       file_seen_at(&a->st_ctim, &b->st_ctim);
}

#endif /* KTACH_LIB_BASE_FILE_SEEN_H */
