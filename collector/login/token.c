// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/login/login.h"
#include "collector/login/revoked.h"
#include "collector/login/token.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/options.h"

#define S UINT64_C(1000000000)
#define DAY (86400 * S)

/* What the command line asks for. */
struct token_request {
	const char *key;
	const char *revoke;
	const char *data;
	const char *name;
	const char *role;
	uint64_t valid_ns;
};

static const char details[] =
	"The token goes to stdout. It is a JSON Web Token, for the header\n"
	"'Authorization: Bearer TOKEN' or the page's login. --revoke takes it back before\n"
	"it expires, within seconds, or all that a name has so far. A secret of\n"
	"'ktach-collector key' makes it HS256; a private key of Ed25519 ('key --ed25519',\n"
	"or of openssl, in PEM) EdDSA: then the collector needs the public key only.\n"
	"\n"
	"Example: a key, a collector that asks for tokens, a token for Prometheus:\n"
	"  ktach-collector key --out /etc/ktach/login.key\n"
	"  ktach-collector --http 0.0.0.0 --login /etc/ktach/login.key \\\n"
	"    --tls-cert cert.pem --tls-key key.pem\n"
	"  ktach-collector token --key /etc/ktach/login.key --name prometheus\n"
	"\n"
	"Exit status: 0 made, 1 could not, 2 usage.\n";

static void parse_request(struct token_request *r, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "key", 'k', OPTION_TEXT, &r->key, "FILE",
		  "the collector's --login: its first key signs" },
		{ "name", 'n', OPTION_TEXT, &r->name, "NAME",
		  "whom it is for" },
		{ "role", 'r', OPTION_CHOICE, &r->role,
		  "view|send|operate|admin|service|read", "what it permits" },
		{ "valid", 'v', OPTION_DURATION, &r->valid_ns, "TIME",
		  "how long", S, 3650 * DAY },
		{ "revoke", 0, OPTION_TEXT, &r->revoke, "TOKEN|ID|NAME",
		  "take a token back, or all of a name so far" },
		{ "data", 'd', OPTION_TEXT, &r->data, "DIR",
		  "the collector's folder, for --revoke" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector token",
		.summary = "Make a token for the collector's page and API.",
		.details = details,
		.specs = specs,
	};

	*r = (struct token_request){
		.key = "/etc/ktach/login.key",
		.name = "somebody",
		.role = "view",
		.data = "/var/lib/ktach/collector",
		.valid_ns = 30 * DAY,
	};
	options_parse(&options, argc, argv);
}

static int make_token(const struct token_request *r,
		      const struct login_keys *keys)
{
	struct login_claims claims = {
		.role = login_role_named(r->role),
		.issued_s = clock_real_ns() / S,
		.expires_s = (clock_real_ns() + r->valid_ns) / S,
	};
	char token[LOGIN_TOKEN_MAX];
	int err;

	if (strlen(r->name) < sizeof(claims.name))
		strcpy(claims.name, r->name);
	err = login_sign(keys, &claims, token);
	if (err == -ENOKEY) {
		log_error(
			"--key %s: a public key does not sign; give the private one",
			r->key);
		return 1;
	}
	if (err) {
		log_error(
			"--name '%s': expected 1 to %d letters, digits and '-._@'",
			r->name, LOGIN_NAME_SIZE - 1);
		return 1;
	}
	puts(token);
	return 0;
}

int token_main(int argc, char **argv)
{
	struct token_request request;
	struct login_keys keys;
	int status;

	parse_request(&request, argc, argv);
	log_init("ktach-collector token", LOG_INFO);
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return 1;
	}
	if (request.revoke)
		return revoked_add(request.data, request.revoke) ? 1 : 0;
	if (login_keys_load(&keys, request.key))
		return 1;
	status = make_token(&request, &keys);
	login_keys_free(&keys);
	return status;
}
