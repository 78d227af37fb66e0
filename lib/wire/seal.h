/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sealing and opening of frames (include/ktach/wire.h) by libsodium. No I/O and
 * no allocation; keys come from lib/base/key_file.h.
 *
 * A fleet key is a secret that a node's key is derived from, by BLAKE2b keyed
 * with the fleet key over the node's id; the node's key bears the fleet
 * key's id. A node key is either such a derived one or was made for the node
 * alone. Both ends seal with the node's key only.
 */
#ifndef KTACH_LIB_WIRE_SEAL_H
#define KTACH_LIB_WIRE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/wire/wire.h"

/**
 * struct seal_key - a secret
 * @id: tells keys apart; of a node key that was derived, the fleet key's
 * @fleet: of all nodes; @node has no meaning then
 * @node: whose key it is
 * @secret: the key itself
 */
struct seal_key {
	uint32_t id;
	bool fleet;
	uint8_t node[WIRE_ID_SIZE];
	uint8_t secret[WIRE_KEY_SIZE];
};

/* Several keys, all of them active: old and new ones while keys change. */
struct seal_keys {
	struct seal_key *list;
	size_t count;
};

/* The sealing end, of one node's frames or of acknowledgements to it. */
struct seal {
	uint32_t id;
	uint8_t secret[WIRE_KEY_SIZE];
};

/* Before anything else here. Return 0 or -EIO. */
int seal_init(void);

/* Make a new secret and its id; a node's if @node is not NULL. */
void seal_make(struct seal_key *key, const uint8_t *node);

/* Derive a node's key from a fleet key. */
void seal_derive(struct seal_key *key, const struct seal_key *fleet,
		 const uint8_t *node);

/**
 * seal_find() - a node's key
 * @key: filled; derived if there is only the fleet's
 * @keys: all that there are
 * @id: the key's id, from a frame
 * @node: the node's id
 *
 * Return: whether there is one.
 */
bool seal_find(struct seal_key *key, const struct seal_keys *keys, uint32_t id,
	       const uint8_t *node);

/* What a node seals with, if a key is for it: itself, or what follows from it. */
bool seal_take(struct seal_key *key, const struct seal_key *from,
	       const uint8_t *node);

/* Get ready to seal with a node's key. */
void seal_start(struct seal *s, const struct seal_key *key);

/**
 * seal_frame() - seal a finished frame in place, under a nonce of its own
 * @s: from seal_start()
 * @frame: from wire_finish_to_seal(), wire_finish() or wire_message(), with
 *         WIRE_SEAL_SIZE bytes of room behind it
 * @size: its size
 *
 * The nonce is drawn from the kernel for each frame, one call of getrandom(): 24
 * bytes by chance don't meet again, and nothing of it is kept in memory, so that
 * neither a child process nor a machine that is resumed twice from one image
 * can use it a second time.
 *
 * Return: its size now.
 */
size_t seal_frame(const struct seal *s, void *frame, size_t size);

/* The same under a given nonce of WIRE_NONCE_SIZE bytes: never one twice. */
size_t seal_frame_with(const struct seal *s, void *frame, size_t size,
		       const uint8_t *nonce);

/**
 * seal_open() - check and decrypt a sealed frame
 * @f: filled as by wire_open(); its tables are in @plain
 * @keys: those that are accepted
 * @data: the frame
 * @size: bytes at hand
 * @plain: where the payload goes, if it is genuine: WIRE_FRAME_MAX bytes, or
 *         @data + WIRE_HEADER_SIZE
 *
 * Return: WIRE_OK; WIRE_E_UNSEALED if it isn't sealed; why it is refused.
 */
enum wire_error seal_open(struct wire_frame *f, const struct seal_keys *keys,
			  const void *data, size_t size, uint8_t *plain);

#endif /* KTACH_LIB_WIRE_SEAL_H */
