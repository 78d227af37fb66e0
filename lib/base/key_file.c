// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/key_file.h"
#include "lib/base/list_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	WORD_SIZE = 80,
	KEYS_MAX = 65536,
	OTHERS = 077, /* file mode bits */
};

/* A line's words: "ktach-key", "1", kind and up to three more. */
int key_line_parse(const char *line, struct seal_key *key)
{
	char kind[WORD_SIZE], word[3][WORD_SIZE], rest;
	int words, used = 0;
	uint8_t id[sizeof(key->id)];

	words = sscanf(line, "ktach-key 1 %79s %79s %79s %n%79s %c", kind,
		       word[0], word[1], &used, word[2], &rest);
	key->fleet = words == 3 && !strcmp(kind, "fleet");
	if (!key->fleet && (words != 4 || strcmp(kind, "node")))
		return -EINVAL;
	if (hex_parse(word[0], id, sizeof(id)))
		return -EINVAL;
	key->id = (uint32_t)id[0] << 24 | id[1] << 16 | id[2] << 8 | id[3];
	if (!key->fleet && node_id_parse(word[1], key->node))
		return -EINVAL;
	return hex_parse(word[key->fleet ? 1 : 2], key->secret,
			 sizeof(key->secret));
}

int key_file_append(struct seal_keys *keys, const struct seal_key *key)
{
	struct seal_key *list;

	if (keys->count == KEYS_MAX)
		return -E2BIG;
	list = realloc(keys->list, (keys->count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	keys->list = list;
	keys->list[keys->count++] = *key;
	return 0;
}

static int take_line(void *context, const char *line)
{
	struct seal_key key = { 0 };
	int err = key_line_parse(line, &key);

	if (!err)
		err = key_file_append(context, &key);
	sodium_memzero(&key, sizeof(key));
	return err;
}

static int read_file(struct seal_keys *keys, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat s;
	int err;

	if (!f || fstat(fileno(f), &s)) {
		err = -errno;
		log_error("key file %s: %s", path, strerror(-err));
		goto out;
	}
	err = -EPERM;
	if (s.st_mode & OTHERS)
		log_error(
			"key file %s: others may read it (mode %03o); chmod 600 it, and make new keys if somebody did",
			path, s.st_mode & 0777);
	else
		err = list_file_read(
			f, path,
			"a ktach key; make keys with 'ktach-collector key'",
			take_line, keys);
out:
	if (f)
		fclose(f);
	return err;
}

static int is_key_name(const struct dirent *d)
{
	size_t size = strlen(d->d_name);

	return size > 4 && !strcmp(d->d_name + size - 4, ".key");
}

static int read_folder(struct seal_keys *keys, const char *folder)
{
	struct dirent **names;
	char path[PATH_MAX];
	int i, err = 0, count = scandir(folder, &names, is_key_name, alphasort);

	if (count < 0) {
		err = -errno;
		log_error("keys in %s: %s", folder, strerror(-err));
		return err;
	}
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (!err)
			err = read_file(keys, path);
		free(names[i]);
	}
	free(names);
	return err;
}

int key_file_load(struct seal_keys *keys, const char *path)
{
	struct stat s;
	int err;

	*keys = (struct seal_keys){ 0 };
	if (!stat(path, &s) && S_ISDIR(s.st_mode))
		err = read_folder(keys, path);
	else
		err = read_file(keys, path);
	if (!err && !keys->count) {
		err = -ENODATA;
		log_error(
			"%s: no key there; make one with 'ktach-collector key'",
			path);
	}
	if (err)
		key_file_free(keys);
	return err;
}

void key_file_free(struct seal_keys *keys)
{
	if (keys->list)
		sodium_memzero(keys->list, keys->count * sizeof(*keys->list));
	free(keys->list);
	*keys = (struct seal_keys){ 0 };
}

void key_line_format(const struct seal_key *key, char line[KEY_LINE_SIZE])
{
	char secret[2 * WIRE_KEY_SIZE + 1], node[NODE_ID_TEXT_SIZE];

	sodium_bin2hex(secret, sizeof(secret), key->secret,
		       sizeof(key->secret));
	node_id_format(key->node, node);
	if (key->fleet)
		snprintf(line, KEY_LINE_SIZE, "ktach-key 1 fleet %08x %s",
			 key->id, secret);
	else
		snprintf(line, KEY_LINE_SIZE, "ktach-key 1 node %08x %s %s",
			 key->id, node, secret);
	sodium_memzero(secret, sizeof(secret));
}

static int format_key(FILE *f, const struct seal_key *key)
{
	char line[KEY_LINE_SIZE];

	key_line_format(key, line);
	fprintf(f, "%s\n%s\n",
		key->fleet ?
			"# For collectors: all nodes' keys follow from it." :
			"# For one node, and its collectors.",
		line);
	sodium_memzero(line, sizeof(line));
	return fflush(f) ? -errno : 0;
}

int key_file_write(const char *path, const struct seal_key *key)
{
	int err, fd;
	FILE *f;

	if (!path)
		return format_key(stdout, key);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		err = -errno;
		log_error("key file %s: %s%s", path, strerror(-err),
			  err == -EEXIST ? "; keys are never overwritten" : "");
		return err;
	}
	err = format_key(f, key);
	if (!err && fsync(fd))
		err = -errno;
	fclose(f);
	if (err) {
		log_error("key file %s: %s", path, strerror(-err));
		unlink(path);
	}
	return err;
}
