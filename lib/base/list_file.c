// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/list_file.h"
#include "lib/base/log.h"

/* Longer lines are refused: what people and programs write here is shorter. */
enum {
	LINE_SIZE = 1024,
};

#define SPACE " \t\r\n"

/* The next line, without spaces behind it: 1, 0 at the end, -EINVAL for one that is
 * too long or has a NUL in it.
 */
static int next_line(FILE *f, char line[LINE_SIZE])
{
	size_t size = 0;
	int c;

	while ((c = getc(f)) != EOF && c != '\n') {
		if (size == LINE_SIZE - 1 || !c)
			return -EINVAL;
		line[size++] = (char)c;
	}
	if (ferror(f))
		return errno ? -errno : -EIO;
	if (c == EOF && !size)
		return 0;
	while (size && strchr(SPACE, line[size - 1]))
		size--;
	line[size] = '\0';
	return 1;
}

int list_file_read(FILE *f, const char *path, const char *expected,
		   list_file_take take, void *context)
{
	char line[LINE_SIZE];
	int number = 0, err;

	errno = 0;
	while ((err = next_line(f, line)) != 0) {
		number++;
		if (err > 0)
			err = line[strspn(line, SPACE)] && *line != '#' ?
				      take(context, line) :
				      0;
		if (err)
			break;
	}
	explicit_bzero(line, sizeof(line));
	if (err == -EINVAL)
		log_error("%s:%d: expected %s", path, number, expected);
	else if (err)
		log_error("%s: %s", path, strerror(-err));
	return err;
}

int list_file_load(const char *path, const char *expected, list_file_take take,
		   void *context)
{
	FILE *f = fopen(path, "re");
	int err = 0;

	if (f) {
		err = list_file_read(f, path, expected, take, context);
		fclose(f);
	} else if (errno != ENOENT) {
		err = -errno;
		log_error("%s: %s", path, strerror(-err));
	}
	return err;
}

int list_file_lock(const char *folder)
{
	int err, fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !flock(fd, LOCK_EX))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

int list_file_like(struct stat *like, const char *folder, mode_t mode)
{
	if (stat(folder, like))
		return -errno;
	like->st_mode = mode;
	return 0;
}
