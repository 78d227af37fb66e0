// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/login/login_key.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/pem_key.h"

enum {
	OTHERS = 077, /* file mode bits */
};

#define BEGIN "-----BEGIN"

_Static_assert(crypto_sign_PUBLICKEYBYTES == LOGIN_PUBLIC_SIZE, "Ed25519");
_Static_assert(crypto_sign_SEEDBYTES == LOGIN_SEED_SIZE, "Ed25519");

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
	if (!pem_key_public(text, pair->public))
		return 0;
	if (pem_key_private(text, pair->seed)) {
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
	    strlen(text) == PEM_TEXT_MAX - 1) {
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
	char text[PEM_TEXT_MAX] = "";
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

int login_pair_make(const char *path)
{
	struct login_pair pair;
	char public_path[PATH_MAX];
	int err;

	randombytes_buf(pair.seed, sizeof(pair.seed));
	public_of(&pair);
	snprintf(public_path, sizeof(public_path), "%s.pub", path);
	err = pem_key_write_private(path, pair.seed);
	if (!err)
		err = pem_key_write_public(public_path, pair.public);
	sodium_memzero(&pair, sizeof(pair));
	return err;
}
