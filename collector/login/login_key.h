/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of tokens. Each is for one algorithm, whatever a token says of itself:
 *
 *   HS256  a secret of lib/base/key_file.h: who can check can make tokens, too
 *   EdDSA  Ed25519 (RFC 8032), in PEM as of RFC 8410: as openssl(1) and others
 *          make them. The collector needs the public key only.
 */
#ifndef KTACH_COLLECTOR_LOGIN_LOGIN_KEY_H
#define KTACH_COLLECTOR_LOGIN_LOGIN_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/wire/seal.h"

enum login_key_limits {
	LOGIN_KEYS_MAX = 16, /* of Ed25519 */
	LOGIN_PUBLIC_SIZE = 32,
	LOGIN_SEED_SIZE = 32,
};

/**
 * struct login_pair - of Ed25519
 * @public: what checks
 * @seed: what signs; @signs: it is there
 */
struct login_pair {
	uint8_t public[LOGIN_PUBLIC_SIZE];
	uint8_t seed[LOGIN_SEED_SIZE];
	bool signs;
};

/**
 * struct login_keys - any of them may have signed
 * @secrets: of HS256
 * @pairs: of EdDSA
 * @count: how many
 */
struct login_keys {
	struct seal_keys secrets;
	struct login_pair pairs[LOGIN_KEYS_MAX];
	size_t count;
};

/**
 * login_keys_load() - read keys
 * @keys: filled; free with login_keys_free()
 * @files: a file, or several with commas between them
 *
 * Return: 0, or -errno after a message.
 */
int login_keys_load(struct login_keys *keys, const char *files);
void login_keys_free(struct login_keys *keys);

/**
 * login_pair_make() - make a key of Ed25519
 * @path: where it goes, in PEM, with mode 0600; the public key goes to @path
 *        with .pub behind it. Neither file may be there.
 *
 * Return: 0, or -errno after a message.
 */
int login_pair_make(const char *path);

#endif /* KTACH_COLLECTOR_LOGIN_LOGIN_KEY_H */
