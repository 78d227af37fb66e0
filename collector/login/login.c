// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "collector/login/login.h"
#include "lib/base/log.h"

enum {
	PART_MAX = 512, /* a decoded part of a token */
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	SIGNATURE_MAX = crypto_sign_BYTES,
};

enum login_algorithm {
	LOGIN_HS256,
	LOGIN_EDDSA,
	LOGIN_ALGORITHMS
};

static const size_t signature_sizes[LOGIN_ALGORITHMS] = {
	[LOGIN_HS256] = crypto_auth_hmacsha256_BYTES,
	[LOGIN_EDDSA] = crypto_sign_BYTES,
};

_Static_assert(crypto_auth_hmacsha256_KEYBYTES == WIRE_KEY_SIZE,
	       "a key file's secret signs");

const char *const login_roles[LOGIN_ROLES] = {
	[LOGIN_NOBODY] = "",	 [LOGIN_READ] = "view",
	[LOGIN_SEND] = "send",	 [LOGIN_OPERATE] = "operate",
	[LOGIN_ADMIN] = "admin", [LOGIN_SERVICE] = "service",
};

static bool name_good(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-._@", *name))
			return false;
	return true;
}

static void encode(char *to, size_t room, const void *data, size_t size)
{
	sodium_bin2base64(to, room, data, size, BASE64);
}

static const char *const algorithms[LOGIN_ALGORITHMS] = {
	[LOGIN_HS256] = "HS256",
	[LOGIN_EDDSA] = "EdDSA",
};

int login_init(struct login *login, const char *files)
{
	*login = (struct login){ .required = files };
	if (!files)
		return 0;
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return -EIO;
	}
	return login_keys_load(&login->keys, files);
}

void login_exit(struct login *login)
{
	login_keys_free(&login->keys);
}

static const struct login_pair *signing_pair(const struct login_keys *keys)
{
	size_t i;

	for (i = 0; i < keys->count; i++)
		if (keys->pairs[i].signs)
			return &keys->pairs[i];
	return NULL;
}

static void sign_pair(const struct login_pair *pair, const char *text,
		      size_t size, uint8_t *signature)
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(public, secret, pair->seed);
	crypto_sign_detached(signature, NULL, (const uint8_t *)text, size,
			     secret);
	sodium_memzero(secret, sizeof(secret));
}

/* Header and payload, with a dot between and one behind. */
static size_t put_claims(char *token, enum login_algorithm algorithm,
			 const struct login_claims *claims)
{
	char header[64], payload[PART_MAX];
	size_t used;

	snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"typ\":\"JWT\"}",
		 algorithms[algorithm]);
	snprintf(payload, sizeof(payload),
		 "{\"sub\":\"%s\",\"role\":\"%s\",\"iat\":%" PRIu64
		 ",\"exp\":%" PRIu64 "}",
		 claims->name, login_roles[claims->role], claims->issued_s,
		 claims->expires_s);
	encode(token, LOGIN_TOKEN_MAX, header, strlen(header));
	used = strlen(token);
	token[used++] = '.';
	encode(token + used, LOGIN_TOKEN_MAX - used, payload, strlen(payload));
	used += strlen(token + used);
	token[used++] = '.';
	return used;
}

int login_sign(const struct login_keys *keys, const struct login_claims *claims,
	       char *token)
{
	const struct login_pair *pair = signing_pair(keys);
	uint8_t signature[SIGNATURE_MAX];
	size_t used, size;

	if (!name_good(claims->name))
		return -EINVAL;
	if (!pair && !keys->secrets.count)
		return -ENOKEY;
	used = put_claims(token, pair ? LOGIN_EDDSA : LOGIN_HS256, claims);
	size = signature_sizes[pair ? LOGIN_EDDSA : LOGIN_HS256];
	if (pair)
		sign_pair(pair, token, used - 1, signature);
	else
		crypto_auth_hmacsha256(signature, (const uint8_t *)token,
				       used - 1, keys->secrets.list[0].secret);
	encode(token + used, LOGIN_TOKEN_MAX - used, signature, size);
	return 0;
}

/* Decode a part; its size, or -1. libsodium takes some bytes beyond ASCII for letters, and
 * there is one way only to spell a token.
 */
static int decode(void *to, size_t room, const char *text, size_t size)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t used;

	if (strspn(text, letters) < size ||
	    sodium_base642bin(to, room, text, size, NULL, &used, NULL, BASE64))
		return -1;
	return (int)used;
}

static json_t *decode_object(const char *text, size_t size)
{
	char part[PART_MAX];
	int used = decode(part, sizeof(part), text, size);

	return used < 0 ? NULL :
			  json_loadb(part, (size_t)used, JSON_REJECT_DUPLICATES,
				     NULL);
}

