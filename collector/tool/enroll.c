// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/enroll/certificate.h"
#include "collector/enroll/tokens.h"
#include "collector/tool/enroll.h"
#include "lib/base/address.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/options.h"
#include "lib/wire/seal.h"

#define S UINT64_C(1000000000)
#define DAY (86400 * S)

/* What the command line asks for. */
struct enroll_request {
	int make;
	int list;
	const char *revoke;
	const char *node;
	const char *host;
	const char *data;
	uint64_t valid_ns;
};

static const char details[] =
	"A token lets one host have a key, once: --new prints it, and the command that the\n"
	"host is to run. Nobody can tell it later: the collector keeps its hash. It also\n"
	"names the certificate by which the host knows this collector. A collector with\n"
	"--enroll takes it, as long as it has a fleet key ('ktach-collector key').\n"
	"\n"
	"A token is for a host that is new here. With --node it is for that node only,\n"
	"which may be known: its shipper's --make-id tells the id.\n"
	"\n"
	"Example: a token that a host has to use within ten minutes:\n"
	"  ktach-collector enroll --new --valid 10m\n"
	"\n"
	"Exit status: 0 made, 1 could not, 2 usage.\n";

static const struct options enroll_options = {
	.program = "ktach-collector enroll",
	.summary = "Make, list and take back tokens that hosts enrol with.",
	.details = details,
};

static void parse_request(struct enroll_request *r, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "new", 'n', OPTION_FLAG, &r->make, NULL, "make a token" },
		{ "valid", 'v', OPTION_DURATION, &r->valid_ns, "TIME",
		  "how long it may be used", S, 365 * DAY },
		{ "node", 0, OPTION_TEXT, &r->node, "ID",
		  "who may use it, and may be known here already" },
		{ "host", 0, OPTION_TEXT, &r->host, "HOST[:PORT]",
		  "this collector, as hosts call it, for the command that is shown" },
		{ "list", 0, OPTION_FLAG, &r->list, NULL,
		  "show all tokens: id, until when, who used it" },
		{ "revoke", 0, OPTION_TEXT, &r->revoke, "ID|all",
		  "take a token back, or all that nobody has used" },
		{ "data", 'd', OPTION_TEXT, &r->data, "DIR",
		  "the collector's folder" },
		{ 0 }
	};
	struct options options = enroll_options;

	*r = (struct enroll_request){
		.data = "/var/lib/ktach/collector",
		.valid_ns = DAY,
	};
	options.specs = specs;
	options_parse(&options, argc, argv);
	if (r->make + r->list + (r->revoke != NULL) != 1)
		options_refuse(&options,
			       "expected one of --new, --list and --revoke");
	if (r->host && address_check(r->host))
		options_refuse(
			&options,
			"--host '%s': expected HOST, HOST:PORT or [HOST]:PORT",
			r->host);
}

static void format_time(uint64_t s, char text[32])
{
	time_t t = (time_t)s;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, 32, "%Y-%m-%d %H:%M:%SZ", &tm);
}

static int make_token(const struct enroll_request *r)
{
	uint64_t expires_s = (clock_real_ns() + r->valid_ns) / S;
	char text[ENROLL_TOKEN_SIZE], until[32], here[256] = "COLLECTOR";
	uint8_t node[WIRE_ID_SIZE];
	struct enroll_token token;

	if (r->node && node_id_parse(r->node, node)) {
		log_error("--node '%s': expected an id as in the file node-id",
			  r->node);
		return 1;
	}
	if (certificate_open(r->data, token.print, NULL) ||
	    tokens_add(r->data, token.secret, expires_s, r->node ? node : NULL))
		return 1;
	enroll_token_format(&token, text);
	puts(text);
	format_time(expires_s, until);
	if (!gethostname(here, sizeof(here)))
		here[sizeof(here) - 1] = '\0';
	log_info("it is good once, until %s; on the host:", until);
	log_info("  ktach-shipper enroll %s --token %s",
		 r->host ? r->host : here, text);
	sodium_memzero(&token, sizeof(token));
	sodium_memzero(text, sizeof(text));
	return 0;
}

static int list_tokens(const struct enroll_request *r)
{
	uint64_t now_s = clock_real_ns() / S;
	char id[2 * TOKENS_HASH_SIZE + 1], until[32], node[NODE_ID_TEXT_SIZE];
	struct tokens t;
	size_t i;

	if (tokens_load(&t, r->data))
		return 1;
	for (i = 0; i < t.count; i++) {
		const struct token_line *token = &t.list[i];

		sodium_bin2hex(id, sizeof(id), token->hash,
			       sizeof(token->hash));
		format_time(token->used_s ? token->used_s : token->expires_s,
			    until);
		node_id_format(token->node, node);
		printf("%.*s  %-7s %s  %s\n", TOKENS_ID_DIGITS, id,
		       token->used_s		 ? "used" :
		       token->expires_s <= now_s ? "expired" :
						   "until",
		       until, token->bound ? node : "any new host");
	}
	tokens_free(&t);
	return 0;
}

int enroll_main(int argc, char **argv)
{
	struct enroll_request request;

	parse_request(&request, argc, argv);
	log_init("ktach-collector enroll", LOG_INFO);
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return 1;
	}
	if (request.make)
		return make_token(&request);
	if (request.list)
		return list_tokens(&request);
	return tokens_revoke(request.data, request.revoke) ? 1 : 0;
}
