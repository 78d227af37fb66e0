// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/feed/revoked_keys.h"
#include "lib/base/file_seen.h"
#include "lib/base/list_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/whole_file.h"

enum {
	KEY_ID_SIZE = 9, /* 8 digits and a NUL */
};

static void path_of(char path[PATH_MAX], const char *folder)
{
	snprintf(path, PATH_MAX, "%s/revoked-keys", folder);
}

bool revoked_keys_have(const struct revoked_keys *r, const uint8_t *node,
		       uint32_t key)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (!memcmp(r->list[i].node, node, WIRE_ID_SIZE) &&
		    (r->list[i].any || (key && r->list[i].key == key)))
			return true;
	return false;
}

static int append_key(struct revoked_keys *r, const struct revoked_key *key)
{
	struct revoked_key *list =
		realloc(r->list, (r->count + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	r->list = list;
	r->list[r->count++] = *key;
	return 0;
}

#define EXPECTED \
	"the id of a node, or that and the 8 digits of a key; use 'ktach-collector key --revoke'"

/* A key's id has to be complete: a part of it could be another key's. */
static int take_line(void *context, const char *line)
{
	struct revoked_key key = { 0 };
	char node[NODE_ID_TEXT_SIZE], id[KEY_ID_SIZE] = "", rest;
	int words = sscanf(line, "%36s %8s %c", node, id, &rest);
	uint8_t bytes[4];

	key.any = words == 1;
	if ((words != 1 && words != 2) || node_id_parse(node, key.node))
		return -EINVAL;
	if (!key.any && hex_parse(id, bytes, sizeof(bytes)))
		return -EINVAL;
	sscanf(id, "%" SCNx32, &key.key);
	return append_key(context, &key);
}

int revoked_keys_load(struct revoked_keys *r, const char *folder)
{
	char path[PATH_MAX];
	int err;

	*r = (struct revoked_keys){ 0 };
	path_of(path, folder);
	err = list_file_load(path, EXPECTED, take_line, r);
	if (err)
		revoked_keys_free(r);
	return err;
}

void revoked_keys_free(struct revoked_keys *r)
{
	free(r->list);
	*r = (struct revoked_keys){ 0 };
}

static char *list_text(const struct revoked_keys *r, size_t *size)
{
	char node[NODE_ID_TEXT_SIZE], *text = NULL;
	FILE *f = open_memstream(&text, size);
	size_t i;

	if (!f)
		return NULL;
	fputs("# Changed by 'ktach-collector key --revoke'; NODE [KEY]\n", f);
	for (i = 0; i < r->count; i++) {
		node_id_format(r->list[i].node, node);
		fputs(node, f);
		if (!r->list[i].any)
			fprintf(f, " %08" PRIx32, r->list[i].key);
		fputc('\n', f);
	}
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* The collector, which may be another user, has to read it; the folder is closed to
 * others.
 */
static int store(const char *folder, const struct revoked_keys *r)
{
	char path[PATH_MAX], *text;
	int err = -ENOMEM;
	size_t size;

	path_of(path, folder);
	text = list_text(r, &size);
	if (text)
		err = whole_file_write(path, text, size, NULL);
	free(text);
	if (err)
		log_error(
			"%s: %s; name the collector's data folder with --data",
			path, strerror(-err));
	return err;
}

static int lock_folder(const char *folder)
{
	int lock = list_file_lock(folder);

	if (lock < 0)
		log_error(
			"%s: %s; name the collector's data folder with --data",
			folder, strerror(-lock));
	return lock;
}

static int load_to_change(struct revoked_keys *r, const char *folder)
{
	int err = revoked_keys_load(r, folder);

	if (err)
		log_error("nothing was changed: correct the list first");
	return err;
}

static int add_locked(const char *folder, const struct revoked_key *key)
{
	struct revoked_keys r;
	int err = load_to_change(&r, folder);

	if (!err && !revoked_keys_have(&r, key->node, key->any ? 0 : key->key))
		err = append_key(&r, key);
	if (!err)
		err = store(folder, &r);
	revoked_keys_free(&r);
	return err;
}

int revoked_keys_add(const char *folder, const struct revoked_key *key)
{
	int err, lock = lock_folder(folder);

	if (lock < 0)
		return lock;
	err = add_locked(folder, key);
	close(lock);
	return err;
}

static int remove_locked(const char *folder, const uint8_t *node)
{
	struct revoked_keys r;
	size_t i, left = 0;
	int err = load_to_change(&r, folder);

	if (err)
		return err;
	for (i = 0; i < r.count; i++)
		if (memcmp(r.list[i].node, node, WIRE_ID_SIZE))
			r.list[left++] = r.list[i];
	r.count = left;
	err = store(folder, &r);
	revoked_keys_free(&r);
	return err;
}

int revoked_keys_remove(const char *folder, const uint8_t *node)
{
	int err, lock = lock_folder(folder);

	if (lock < 0)
		return lock;
	err = remove_locked(folder, node);
	close(lock);
	return err;
}

bool revoked_keys_changed(const char *folder, struct stat *seen)
{
	struct stat now = { 0 };
	char path[PATH_MAX];
	bool changed;

	path_of(path, folder);
	if (stat(path, &now))
		now = (struct stat){ 0 };
	changed = !file_seen_same(&now, seen);
	*seen = now;
	return changed;
}
