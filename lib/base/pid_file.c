// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/claim.h"
#include "lib/base/log.h"
#include "lib/base/pid_file.h"

static int complain(const char *path, int err)
{
	if (err == -EBUSY)
		log_error(
			"--pid-file %s: the process whose id it holds is running; end that one, or choose another file",
			path);
	else if (err == -EEXIST)
		log_error(
			"--pid-file %s: is there, and holds no process id; choose another file",
			path);
	else
		log_error("--pid-file %s: %s", path, strerror(-err));
	return err;
}

/* Empty, or a number and a new line: a file of another kind is left alone. */
static bool is_pid_file(int fd)
{
	char text[32] = "";
	struct stat st;
	ssize_t n;
	char *end;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return n == 0;
	return strtol(text, &end, 10) > 0 && *end == '\n' && !end[1];
}

static bool is_at(int fd, const char *path)
{
	struct stat ours, there;

	return !fstat(fd, &ours) && !stat(path, &there) &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Open it, with our lock. Return a descriptor or -errno. */
static int open_locked(const char *path, int flags)
{
	int fd = open(path,
		      O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags,
		      0644);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (!is_pid_file(fd))
		err = -EEXIST;
	else
		err = claim(fd);
	if (!err && !is_at(fd, path))
		err = -EBUSY; /* another one has just removed or made it */
	if (!err)
		return fd;
	close(fd);
	return err;
}

int pid_file_claim(struct pid_file *p, const char *path)
{
	int fd;

	*p = (struct pid_file){ .path = path, .fd = -1 };
	if (!path)
		return 0;
	fd = open_locked(path, 0);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return complain(path, fd);
	unlink(path);
	close(fd);
	return 0;
}

int pid_file_write(struct pid_file *p)
{
	int err;

	if (!p->path)
		return 0;
	p->fd = open_locked(p->path, O_CREAT);
	if (p->fd < 0)
		return complain(p->path, p->fd);
	if (!ftruncate(p->fd, 0) && dprintf(p->fd, "%d\n", getpid()) > 0)
		return 0;
	err = -errno;
	pid_file_remove(p);
	return complain(p->path, err);
}

void pid_file_remove(struct pid_file *p)
{
	if (!p->path || p->fd < 0)
		return;
	if (is_at(p->fd, p->path))
		unlink(p->path);
	close(p->fd);
	p->fd = -1;
}
