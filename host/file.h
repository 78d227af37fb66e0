/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of /proc and /sys. All of host/ reads files by these functions alone, so
 * that a test can stand between them and the kernel.
 */
#ifndef KTACH_HOST_FILE_H
#define KTACH_HOST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum host_file_limits {
	HOST_FILE_MAX = 16 << 20, /* bytes: more is refused */
	HOST_FILE_PIECE = 4096, /* bytes: the smallest page */
};

/**
 * struct host_memory - memory for what is read; all zeroes: none yet
 * @text: its beginning
 * @room: bytes
 */
struct host_memory {
	char *text;
	size_t room;
};

/**
 * struct host_file - a file that is kept open and read again and again
 * @path: for messages
 * @fd: -1 while it is not open
 * @at_once: the kernel makes all of it for one read: a short one has the end.
 *           Set by the owner
 * @line_max: longest line, bytes, of a file that comes in pieces of at least
 *            HOST_FILE_PIECE bytes, cut between two lines: a piece that is shorter by more
 *            than this is the last one. 0: not known. Set by the owner
 * @shared: memory of files that are read one after the other, by one thread: a
 *          text is there until the next one is read. NULL: @own. Set by the owner
 * @own: this file's memory
 * @text: what the last read gave, NUL-terminated
 * @used: its length, bytes
 */
struct host_file {
	char *path;
	int fd;
	bool at_once;
	size_t line_max;
	struct host_memory *shared;
	struct host_memory own;
	char *text;
	size_t used;
};

/**
 * host_file_open() - open TREE/NAME
 *
 * Return: 0, or -errno: @f is closed and needs no host_file_close() then.
 */
int host_file_open(struct host_file *f, const char *tree, const char *name);
void host_file_close(struct host_file *f);

/* Free shared memory, after the last of its readers is closed. */
void host_memory_exit(struct host_memory *m);

/**
 * host_file_read() - read the whole of it
 *
 * One pread() where it fits into the room of the last time, and another one for
 * its end where that is not known otherwise.
 *
 * Return: 0; -EFBIG above HOST_FILE_MAX; -EINVAL if there is a NUL in it; or
 * another -errno.
 */
int host_file_read(struct host_file *f);

/**
 * host_text_at() - read a small file once
 * @dir: descriptor of its folder, or AT_FDCWD
 * @name: its name
 * @text: filled, NUL-terminated, without the newline at its end
 * @size: room there
 *
 * Return: bytes; -EFBIG if they are more; -EINVAL if there is a NUL in it or no
 * newline at its end, as if it were cut off; or another -errno.
 */
int host_text_at(int dir, const char *name, char *text, size_t size);

/**
 * host_bytes_at() - read the beginning of a file of any bytes once
 * @dir: descriptor of its folder, or AT_FDCWD
 * @name: its name
 * @bytes: filled
 * @size: room there: what is more is not read
 *
 * Return: bytes, or -errno.
 */
int host_bytes_at(int dir, const char *name, char *bytes, size_t size);

/* As host_text_at() of a file that holds one decimal number, and nothing else.
 * -EINVAL if it does not, -ERANGE if it does not fit.
 */
int host_number_at(int dir, const char *name, int64_t *value);

/* A file of a number that is kept open: a descriptor, or -errno. */
int host_number_open(int dir, const char *name);

/* Read it: as host_number_at(). */
int host_number(int fd, int64_t *value);

/* Read a file of any size once: its text, in memory that is used again; NULL if that is
 * not possible.
 */
const char *host_text_all(struct host_memory *m, int dir, const char *name);

bool host_exists_at(int dir, const char *name);

/* Where a symbolic link leads: as host_text_at(), -EINVAL if it is no link. */
int host_link_at(int dir, const char *name, char *text, size_t size);

/* Open and read a file once; to be closed if this returned 0. */
int host_file_once(struct host_file *f, const char *tree, const char *name);

/* The same of a folder that others write to: what is no plain file is not waited for,
 * and -ENOTSUP.
 */
int host_plain_once(struct host_file *f, const char *tree, const char *name);

/* Read a file's first line: its length, 0 without a whole one that fits. */
size_t host_line(const char *tree, const char *name, char *text, size_t size);

/* Open a folder of a tree. A descriptor, or -errno. */
int host_dir(const char *tree, const char *name);

#endif /* KTACH_HOST_FILE_H */
