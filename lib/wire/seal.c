// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "lib/wire/seal.h"
#include "lib/wire/wire_format.h"

_Static_assert(WIRE_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	       "key size");
_Static_assert(WIRE_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	       "nonce size");
_Static_assert(WIRE_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES,
	       "tag size");
_Static_assert(WIRE_KEY_SIZE <= crypto_generichash_KEYBYTES_MAX &&
		       WIRE_KEY_SIZE >= crypto_generichash_KEYBYTES_MIN,
	       "BLAKE2b key");

/* Each use of BLAKE2b hashes its own word first. */
#define ID_CONTEXT "ktach key id"
#define NODE_CONTEXT "ktach node key"

int seal_init(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

/* An id tells nothing of the secret; 0 is none. */
static uint32_t id_of(const struct seal_key *key)
{
	uint32_t id;

	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES];

	crypto_generichash_init(&state, key->secret, sizeof(key->secret),
				sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)ID_CONTEXT,
				  sizeof(ID_CONTEXT));
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(&id, hash, sizeof(id));
	id = le32toh(id);
	return id ? id : 1;
}

void seal_make(struct seal_key *key, const uint8_t *node)
{
	memset(key, 0, sizeof(*key));
	randombytes_buf(key->secret, sizeof(key->secret));
	key->fleet = !node;
	if (node)
		memcpy(key->node, node, sizeof(key->node));
	key->id = id_of(key);
}

void seal_derive(struct seal_key *key, const struct seal_key *fleet,
		 const uint8_t *node)
{
	crypto_generichash_state state;

	key->id = fleet->id;
	key->fleet = false;
	memcpy(key->node, node, sizeof(key->node));
	crypto_generichash_init(&state, fleet->secret, sizeof(fleet->secret),
				sizeof(key->secret));
	crypto_generichash_update(&state, (const uint8_t *)NODE_CONTEXT,
				  sizeof(NODE_CONTEXT));
	crypto_generichash_update(&state, node, WIRE_ID_SIZE);
	crypto_generichash_final(&state, key->secret, sizeof(key->secret));
}

bool seal_take(struct seal_key *key, const struct seal_key *from,
	       const uint8_t *node)
{
	if (from->fleet)
		seal_derive(key, from, node);
	else if (!memcmp(from->node, node, sizeof(from->node)))
		*key = *from;
	else
		return false;
	return true;
}

bool seal_find(struct seal_key *key, const struct seal_keys *keys, uint32_t id,
	       const uint8_t *node)
{
	size_t i;

	for (i = 0; i < keys->count; i++)
		if (keys->list[i].id == id &&
		    seal_take(key, &keys->list[i], node))
			return true;
	return false;
}

void seal_start(struct seal *s, const struct seal_key *key)
{
	s->id = key->id;
	memcpy(s->secret, key->secret, sizeof(s->secret));
}

size_t seal_frame_with(const struct seal *s, void *frame, size_t size,
		       const uint8_t *nonce)
{
	uint8_t *payload = (uint8_t *)frame + WIRE_HEADER_SIZE;
	size_t length = size - WIRE_HEADER_SIZE;
	uint8_t *behind = payload + length;
	struct wire_header h;

	memcpy(&h, frame, sizeof(h));
	h.flags = htole16(WIRE_SEALED);
	h.length = htole32((uint32_t)(length + WIRE_SEAL_SIZE));
	h.check = htole32(s->id);
	memcpy(frame, &h, sizeof(h));

	memcpy(behind, nonce, WIRE_NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
		payload, behind + WIRE_NONCE_SIZE, NULL, payload, length, frame,
		WIRE_HEADER_SIZE, NULL, nonce, s->secret);
	return size + WIRE_SEAL_SIZE;
}

size_t seal_frame(const struct seal *s, void *frame, size_t size)
{
	uint8_t nonce[WIRE_NONCE_SIZE];

	randombytes_buf(nonce, sizeof(nonce));
	return seal_frame_with(s, frame, size, nonce);
}

enum wire_error seal_open(struct wire_frame *f, const struct seal_keys *keys,
			  const void *data, size_t size, uint8_t *plain)
{
	enum wire_error error = wire_head(f, data, size);
	struct seal_key key;
	const uint8_t *nonce;
	size_t length;

	if (error)
		return error;
	if (!(f->flags & WIRE_SEALED))
		return WIRE_E_UNSEALED;
	if (size < WIRE_HEADER_SIZE + WIRE_SEAL_SIZE)
		return WIRE_E_SHORT;
	if (!seal_find(&key, keys, f->check, f->sender.node))
		return WIRE_E_KEY;
	nonce = f->end - WIRE_SEAL_SIZE;
	length = (size_t)(nonce - f->at);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
		    plain, NULL, f->at, length, nonce + WIRE_NONCE_SIZE, data,
		    WIRE_HEADER_SIZE, nonce, key.secret))
		return WIRE_E_FORGED;
	f->at = plain;
	f->end = plain + length;
	return wire_kind_known(f->kind) ? WIRE_OK : WIRE_E_KIND;
}
