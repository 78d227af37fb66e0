// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/feed/revoked_keys.h"
#include "lib/base/file_seen.h"
#include "lib/base/list_change.h"
#include "lib/base/node_id.h"

enum {
	KEY_ID_SIZE = 9, /* 8 digits and a NUL */
};

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

void revoked_keys_free(struct revoked_keys *r)
{
	free(r->list);
	*r = (struct revoked_keys){ 0 };
}

static void put_all(const void *context, FILE *f)
{
	const struct revoked_keys *r = context;
	char node[NODE_ID_TEXT_SIZE];
	size_t i;

	fputs("# Changed by 'ktach-collector key --revoke'; NODE [KEY]\n", f);
	for (i = 0; i < r->count; i++) {
		node_id_format(r->list[i].node, node);
		fputs(node, f);
		if (!r->list[i].any)
			fprintf(f, " %08" PRIx32, r->list[i].key);
		fputc('\n', f);
	}
}

/* The collector, which may be another user, has to read it; the folder is closed to
 * others.
 */
static const struct list_kind kind = {
	.name = "revoked-keys",
	.expected = EXPECTED,
	.take = take_line,
	.put = put_all,
};

int revoked_keys_load(struct revoked_keys *r, const char *folder)
{
	int err;

	*r = (struct revoked_keys){ 0 };
	err = list_load(&kind, folder, r);
	if (err)
		revoked_keys_free(r);
	return err;
}

int revoked_keys_add(const char *folder, const struct revoked_key *key)
{
	struct revoked_keys r = { 0 };
	int err = 0, lock = list_change_begin(&kind, folder, &r);

	if (lock >= 0) {
		if (!revoked_keys_have(&r, key->node, key->any ? 0 : key->key))
			err = append_key(&r, key);
		err = list_change_end(&kind, folder, &r, lock, err);
	}
	revoked_keys_free(&r);
	return lock < 0 ? lock : err;
}

static void drop_node(struct revoked_keys *r, const uint8_t *node)
{
	size_t i, left = 0;

	for (i = 0; i < r->count; i++)
		if (memcmp(r->list[i].node, node, WIRE_ID_SIZE))
			r->list[left++] = r->list[i];
	r->count = left;
}

int revoked_keys_remove(const char *folder, const uint8_t *node)
{
	struct revoked_keys r = { 0 };
	int err = list_change_begin(&kind, folder, &r);

	if (err >= 0) {
		drop_node(&r, node);
		err = list_change_end(&kind, folder, &r, err, 0);
	}
	revoked_keys_free(&r);
	return err;
}

bool revoked_keys_changed(const char *folder, struct stat *seen)
{
	struct stat now = { 0 };
	char path[PATH_MAX];
	bool changed;

	list_path(&kind, folder, path);
	if (stat(path, &now))
		now = (struct stat){ 0 };
	changed = !file_seen_same(&now, seen);
	*seen = now;
	return changed;
}
