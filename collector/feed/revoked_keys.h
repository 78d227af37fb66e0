/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of single nodes that are not taken any more: a list in the data folder,
 * which 'ktach-collector key' changes and a running collector looks at each
 * second. A line is
 *
 *   NODE [KEY]
 *
 * a node's id, and the id (8 hexadecimal digits) of the key; without it nothing is
 * taken of that node, whatever its key.
 */
#ifndef KTACH_COLLECTOR_FEED_REVOKED_KEYS_H
#define KTACH_COLLECTOR_FEED_REVOKED_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lib/wire/wire.h"

/* @any: whatever the key; else @key. */
struct revoked_key {
	uint8_t node[WIRE_ID_SIZE];
	uint32_t key;
	bool any;
};

struct revoked_keys {
	struct revoked_key *list;
	size_t count;
};

/* Whether a node's key is among them; @key 0: the frame was not sealed. */
bool revoked_keys_have(const struct revoked_keys *r, const uint8_t *node, uint32_t key);

/* Read the list of a data folder; there may be none. Return 0, or -errno after a
 * message: a line that is none makes it no list.
 */
int revoked_keys_load(struct revoked_keys *r, const char *folder);
void revoked_keys_free(struct revoked_keys *r);

/* Put a key in, or take all of a node's out again. Return 0, or -errno after a
 * message.
 */
int revoked_keys_add(const char *folder, const struct revoked_key *key);
int revoked_keys_remove(const char *folder, const uint8_t *node);

/* Whether the list was changed since @seen, which is brought up to date. */
bool revoked_keys_changed(const char *folder, struct stat *seen);

#endif /* KTACH_COLLECTOR_FEED_REVOKED_KEYS_H */
