// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktach-shipper enroll: a program of its own, as the shipper has no use for a library of
 * TLS in its memory for ever.
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ktach/wire.h>

#include "lib/base/address.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/options.h"
#include "shipper/config.h"
#include "shipper/enroll/contact.h"
#include "shipper/enroll/settle.h"
#include "shipper/identity.h"

#define SERVICE "ktach-shipper.service"
#define S UINT64_C(1000000000)

enum {
	ANSWER_S = 20,
	HOST_SIZE = 256,
};

/* What the command line asks for. */
struct enroll_request {
	const char *shipper; /* the program that was called */
	const char *collector;
	const char *token;
	const char *config;
	const char *key_file;
	const char *state;
	uint64_t wait_ns;
	int replace;
	int no_start;
};

static const char details[] =
	"COLLECTOR is HOST or HOST:PORT, where a collector has --enroll; the port is 4767\n"
	"without one. 'ktach-collector enroll --new' there makes the token, which is good\n"
	"once. The collector has to show the certificate that the token names: this host\n"
	"says nothing to anybody else.\n"
	"\n"
	"This host gets an id, if it has none, and its key; 'collector' and 'key' are set in\n"
	"the configuration, the rest of which stays as it is. Then the service is started\n"
	"anew, where systemd has it, or a shipper for as long as it takes, and the collector\n"
	"is asked whether a frame of this host has come.\n"
	"\n"
	"Example:\n"
	"  ktach-shipper enroll collector.example.com --token kt1_...\n"
	"\n"
	"Exit status: 0 frames arrive (with --no-start: there is a key), 1 they don't, 2 usage.\n";

static void parse_request(struct enroll_request *r, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "token", 't', OPTION_TEXT, &r->token, "TOKEN|-",
		  "what the collector's admin gave; -: it comes on stdin" },
		{ "config", 'f', OPTION_TEXT, &r->config, "FILE",
		  "the shipper's configuration, which is changed" },
		{ "key", 'k', OPTION_TEXT, &r->key_file, "FILE",
		  "where the key goes" },
		{ "state", 's', OPTION_TEXT, &r->state, "DIR",
		  "folder that keeps this node's id" },
		{ "replace", 0, OPTION_FLAG, &r->replace, NULL,
		  "take another key in the place of the one that is there" },
		{ "no-start", 0, OPTION_FLAG, &r->no_start, NULL,
		  "start nothing, and wait for nothing" },
		{ "wait", 0, OPTION_DURATION, &r->wait_ns, "TIME",
		  "for a first frame", S, 110 * S },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-shipper enroll",
		.summary =
			"Get this host's key from a collector, and send to it.",
		.details = details,
		.specs = specs,
		.operands = "COLLECTOR",
	};
	int first = options_parse(&options, argc, argv);

	if (argc - first != 1 || address_check(argv[first]))
		options_refuse(
			&options,
			"expected one COLLECTOR: HOST, HOST:PORT or [HOST]:PORT");
	if (!r->token)
		options_refuse(&options, "expected --token");
	r->collector = argv[first];
}

/* Return 0, or -EINVAL after a message. */
static int read_token(struct enroll_token *token, const char *given)
{
	char line[ENROLL_TOKEN_SIZE + 2] = "";

	if (!strcmp(given, "-")) {
		if (!fgets(line, sizeof(line), stdin))
			line[0] = '\0';
		line[strcspn(line, " \r\n")] = '\0';
		given = line;
	}
	if (!enroll_token_parse(token, given))
		return 0;
	log_error(
		"--token: expected kt1_ and 64 characters, as 'ktach-collector enroll --new' prints them");
	return -EINVAL;
}

/* The collector's host, with the port of the feed in the place of this one's. */
static void feed_address(char text[HOST_SIZE], const char *collector,
			 unsigned int port)
{
	size_t size = strlen(collector);
	const char *colon = strchr(collector, ':');
	bool bare6 = *collector != '[' && colon && strchr(colon + 1, ':');

	if (*collector == '[')
		size = strcspn(collector, "]") + 1;
	else if (colon && !bare6)
		size = (size_t)(colon - collector);
	if (port == WIRE_PORT)
		snprintf(text, HOST_SIZE, "%.*s", (int)size, collector);
	else
		snprintf(text, HOST_SIZE, "%s%.*s%s:%u", bare6 ? "[" : "",
			 (int)size, collector, bare6 ? "]" : "", port);
}

