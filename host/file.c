// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/file.h"
#include "lib/kernel/proc.h"

enum {
	ROOM = 4096, /* of a file that was not read yet, bytes */
	NUMBER_ROOM = 32, /* for one of 64 bits */
};

static char *join(const char *tree, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", tree, name) < 0 ? NULL : path;
}

static int open_as(struct host_file *f, const char *tree, const char *name,
		   int flags)
{
	int err = -ENOMEM;

	*f = (struct host_file){ .path = join(tree, name), .fd = -1 };
	if (f->path) {
		f->fd = open(f->path, O_RDONLY | O_CLOEXEC | flags);
		err = f->fd < 0 ? -errno : 0;
	}
	if (!err)
		return 0;
	free(f->path);
	f->path = NULL;
	return err;
}

int host_file_open(struct host_file *f, const char *tree, const char *name)
{
	return open_as(f, tree, name, 0);
}

void host_memory_exit(struct host_memory *m)
{
	free(m->text);
	*m = (struct host_memory){ 0 };
}

void host_file_close(struct host_file *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	host_memory_exit(&f->own);
	free(f->path);
	*f = (struct host_file){ .fd = -1 };
}

static int grow_memory(struct host_memory *m)
{
	size_t room = m->room ? 2 * m->room : ROOM;
	char *text;

	if (room > 2 * HOST_FILE_MAX)
		return -EFBIG;
	text = realloc(m->text, room);
	if (!text)
		return -ENOMEM;
	m->text = text;
	m->room = room;
	return 0;
}

static ssize_t read_at(int fd, char *text, size_t size, off_t at)
{
	ssize_t n;

	do
		n = pread(fd, text, size, at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static bool is_last(const struct host_file *f, size_t piece)
{
	return f->at_once ||
	       (f->line_max && piece + f->line_max < HOST_FILE_PIECE);
}

/* As much as there is room for. */
static int read_once(struct host_file *f, const struct host_memory *m)
{
	size_t room = m->room - 1;
	ssize_t n;

	f->text = m->text;
	f->used = 0;
	do {
		n = read_at(f->fd, m->text + f->used, room - f->used,
			    (off_t)f->used);
		if (n < 0)
			return (int)n;
		f->used += (size_t)n;
	} while (n && f->used < room && !is_last(f, (size_t)n));
	return 0;
}

/* Files of /proc are as of each read(): one that did not fit is read again. A
 * read that ends short of the room has the end, in /proc or out of it.
 */
int host_file_read(struct host_file *f)
{
	struct host_memory *m = f->shared ? f->shared : &f->own;
	int err = m->room ? 0 : grow_memory(m);

	while (!err) {
		err = read_once(f, m);
		if (err || f->used < m->room - 1)
			break;
		err = grow_memory(m);
	}
	if (err)
		return err;
	f->used = text_ends(f->fd, f->text, f->used);
	return strlen(f->text) < f->used ? -EINVAL : 0;
}

int host_bytes_at(int dir, const char *name, char *bytes, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_at(fd, bytes, size, 0);
	close(fd);
	return (int)n;
}

/* What is in it from its beginning on, if that is all. */
static int read_text(int fd, char *text, size_t size)
{
	ssize_t n = read_at(fd, text, size, 0);

	if (n < 0)
		return (int)n;
	if ((size_t)n == size || ((size_t)n + 1 == size && text[n - 1] != '\n'))
		return -EFBIG;
	n = (ssize_t)text_ends(fd, text, (size_t)n);
	if (!n || text[n - 1] != '\n' || memchr(text, '\0', (size_t)n))
		return -EINVAL;
	text[--n] = '\0';
	return (int)n;
}

int host_text_at(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	int n;

	if (fd < 0)
		return -errno;
	n = read_text(fd, text, size);
	close(fd);
	return n;
}

static int number_of(const char *text, int64_t *value)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno)
		return -errno;
	if (end == text || *end)
		return -EINVAL;
	*value = v;
	return 0;
}

int host_number_at(int dir, const char *name, int64_t *value)
{
	char text[NUMBER_ROOM];
	int n = host_text_at(dir, name, text, sizeof(text));

	return n < 0 ? n : number_of(text, value);
}

int host_number_open(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int host_number(int fd, int64_t *value)
{
	char text[NUMBER_ROOM];
	int n = read_text(fd, text, sizeof(text));

	return n < 0 ? n : number_of(text, value);
}

const char *host_text_all(struct host_memory *m, int dir, const char *name)
{
	struct host_file f = {
		.fd = openat(dir, name, O_RDONLY | O_CLOEXEC),
		.shared = m,
	};
	int err;

	if (f.fd < 0)
		return NULL;
	err = host_file_read(&f);
	close(f.fd);
	return err ? NULL : f.text;
}

bool host_exists_at(int dir, const char *name)
{
	return !faccessat(dir, name, F_OK, 0);
}

int host_link_at(int dir, const char *name, char *text, size_t size)
{
	ssize_t n = readlinkat(dir, name, text, size);

	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -EFBIG;
	text[n] = '\0';
	return (int)n;
}

static int read_and_keep(struct host_file *f, int err)
{
	if (err)
		return err;
	err = host_file_read(f);
	if (err)
		host_file_close(f);
	return err;
}

int host_file_once(struct host_file *f, const char *tree, const char *name)
{
	return read_and_keep(f, host_file_open(f, tree, name));
}

int host_plain_once(struct host_file *f, const char *tree, const char *name)
{
	int err = open_as(f, tree, name, O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (!err && (fstat(f->fd, &st) || !S_ISREG(st.st_mode))) {
		host_file_close(f);
		err = -ENOTSUP;
	}
	return read_and_keep(f, err);
}

size_t host_line(const char *tree, const char *name, char *text, size_t size)
{
	struct host_file file;
	size_t n;

	*text = '\0';
	if (host_file_once(&file, tree, name))
		return 0;
	n = strcspn(file.text, "\n");
	if (n >= size || !file.text[n])
		n = 0;
	memcpy(text, file.text, n);
	text[n] = '\0';
	host_file_close(&file);
	return n;
}

int host_dir(const char *tree, const char *name)
{
	char *path = join(tree, name);
	int fd;

	if (!path)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(path);
	return fd;
}
