// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/pem_key.h"

enum {
	DER_MAX = 256,
	HEAD_MAX = 16,
};

/* Of RFC 8410: all that stands before the 32 bytes of a key of Ed25519. */
struct pem {
	const char *label;
	uint8_t head[HEAD_MAX];
	size_t head_size;
};

static const struct pem public_pem = { "PUBLIC KEY",
				       { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
					 0x2b, 0x65, 0x70, 0x03, 0x21, 0 },
				       12 };

static const struct pem private_pem = { "PRIVATE KEY",
					{ 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30,
					  0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
					  0x04, 0x22, 0x04, 0x20 },
					16 };

/* The 32 bytes of a text in PEM. Return 0, or -EINVAL: it is no such key. */
static int decode(const struct pem *pem, const char *text, uint8_t *key)
{
	uint8_t der[DER_MAX];
	char line[64];
	const char *at;
	size_t size;
	int err;

	snprintf(line, sizeof(line), "-----BEGIN %s-----", pem->label);
	at = strstr(text, line);
	if (!at)
		return -EINVAL;
	at += strlen(line);
	err = sodium_base642bin(der, sizeof(der), at, strcspn(at, "-"), " \r\n",
				&size, NULL, sodium_base64_VARIANT_ORIGINAL);
	if (err || size != pem->head_size + PEM_KEY_SIZE ||
	    memcmp(der, pem->head, pem->head_size))
		err = -EINVAL;
	else
		memcpy(key, der + pem->head_size, PEM_KEY_SIZE);
	sodium_memzero(der, sizeof(der));
	return err;
}

int pem_key_public(const char *text, uint8_t key[PEM_KEY_SIZE])
{
	return decode(&public_pem, text, key);
}

int pem_key_private(const char *text, uint8_t seed[PEM_KEY_SIZE])
{
	return decode(&private_pem, text, seed);
}

static int write_pem(const char *path, mode_t mode, const struct pem *pem,
		     const uint8_t *key)
{
	uint8_t der[HEAD_MAX + PEM_KEY_SIZE];
	char text[2 * sizeof(der)];
	int err = 0,
	    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	memcpy(der, pem->head, pem->head_size);
	memcpy(der + pem->head_size, key, PEM_KEY_SIZE);
	sodium_bin2base64(text, sizeof(text), der,
			  pem->head_size + PEM_KEY_SIZE,
			  sodium_base64_VARIANT_ORIGINAL);
	if (fd < 0 ||
	    dprintf(fd, "-----BEGIN %s-----\n%s\n-----END %s-----\n",
		    pem->label, text, pem->label) < 0 ||
	    fsync(fd)) {
		err = -errno;
		log_error("key file %s: %s%s", path, strerror(-err),
			  err == -EEXIST ? "; keys are never overwritten" : "");
	}
	sodium_memzero(der, sizeof(der));
	sodium_memzero(text, sizeof(text));
	if (fd >= 0)
		close(fd);
	return err;
}

int pem_key_write_public(const char *path, const uint8_t *key)
{
	return write_pem(path, 0644, &public_pem, key);
}

int pem_key_write_private(const char *path, const uint8_t *seed)
{
	return write_pem(path, 0600, &private_pem, seed);
}