static int ask(struct contact *c, const struct enroll_token *token,
	       const uint8_t *id, struct seal_key *key, unsigned int *port)
{
	char line[ENROLL_LINE_SIZE], secret[2 * ENROLL_SECRET_SIZE + 1];
	char node[NODE_ID_TEXT_SIZE], rest;
	int err;

	sodium_bin2hex(secret, sizeof(secret), token->secret,
		       sizeof(token->secret));
	node_id_format(id, node);
	snprintf(line, sizeof(line), ENROLL_HELLO "%s %s", secret, node);
	sodium_memzero(secret, sizeof(secret));
	err = contact_say(c, line);
	if (!err)
		err = contact_hear(c, "", line, ANSWER_S);
	if (!err && (key_line_parse(line, key) || key->fleet ||
		     memcmp(key->node, id, WIRE_ID_SIZE))) {
		log_error("the collector sent no key of this node");
		err = -EPROTO;
	}
	if (!err)
		err = contact_hear(c, "feed ", line, ANSWER_S);
	if (!err && (sscanf(line, "%5u%c", port, &rest) != 1 || !*port ||
		     *port > 65535)) {
		log_error("the collector named no port for frames");
		err = -EPROTO;
	}
	sodium_memzero(line, sizeof(line));
	return err;
}

/* Return its exit status, or -1. */
static int run(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Whether the service reads this configuration, and there is one. */
static bool has_service(const struct enroll_request *r)
{
	static const char *const argv[] = { "systemctl", "--quiet",
					    "is-enabled", SERVICE, NULL };

	return !access("/run/systemd/system", F_OK) && !geteuid() &&
	       !strcmp(r->config, CONFIG_FILE) && !run(argv);
}

static pid_t start_shipper(const struct enroll_request *r)
{
	pid_t pid = fork();

	if (!pid) {
		execl(r->shipper, "ktach-shipper", "--config", r->config,
		      "--state", r->state, "--log", "warning", NULL);
		_exit(127);
	}
	return pid;
}

static void end_shipper(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

static int await_frame(const struct enroll_request *r, struct contact *c)
{
	static const char *const argv[] = { "systemctl", "restart", SERVICE,
					    NULL };
	bool service = has_service(r);
	char line[ENROLL_LINE_SIZE];
	pid_t pid = 0;
	int err;

	if (service && run(argv)) {
		log_error("systemctl restart " SERVICE
			  " failed: 'journalctl -u ktach-shipper' says why");
		return -EIO;
	}
	if (!service)
		pid = start_shipper(r);
	err = contact_hear(c, "arrived", line, (unsigned int)(r->wait_ns / S));
	if (pid > 0)
		end_shipper(pid);
	if (err) {
		log_error(
			"no frame of this host has arrived: is the way to the collector's feed open? Key and configuration are there; the shipper's log says more");
		return err;
	}
	log_info(service ? "frames arrive" :
			   "frames arrive; start ktach-shipper for good now");
	return 0;
}

static int enroll(const struct enroll_request *r,
		  const struct enroll_token *token)
{
	uint8_t id[WIRE_ID_SIZE];
	char where[HOST_SIZE], node[NODE_ID_TEXT_SIZE];
	struct contact c;
	struct seal_key key;
	unsigned int port;
	int err = settle_check(r->config, r->key_file, r->replace);

	if (!err)
		err = identity_find_id(r->state, id);
	if (err)
		return err;
	err = contact_open(&c, r->collector, token);
	if (err)
		return err;
	err = ask(&c, token, id, &key, &port);
	if (!err) {
		feed_address(where, r->collector, port);
		err = settle_write(r->config, r->key_file, &key, where);
	}
	sodium_memzero(&key, sizeof(key));
	if (!err) {
		node_id_format(id, node);
		log_info("node %s has its key in %s, and sends to %s (%s)",
			 node, r->key_file, where, r->config);
	}
	if (!err && !r->no_start)
		err = await_frame(r, &c);
	contact_close(&c);
	return err;
}

/* argv[1] is the shipper's program. */
int main(int argc, char **argv)
{
	struct enroll_request request = {
		.config = CONFIG_FILE,
		.key_file = "/etc/ktach/node.key",
		.state = "/var/lib/ktach",
		.wait_ns = 60 * S,
	};
	struct enroll_token token;

	if (argc < 2)
		return 2;
	request.shipper = argv[1];
	parse_request(&request, argc - 1, argv + 1);
	log_init("ktach-shipper enroll", LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return 1;
	}
	if (read_token(&token, request.token))
		return 2;
	return enroll(&request, &token) ? 1 : 0;
}
