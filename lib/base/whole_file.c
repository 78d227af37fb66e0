// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/whole_file.h"

static int write_text(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* A service may not give files away, not even to itself. */
static int give(int fd, const struct stat *like)
{
	struct stat mine;

	if (!fstat(fd, &mine) && mine.st_uid == like->st_uid &&
	    mine.st_gid == like->st_gid)
		return 0;
	return fchown(fd, like->st_uid, like->st_gid);
}

static int fill(int fd, const char *text, size_t size, const struct stat *like)
{
	int err = 0;

	if (like && give(fd, like))
		return -errno;
	if (fchmod(fd, like ? like->st_mode & 07777 : 0644))
		return -errno;
	err = write_text(fd, text, size);
	return !err && fsync(fd) ? -errno : err;
}

int whole_file_write(const char *path, const char *text, size_t size,
		     const struct stat *like)
{
	char beside[PATH_MAX];
	int fd, err;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >=
	    (int)sizeof(beside))
		return -ENAMETOOLONG;
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = fill(fd, text, size, like);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	return err;
}
