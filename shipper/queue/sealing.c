// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/address.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "shipper/queue/sealing.h"

/* The first key of the file that is for this node, or for all. */
static int choose(struct seal_key *key, const struct seal_keys *keys,
		  const uint8_t *node)
{
	size_t i;

	for (i = 0; i < keys->count; i++)
		if (seal_take(key, &keys->list[i], node))
			return 0;
	return -ENOKEY;
}

static void no_key(const char *path, const uint8_t *node)
{
	char id[NODE_ID_TEXT_SIZE];

	node_id_format(node, id);
	log_error(
		"--key %s: no key for this node, %s; make one with 'ktach-collector key --node %s'",
		path, id, id);
}

/* Go over to other keys; the one in use stays good for acknowledgements. */
static int change_keys(struct sealing *s, struct seal_keys *keys,
		       const struct seal_key *key, const uint8_t *node)
{
	struct seal_key last = { 0 };
	int err = 0;

	if (s->on && s->seal.id != key->id &&
	    seal_find(&last, &s->keys, s->seal.id, node))
		err = key_file_append(keys, &last);
	if (!s->frame)
		s->frame = malloc(WIRE_FRAME_MAX);
	if (err || !s->frame)
		return -ENOMEM;
	key_file_free(&s->keys);
	s->keys = *keys;
	if (!s->on || s->seal.id != key->id)
		seal_start(&s->seal, key);
	s->on = true;
	return 0;
}

int sealing_open(struct sealing *s, const char *path, const uint8_t *node)
{
	struct seal_keys keys;
	struct seal_key key;
	int err;

	if (!path)
		return 0;
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return -EIO;
	}
	err = key_file_load(&keys, path);
	if (err)
		return err;
	err = choose(&key, &keys, node);
	if (err)
		no_key(path, node);
	else
		err = change_keys(s, &keys, &key, node);
	if (err)
		key_file_free(&keys);
	return err;
}

void sealing_close(struct sealing *s)
{
	key_file_free(&s->keys);
	free(s->frame);
}

/* One entry of a list, without its port. */
static bool is_elsewhere(const char *entry, size_t size)
{
	static const char local[] = "localhost";
	struct address a;
	char text[300];

	if (size >= sizeof(text))
		return true;
	memcpy(text, entry, size);
	text[size] = '\0';
	if (!address_numeric(&a, text, WIRE_PORT))
		return !address_is_loopback(&a);
	return strncmp(text, local, strlen(local)) ||
	       (text[strlen(local)] && text[strlen(local)] != ':');
}

bool sealing_needed(const char *list)
{
	while (*list) {
		size_t size;

		list += strspn(list, ", \t");
		size = strcspn(list, ", \t");
		if (size && is_elsewhere(list, size))
			return true;
		list += size;
	}
	return false;
}

size_t sealing_room(const struct sealing *s)
{
	return s->on ? WIRE_SEAL_SIZE : 0;
}

const uint8_t *sealing_frame(struct sealing *s, const uint8_t *frame,
			     size_t *size)
{
	if (!s->on)
		return frame;
	memcpy(s->frame, frame, *size);
	*size = seal_frame(&s->seal, s->frame, *size);
	return s->frame;
}

bool sealing_answer(struct sealing *s, struct wire_frame *f, uint8_t *data,
		    size_t size)
{
	enum wire_error error;

	if (s->on)
		error = seal_open(f, &s->keys, data, size,
				  data + WIRE_HEADER_SIZE);
	else
		error = wire_open(f, data, size);
	return !error &&
	       (f->kind == WIRE_ACK || f->kind == WIRE_NO_KEY ||
		f->kind == WIRE_REFUSED || (s->on && f->kind == WIRE_REQUEST));
}

bool sealing_is_hint(const struct sealing *s, struct wire_frame *f,
		     const uint8_t *data, size_t size)
{
	return s->on && !wire_open(f, data, size) && f->kind == WIRE_NO_KEY;
}
