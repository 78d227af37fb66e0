/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists that people may edit: one entry a line; empty lines and those that begin with
 * # are passed over. A list with one wrong line is refused as a whole: half a list
 * would let somebody in, or keep somebody out, and nobody would know.
 */
#ifndef KTACH_LIB_BASE_LIST_FILE_H
#define KTACH_LIB_BASE_LIST_FILE_H

#include <stdio.h>
#include <sys/stat.h>

/* Take a line, without what ends it. Return 0, -EINVAL: it is no entry, or -errno. */
typedef int (*list_file_take)(void *context, const char *line);

/**
 * list_file_read() - hand out what a list has, line by line
 * @f: where it is read from, to its end
 * @path: its name, for messages
 * @expected: what an entry is, for messages
 * @take: is called for each
 * @context: what @take gets
 *
 * What was read is wiped from this function's memory: it may have been a secret.
 *
 * Return: 0, or -errno after a message that names the line.
 */
int list_file_read(FILE *f, const char *path, const char *expected,
		   list_file_take take, void *context);

/* The same of a file that may be missing: then there are no entries. */
int list_file_load(const char *path, const char *expected, list_file_take take,
		   void *context);

/* Keep other processes from changing the lists of a folder: if two changed one at once,
 * what one of them has written would be lost. Return a descriptor, whose close() ends
 * that, or -errno.
 */
int list_file_lock(const char *folder);

/* What a list of a folder is like that a tool and its service both write: the folder's
 * owner's, whoever writes, with this mode. Return 0 or -errno.
 */
int list_file_like(struct stat *like, const char *folder, mode_t mode);

#endif /* KTACH_LIB_BASE_LIST_FILE_H */
