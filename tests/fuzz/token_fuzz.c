// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a token, as the header and claims of one that is signed, and put over one
 * that is good: who did not sign has no role, and what is signed has one only while it
 * is valid.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/login/login.h"
#include "lib/base/log.h"

enum {
	NOW_S = 1700000000,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

static struct login login;
static char good[LOGIN_TOKEN_MAX + 1];

static void begin(void)
{
	const struct login_claims claims = { .name = "somebody",
					     .role = LOGIN_ADMIN,
					     .issued_s = NOW_S - 1,
					     .expires_s = NOW_S + 1 };

	log_init("token_fuzz", LOG_ERROR);
	if (seal_init())
		abort();
	login.required = true;
	login.keys.secrets.list = calloc(1, sizeof(*login.keys.secrets.list));
	login.keys.secrets.count = 1;
	memset(login.keys.secrets.list[0].secret, 7, WIRE_KEY_SIZE);
	if (login_sign(&login.keys, &claims, good))
		abort();
}

static void look_at(const char *token, bool may_have_role)
{
	struct login_claims claims;
	enum login_role role = login_check(&login, token, NOW_S, &claims);
	char id[LOGIN_ID_SIZE];

	login_id(token, id);
	if (role == LOGIN_NOBODY)
		return;
	if (!may_have_role || claims.role != role || role >= LOGIN_ROLES ||
	    claims.expires_s <= NOW_S ||
	    !memchr(claims.name, 0, sizeof(claims.name)))
		abort();
}

static void as_it_is(const uint8_t *data, size_t size)
{
	char token[LOGIN_TOKEN_MAX * 2];

	if (size >= sizeof(token))
		return;
	memcpy(token, data, size);
	token[size] = '\0';
	look_at(token, !strcmp(token, good));
}

/* A byte of it is another one; the last of a part has bits that say nothing, and are not
 * to be other ones.
 */
static void over_a_good_one(const uint8_t *data, size_t size)
{
	char token[sizeof(good)];
	size_t i;

	strcpy(token, good);
	for (i = 0; i + 1 < size && i < 16; i += 2)
		token[data[i] % strlen(good)] = (char)data[i + 1];
	look_at(token, !strcmp(token, good));
}

/* Header, a newline, claims. */
static void signed_by_us(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	uint8_t signature[crypto_auth_hmacsha256_BYTES];
	char token[LOGIN_TOKEN_MAX * 2];
	size_t used;

	if (!end || size > LOGIN_TOKEN_MAX)
		return;
	sodium_bin2base64(token, sizeof(token), data, (size_t)(end - data),
			  BASE64);
	strcat(token, ".");
	used = strlen(token);
	sodium_bin2base64(token + used, sizeof(token) - used, end + 1,
			  size - (size_t)(end + 1 - data), BASE64);
	used = strlen(token);
	crypto_auth_hmacsha256(signature, (const uint8_t *)token, used,
			       login.keys.secrets.list[0].secret);
	strcat(token, ".");
	sodium_bin2base64(token + used + 1, sizeof(token) - used - 1, signature,
			  sizeof(signature), BASE64);
	look_at(token, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!*good)
		begin();
	as_it_is(data, size);
	over_a_good_one(data, size);
	signed_by_us(data, size);
	return 0;
}
