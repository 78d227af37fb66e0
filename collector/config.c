// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include <ktach/wire.h>

#include "collector/config.h"
#include "collector/feed/worker.h"
#include "collector/history/schema.h"
#include "lib/log.h"
#include "lib/options.h"

enum {
	HTTP_PORT = 8766,
};

static const char details[] =
	"The page is at http://ADDRESS/ of --http; the figures it shows are at\n"
	"/api/v1/nodes and /api/v1/nodes/NAME as JSON. The history is an SQLite\n"
	"database, DIR/history.db, with samples packed into chunks: read it with\n"
	"'ktach-collector export', verify it with 'ktach-collector check'.\n"
	"Port 0 takes any free port; the first lines of the log name it.\n"
	"\n"
	"Frames from other hosts have to be sealed with a key of --keys; make keys\n"
	"with 'ktach-collector key' (see its --help). --unsealed takes any frame.\n"
	"\n"
	"On a loopback address the page and the API need no token. On one that other\n"
	"hosts can reach, --login is needed; make tokens with 'ktach-collector token'\n"
	"(see its --help). Tokens cross the network in clear without --tls-cert.\n"
	"--insecure-remote lets everybody look.\n"
	"\n"
	"Example: take sealed frames from a fleet, keep two weeks:\n"
	"  ktach-collector --listen 0.0.0.0 --keys /etc/ktach/keys --keep 14d\n"
	"\n"
	"Exit status: 0 ended by SIGTERM or SIGINT, 1 could not start, 2 usage.\n";

#define SECOND_NS UINT64_C(1000000000)
#define DAY_NS (86400 * SECOND_NS)
#define KEEP_MAX (3650 * DAY_NS)
#define MIB_MAX (UINT64_C(1) << 30)

void config_parse(struct config *c, int argc, char **argv)
{
	uint64_t *keep = c->history.keep_ns;
	struct {
		uint64_t size;
		uint64_t memory;
	} mib = { 0, 256 };
	const struct option_spec specs[] = {
		{ "listen", 'l', OPTION_TEXT, &c->listen, "HOST[:PORT]",
		  "where frames come in, by UDP and TCP" },
		{ "http", 'w', OPTION_TEXT, &c->http, "HOST[:PORT]",
		  "where the page and the API are served" },
		{ "data", 'd', OPTION_TEXT, &c->data, "DIR",
		  "folder of the history" },
		{ "keep", 'k', OPTION_DURATION, &keep[SCHEMA_RAW], "TIME",
		  "how long samples stay in the history", SECOND_NS, KEEP_MAX },
		{ "keep-1min", 0, OPTION_DURATION, &keep[SCHEMA_MINUTE], "TIME",
		  "how long rollups of a minute stay", SECOND_NS, KEEP_MAX },
		{ "keep-5min", 0, OPTION_DURATION, &keep[SCHEMA_FIVE], "TIME",
		  "how long rollups of five minutes stay", SECOND_NS,
		  KEEP_MAX },
		{ "history-size", 0, OPTION_NUMBER, &mib.size, "MIB",
		  "room for the history; the oldest samples go first, 0: any",
		  0, MIB_MAX },
		{ "history-memory", 0, OPTION_NUMBER, &mib.memory, "MIB",
		  "memory for what is not packed yet: more packs better", 1,
		  MIB_MAX },
		{ "keys", 0, OPTION_TEXT, &c->keys, "FILE|DIR",
		  "keys that frames are sealed with, or a folder of *.key" },
		{ "unsealed", 0, OPTION_FLAG, &c->unsealed, NULL,
		  "take frames that are not sealed, too, from anybody" },
		{ "workers", 0, OPTION_NUMBER, &c->workers, "N",
		  "threads that take frames, 0: one for each 8 CPUs", 0,
		  WORKERS_MAX },
		{ "no-io-uring", 0, OPTION_FLAG, &c->no_io_uring, NULL,
		  "take frames by ppoll() and recvmmsg(), not by io_uring" },
		{ "login", 0, OPTION_TEXT, &c->login, "FILE",
		  "ask for tokens, signed with a key of this file" },
		{ "tls-cert", 0, OPTION_TEXT, &c->tls_certificate, "FILE",
		  "serve HTTPS with this certificate (PEM)" },
		{ "tls-key", 0, OPTION_TEXT, &c->tls_key, "FILE",
		  "its private key (PEM)" },
		{ "host", 0, OPTION_TEXT, &c->hosts, "NAME[,NAME]",
		  "names that this server is asked by, beside localhost" },
		{ "insecure-remote", 0, OPTION_FLAG, &c->insecure_remote, NULL,
		  "let other hosts see the page, without a token" },
		{ "debug", 0, OPTION_FLAG, &c->debug, NULL,
		  "log what libraries say, too" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector",
		.summary =
			"Receive the figures of many hosts, keep their history, show them live.",
		.details = details,
		.specs = specs,
	};

	*c = (struct config){
		.listen = "127.0.0.1:4766",
		.http = "127.0.0.1:8766",
		.data = "/var/lib/ktach/collector",
		.history.keep_ns = { 7 * DAY_NS, 30 * DAY_NS, 400 * DAY_NS },
	};
	options_parse(&options, argc, argv);
	c->history.size_max = mib.size << 20;
	c->history.memory_max = mib.memory << 20;
}

static int resolve_listen(struct config *c)
{
	int err = address_resolve(&c->listen_address, c->listen, WIRE_PORT);

	if (err || c->keys || c->unsealed ||
	    address_is_loopback(&c->listen_address))
		return err;
	log_error(
		"--listen %s: other hosts could send frames, and there is no key to tell whose they are; give --keys (see 'ktach-collector key --help'), use a loopback address, or add --unsealed on a network that you trust",
		c->listen);
	return -EPERM;
}

static int resolve_http(struct config *c)
{
	int err = address_resolve(&c->http_address, c->http, HTTP_PORT);

	if (err || c->login || c->insecure_remote ||
	    address_is_loopback(&c->http_address))
		return err;
	log_error(
		"--http %s: other hosts could reach it, and nobody would be asked for a token; give --login (see 'ktach-collector token --help'), use a loopback address, or add --insecure-remote on a network that you trust",
		c->http);
	return -EPERM;
}

static int check_tls(const struct config *c)
{
	if (!c->tls_certificate == !c->tls_key)
		return 0;
	log_error("--tls-cert and --tls-key: both are needed, or none");
	return -EINVAL;
}

int config_resolve(struct config *c)
{
	int err = resolve_listen(c);

	if (!err)
		err = check_tls(c);
	return err ? err : resolve_http(c);
}