/* LOGIN_ALGORITHMS for an algorithm that is not taken here. */
static enum login_algorithm read_header(const char *text, size_t size)
{
	json_t *o = decode_object(text, size);
	const char *name = json_string_value(json_object_get(o, "alg"));
	enum login_algorithm a = LOGIN_HS256;

	while (a < LOGIN_ALGORITHMS && (!name || strcmp(name, algorithms[a])))
		a++;
	json_decref(o);
	return a;
}

/* A key serves its own algorithm only: a public key is no secret. All are
 * tried, so that time tells nothing of which one it was.
 */
static bool any_signed(const struct login_keys *keys, enum login_algorithm a,
		       const char *text, size_t size, const uint8_t *signature)
{
	const uint8_t *data = (const uint8_t *)text;
	bool good = false;
	size_t i;

	for (i = 0; a == LOGIN_HS256 && i < keys->secrets.count; i++)
		good |= !crypto_auth_hmacsha256_verify(
			signature, data, size, keys->secrets.list[i].secret);
	for (i = 0; a == LOGIN_EDDSA && i < keys->count; i++)
		good |= !crypto_sign_verify_detached(signature, data, size,
						     keys->pairs[i].public);
	return good;
}

static bool signature_good(const struct login *login, enum login_algorithm a,
			   const char *token, const char *text)
{
	uint8_t signature[SIGNATURE_MAX];
	size_t signed_size = (size_t)(text - 1 - token);

	return a < LOGIN_ALGORITHMS &&
	       decode(signature, sizeof(signature), text, strlen(text)) ==
		       (int)signature_sizes[a] &&
	       any_signed(&login->keys, a, token, signed_size, signature);
}

enum login_role login_role_named(const char *name)
{
	int role;

	if (name && !strcmp(name, "read"))
		return LOGIN_READ;
	for (role = LOGIN_READ; name && role < LOGIN_ROLES; role++)
		if (!strcmp(name, login_roles[role]))
			return (enum login_role)role;
	return LOGIN_NOBODY;
}

/* Without an expiry, or before its nbf, a token is not valid. */
static enum login_role read_claims(json_t *o, uint64_t now_s,
				   struct login_claims *claims)
{
	const char *name = json_string_value(json_object_get(o, "sub"));
	json_t *expires = json_object_get(o, "exp");
	json_t *from = json_object_get(o, "nbf");
	json_t *issued = json_object_get(o, "iat");

	*claims = (struct login_claims){ 0 };
	if (!json_is_integer(expires) ||
	    json_integer_value(expires) <= (json_int_t)now_s)
		return LOGIN_NOBODY;
	if (from && (!json_is_integer(from) ||
		     json_integer_value(from) > (json_int_t)now_s))
		return LOGIN_NOBODY;
	snprintf(claims->name, sizeof(claims->name), "%s", name ? name : "");
	claims->expires_s = (uint64_t)json_integer_value(expires);
	if (json_integer_value(issued) > 0)
		claims->issued_s = (uint64_t)json_integer_value(issued);
	claims->role =
		login_role_named(json_string_value(json_object_get(o, "role")));
	return claims->role;
}

bool login_id(const char *token, char id[LOGIN_ID_SIZE])
{
	const char *end = strrchr(token, '.');
	uint8_t hash[(LOGIN_ID_SIZE - 1) / 2];
	json_t *header;
	bool is;

	if (!end || strchr(token, '.') == end)
		return false;
	header = decode_object(token, strcspn(token, "."));
	is = json_is_object(header);
	json_decref(header);
	if (!is)
		return false;
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)token,
			   (size_t)(end - token), NULL, 0);
	sodium_bin2hex(id, LOGIN_ID_SIZE, hash, sizeof(hash));
	return true;
}

enum login_role login_check(const struct login *login, const char *token,
			    uint64_t now_s, struct login_claims *claims)
{
	const char *payload, *signature;
	enum login_role role;
	json_t *o;

	*claims = (struct login_claims){ 0 };
	payload = token ? strchr(token, '.') : NULL;
	signature = payload ? strchr(++payload, '.') : NULL;
	if (!signature || strlen(token) >= LOGIN_TOKEN_MAX)
		return LOGIN_NOBODY;
	signature++;
	if (!signature_good(login,
			    read_header(token, (size_t)(payload - 1 - token)),
			    token, signature))
		return LOGIN_NOBODY;
	o = decode_object(payload, (size_t)(signature - 1 - payload));
	role = read_claims(o, now_s, claims);
	login_id(token, claims->id);
	json_decref(o);
	return role;
}
