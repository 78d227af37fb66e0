// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "collector/http/login.h"

enum {
	PART_MAX = 512, /* a decoded part of a token */
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

_Static_assert(crypto_auth_hmacsha256_KEYBYTES == WIRE_KEY_SIZE,
	       "a key file's secret signs");

const char *const login_roles[LOGIN_ROLES] = {
	[LOGIN_NOBODY] = "",
	[LOGIN_READ] = "read",
	[LOGIN_ADMIN] = "admin",
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

int login_sign(const struct seal_key *key, const struct login_claims *claims,
	       char *token)
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	uint8_t tag[crypto_auth_hmacsha256_BYTES];
	char payload[PART_MAX];
	size_t used;

	if (!name_good(claims->name))
		return -EINVAL;
	snprintf(payload, sizeof(payload),
		 "{\"sub\":\"%s\",\"role\":\"%s\",\"exp\":%" PRIu64 "}",
		 claims->name, login_roles[claims->role], claims->expires_s);
	encode(token, LOGIN_TOKEN_MAX, header, strlen(header));
	used = strlen(token);
	token[used++] = '.';
	encode(token + used, LOGIN_TOKEN_MAX - used, payload, strlen(payload));
	used += strlen(token + used);
	crypto_auth_hmacsha256(tag, (const uint8_t *)token, used, key->secret);
	token[used++] = '.';
	encode(token + used, LOGIN_TOKEN_MAX - used, tag, sizeof(tag));
	return 0;
}

/* Decode a part; its size, or -1. */
static int decode(void *to, size_t room, const char *text, size_t size)
{
	size_t used;

	if (sodium_base642bin(to, room, text, size, NULL, &used, NULL, BASE64))
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

/* The algorithm is pinned: a header that names another is no header. */
static bool header_good(const char *text, size_t size)
{
	json_t *o = decode_object(text, size);
	const char *alg = json_string_value(json_object_get(o, "alg"));
	bool good = alg && !strcmp(alg, "HS256");

	json_decref(o);
	return good;
}

/* All keys are tried, so that time tells nothing of which one it was. */
static bool signature_good(const struct login *login, const char *token,
			   const char *signature)
{
	uint8_t tag[crypto_auth_hmacsha256_BYTES];
	size_t i, signed_size = (size_t)(signature - 1 - token);
	bool good = false;

	if (decode(tag, sizeof(tag), signature, strlen(signature)) !=
	    (int)sizeof(tag))
		return false;
	for (i = 0; i < login->keys.count; i++)
		good |= !crypto_auth_hmacsha256_verify(
			tag, (const uint8_t *)token, signed_size,
			login->keys.list[i].secret);
	return good;
}

static enum login_role role_named(const char *name)
{
	int role;

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

	*claims = (struct login_claims){ 0 };
	if (!json_is_integer(expires) ||
	    json_integer_value(expires) <= (json_int_t)now_s)
		return LOGIN_NOBODY;
	if (from && (!json_is_integer(from) ||
		     json_integer_value(from) > (json_int_t)now_s))
		return LOGIN_NOBODY;
	snprintf(claims->name, sizeof(claims->name), "%s", name ? name : "");
	claims->expires_s = (uint64_t)json_integer_value(expires);
	claims->role =
		role_named(json_string_value(json_object_get(o, "role")));
	return claims->role;
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
	if (!header_good(token, (size_t)(payload - 1 - token)) ||
	    !signature_good(login, token, signature))
		return LOGIN_NOBODY;
	o = decode_object(payload, (size_t)(signature - 1 - payload));
	role = read_claims(o, now_s, claims);
	json_decref(o);
	return role;
}
