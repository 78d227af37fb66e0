/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys in files. A file has lines of these two forms, comments that begin with
 * "#", and empty lines:
 *
 *   ktach-key 1 fleet ID SECRET
 *   ktach-key 1 node ID NODE SECRET
 *
 * ID is 8 hexadecimal digits, SECRET 64, NODE a node's id. Files that others
 * than their owner can read are refused.
 */
#ifndef KTACH_LIB_BASE_KEY_FILE_H
#define KTACH_LIB_BASE_KEY_FILE_H

#include "lib/wire/seal.h"

/**
 * key_file_load() - read keys
 * @keys: filled; free with key_file_free()
 * @path: a file, or a folder: each file of it whose name ends with ".key"
 *
 * Return: 0, or -errno after a message; -ENODATA if there is no key.
 */
int key_file_load(struct seal_keys *keys, const char *path);
void key_file_free(struct seal_keys *keys);

enum {
	KEY_LINE_SIZE = 160,
};

/* A key's line, without what ends it, and back: 0, or -EINVAL if it is none. */
void key_line_format(const struct seal_key *key, char line[KEY_LINE_SIZE]);
int key_line_parse(const char *line, struct seal_key *key);

/* Add a key to those that were read. Return 0, -ENOMEM or -E2BIG. */
int key_file_append(struct seal_keys *keys, const struct seal_key *key);

/**
 * key_file_write() - write a key
 * @path: a file that is not there yet, made with mode 0600; NULL: stdout
 * @key: what to write
 *
 * Return: 0, or -errno after a message.
 */
int key_file_write(const char *path, const struct seal_key *key);

#endif /* KTACH_LIB_BASE_KEY_FILE_H */
