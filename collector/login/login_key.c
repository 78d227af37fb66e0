// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/login/login_key.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"

enum {
	PEM_MAX = 1024, /* bytes of a file */
	DER_MAX = 256,
	HEAD_MAX = 16,
	OTHERS = 077, /* file mode bits */
};

#define BEGIN "-----BEGIN"

_Static_assert(crypto_sign_PUBLICKEYBYTES == LOGIN_PUBLIC_SIZE, "Ed25519");
_Static_assert(crypto_sign_SEEDBYTES == LOGIN_SEED_SIZE, "Ed25519");

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
	if (err || size != pem->head_size + LOGIN_SEED_SIZE ||
	    memcmp(der, pem->head, pem->head_size))
		err = -EINVAL;
	else
		memcpy(key, der + pem->head_size, LOGIN_SEED_SIZE);
	sodium_memzero(der, sizeof(der));
	return err;
}

static void public_of(struct login_pair *pair)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(pair->public, secret, pair->seed);
	sodium_memzero(secret, sizeof(secret));
}

static int parse_pair(struct login_pair *pair, const char *text,
		      const char *path, mode_t mode)
{
	*pair = (struct login_pair){ 0 };
	if (!decode(&public_pem, text, pair->public))
		return 0;
	if (decode(&private_pem, text, pair->seed)) {
		log_error(
			"%s: expected a key of Ed25519 in PEM; make one with 'ktach-collector key --ed25519'",
			path);
		return -EINVAL;
	}
	if (mode & OTHERS) {
		log_error(
			"%s: others may read this private key (mode %03o); chmod 600 it, and make a new one if somebody did",
			path, mode & 0777);
		return -EPERM;
	}
	pair->signs = true;
	public_of(pair);
	return 0;
}

static int append_key(struct login_keys *keys, const char *text,
		      const char *path, mode_t mode)
{
	int err;

	/* A second key would not be used, and nobody would notice. */
	if (strstr(strstr(text, BEGIN) + 1, BEGIN) ||
	    strlen(text) == PEM_MAX - 1) {
		log_error("%s: more than one key; give each a file of its own",
			  path);
		return -EINVAL;
	}
	if (keys->count == LOGIN_KEYS_MAX) {
		log_error("%s: more than %d keys of Ed25519", path,
			  LOGIN_KEYS_MAX);
		return -E2BIG;
	}
	err = parse_pair(&keys->pairs[keys->count], text, path, mode);
	keys->count += !err;
	return err;
}

static int append_secrets(struct login_keys *keys, const char *path)
{
	struct seal_keys more;
	int err = key_file_load(&more, path);
	size_t i;

	for (i = 0; !err && i < more.count; i++)
		err = key_file_append(&keys->secrets, &more.list[i]);
	key_file_free(&more);
	return err;
}

/* One file of either kind: only PEM has dashes at its beginning. */
static int load_file(struct login_keys *keys, const char *path)
{
	FILE *f = fopen(path, "re");
	char text[PEM_MAX] = "";
	struct stat s = { 0 };
	int err = 0;

	if (!f || fstat(fileno(f), &s) ||
	    (!fread(text, 1, sizeof(text) - 1, f) && ferror(f))) {
		err = -errno;
		log_error("key file %s: %s", path, strerror(-err));
	} else if (strstr(text, BEGIN)) {
		err = append_key(keys, text, path, s.st_mode);
	} else {
		err = append_secrets(keys, path);
	}
	sodium_memzero(text, sizeof(text));
	if (f)
		fclose(f);
	return err;
}

int login_keys_load(struct login_keys *keys, const char *files)
{
	char path[PATH_MAX];
	int err = 0;

	*keys = (struct login_keys){ 0 };
	while (!err && *files) {
		size_t size = strcspn(files, ",");

		snprintf(path, sizeof(path), "%.*s", (int)size, files);
		err = load_file(keys, path);
		files += size + (files[size] == ',');
	}
	if (err)
		login_keys_free(keys);
	return err;
}

void login_keys_free(struct login_keys *keys)
{
	key_file_free(&keys->secrets);
	sodium_memzero(keys, sizeof(*keys));
}

static int write_pem(const char *path, mode_t mode, const struct pem *pem,
		     const uint8_t *key)
{
	uint8_t der[HEAD_MAX + LOGIN_SEED_SIZE];
	char text[2 * sizeof(der)];
	int err = 0,
	    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	memcpy(der, pem->head, pem->head_size);
	memcpy(der + pem->head_size, key, LOGIN_SEED_SIZE);
	sodium_bin2base64(text, sizeof(text), der,
			  pem->head_size + LOGIN_SEED_SIZE,
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

int login_pair_make(const char *path)
{
	struct login_pair pair;
	char public_path[PATH_MAX];
	int err;

	randombytes_buf(pair.seed, sizeof(pair.seed));
	public_of(&pair);
	snprintf(public_path, sizeof(public_path), "%s.pub", path);
	err = write_pem(path, 0600, &private_pem, pair.seed);
	if (!err)
		err = write_pem(public_path, 0644, &public_pem, pair.public);
	sodium_memzero(&pair, sizeof(pair));
	return err;
}
