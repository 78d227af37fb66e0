/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of Ed25519 in PEM (RFC 8410), as openssl(1) and others make them. */
#ifndef KTACH_LIB_BASE_PEM_KEY_H
#define KTACH_LIB_BASE_PEM_KEY_H

#include <stdint.h>

enum pem_key_sizes {
	PEM_KEY_SIZE =
		32, /* bytes of a public key, and of a private one's seed */
	PEM_TEXT_MAX = 1024, /* bytes of a file */
};

/* The key that a text has. Return 0, or -EINVAL: it has none of this kind. */
int pem_key_public(const char *text, uint8_t key[PEM_KEY_SIZE]);
int pem_key_private(const char *text, uint8_t seed[PEM_KEY_SIZE]);

/* Write a file that is not there yet; a private key's with mode 0600. Return 0, or
 * -errno after a message.
 */
int pem_key_write_public(const char *path, const uint8_t *key);
int pem_key_write_private(const char *path, const uint8_t *seed);

#endif /* KTACH_LIB_BASE_PEM_KEY_H */
