// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ktach/wire.h>

#include "collector/api/series.h"
#include "collector/config.h"
#include "collector/feed/worker.h"
#include "collector/fleet/members.h"
#include "collector/history/engines/engines.h"
#include "collector/history/groups.h"
#include "collector/history/tier.h"
#include "collector/incidents/incidents.h"
#include "collector/alarms/rule.h"
#include "collector/base/self.h"
#include "lib/base/enroll.h"
#include "lib/base/log.h"
#include "lib/base/options.h"

enum {
	HTTP_PORT = 8766,
	PROBLEM_SIZE = 1024,
};

static const char details[] =
	"Commands (ktach-collector COMMAND --help tells more):\n"
	"  key                   make, revoke and restore keys of frames and tokens\n"
	"  enroll                make tokens that hosts get their keys with\n"
	"  token                 make a token for who may look\n"
	"  export                read the history\n"
	"  check                 verify and repair it\n"
	"  fleet                 show the collectors that share it, drain one\n"
	"  agent                 list and operate the agents of nodes\n"
	"  rules                 try rules on the history\n"
	"\n"
	"The page is at http://ADDRESS/ of --http; the figures it shows are at\n"
	"/api/v1/nodes and /api/v1/nodes/NAME as JSON. The history is an SQLite\n"
	"database, DIR/history.db, with samples packed into chunks: read it with\n"
	"'ktach-collector export', verify it with 'ktach-collector check'. With\n"
	"--history it is in Redis or Valkey, one server or a cluster:\n"
	"redis://[USER@]HOST[:PORT][,HOST...][/PREFIX][?password-file=FILE&ca=FILE\n"
	"&copies=N&insecure], rediss:// for TLS.\n"
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
	"Every option but --config and --check-config is also a key of\n" CONFIG_FILE
	" (ktach.conf(5)), and a variable: KTACH_LISTEN. The\n"
	"command line counts more than the environment, and that more than the file.\n"
	"SIGHUP reads it again, and the files of keys and certificates that it names.\n"
	"\n"
	"Example: take sealed frames from a fleet, keep two weeks:\n"
	"  ktach-collector --listen 0.0.0.0 --keys /etc/ktach/keys --keep 14d\n"
	"\n"
	"Exit status: 0 ended by SIGTERM or SIGINT, 1 could not start, 2 usage or a\n"
	"wrong line in the file.\n";

#define SECOND_NS UINT64_C(1000000000)
#define DAY_NS (86400 * SECOND_NS)
#define KEEP_MAX (3650 * DAY_NS)
#define FEED_MAX (WORKERS_MAX * STREAMS_MAX)
#define NAME_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"
#define MIB_MAX (UINT64_C(1) << 30)

static void add_specs(struct config *c, struct option_list *list)
{
	uint64_t *keep = c->history.keep_ns;
	const struct option_spec all[] = {
		{ "config", 'f', OPTION_TEXT, &c->file, "FILE",
		  "what to read instead of " CONFIG_FILE, .command = 1 },
		{ "check-config", 0, OPTION_FLAG, &c->check, NULL,
		  "say what is wrong with the file, and exit", .command = 1 },
		{ "pid-file", 0, OPTION_TEXT, &c->pid_file, "FILE",
		  "holds the process id while it runs", .start = true },
		{ "listen", 'l', OPTION_TEXT, &c->listen, "HOST[:PORT]",
		  "where frames come in, by UDP and TCP", .start = true },
		{ "http", 'w', OPTION_TEXT, &c->http, "HOST[:PORT]",
		  "where the page and the API are served", .start = true },
		{ "data", 'd', OPTION_TEXT, &c->data, "DIR",
		  "folder of the history", .start = true },
		{ "history", 0, OPTION_TEXT, &c->servers, "URL",
		  "Redis or Valkey servers that have it instead",
		  .start = true },
		{ "members", 0, OPTION_TEXT, &c->members, "URL",
		  "etcd servers that know which collectors share it",
		  .start = true },
		{ "member-id", 0, OPTION_TEXT, &c->member_id, "NAME",
		  "of this collector among them, else the host's",
		  .start = true },
		{ "member-address", 0, OPTION_TEXT, &c->member_address,
		  "HOST[:PORT]", "where shippers find it, else --listen",
		  .start = true },
		{ "keep", 'k', OPTION_DURATION, &keep[TIER_RAW], "TIME",
		  "how long samples stay in the history", SECOND_NS, KEEP_MAX },
		{ "keep-1min", 0, OPTION_DURATION, &keep[TIER_MINUTE], "TIME",
		  "how long rollups of a minute stay", SECOND_NS, KEEP_MAX },
		{ "keep-5min", 0, OPTION_DURATION, &keep[TIER_FIVE], "TIME",
		  "how long rollups of five minutes stay", SECOND_NS,
		  KEEP_MAX },
		{ "history-size", 0, OPTION_NUMBER, &c->size_mib, "MIB",
		  "room for the history; the oldest samples go first, 0: any",
		  0, MIB_MAX },
		{ "history-memory", 0, OPTION_NUMBER, &c->memory_mib, "MIB",
		  "memory for what is not packed yet: more packs better", 1,
		  MIB_MAX },
		{ "history-writers", 0, OPTION_NUMBER, &c->writers, "N",
		  "files that nodes are spread over, each with a thread", 1,
		  GROUPS_MAX, .start = true },
		{ "keys", 0, OPTION_TEXT, &c->keys, "FILE|DIR",
		  "keys that frames are sealed with, or a folder of *.key" },
		{ "unsealed", 0, OPTION_FLAG, &c->unsealed, NULL,
		  "take frames that are not sealed, too, from anybody" },
		{ "enroll", 0, OPTION_TEXT, &c->enroll, "HOST[:PORT]",
		  "where hosts come for their key, with a token",
		  .start = true },
		{ "workers", 0, OPTION_NUMBER, &c->workers, "N",
		  "threads that take frames, 0: one for each 8 CPUs", 0,
		  WORKERS_MAX, .start = true },
		{ "feed-connections", 0, OPTION_NUMBER, &c->connections, "N",
		  "TCP connections of shippers at once, 0: as open files allow",
		  0, FEED_MAX, .start = true },
		{ "feed-per-address", 0, OPTION_NUMBER, &c->per_address, "N",
		  "of them from one address, 0: a quarter of all", 0, FEED_MAX,
		  .start = true },
		{ "first-frame", 0, OPTION_DURATION, &c->first_frame_ns, "TIME",
		  "how long such a connection may take for its first frame",
		  SECOND_NS, DAY_NS, .start = true },
		{ "no-io-uring", 0, OPTION_FLAG, &c->no_io_uring, NULL,
		  "take frames by ppoll() and recvmmsg(), not by io_uring",
		  .start = true },
		{ "login", 0, OPTION_TEXT, &c->login, "FILE[,FILE]",
		  "ask for tokens, signed with a key of these files" },
		{ "tls-cert", 0, OPTION_TEXT, &c->tls_certificate, "FILE",
		  "serve HTTPS with this certificate (PEM)", .start = true },
		{ "tls-key", 0, OPTION_TEXT, &c->tls_key, "FILE",
		  "its private key (PEM)", .start = true },
		{ "host", 0, OPTION_TEXT, &c->hosts, "NAME[,NAME]",
		  "names that this server is asked by, beside localhost" },
		{ "cors", 0, OPTION_TEXT, &c->cors, "ORIGIN[,ORIGIN]",
		  "sites whose pages may ask the API, with a token" },
		{ "proxy", 0, OPTION_TEXT, &c->proxies, "ADDRESS[,ADDRESS]",
		  "reverse proxies: their X-Forwarded-For is believed" },
		{ "insecure-remote", 0, OPTION_FLAG, &c->insecure_remote, NULL,
		  "let other hosts see the page, without a token" },
		{ "incidents-keep", 0, OPTION_DURATION, &c->incidents_keep_ns,
		  "TIME", "how long incidents of flight recorders are kept",
		  3600 * SECOND_NS, KEEP_MAX },
		{ "incidents-size", 0, OPTION_NUMBER, &c->incidents_mib, "MIB",
		  "what all of them may take; 0: none are kept", 0, 1 << 20 },
		{ "rules", 0, OPTION_TEXT, &c->rules, "DIR",
		  "rules for alarms, instead of " RULES_FOLDER },
		{ "alertmanager", 0, OPTION_TEXT, &c->alarms.alertmanager,
		  "URL[,URL]", "Alertmanagers that are told of alarms" },
		{ "webhook", 0, OPTION_TEXT, &c->alarms.webhook, "URL",
		  "where alarms are posted to as JSON" },
		{ "webhook-key", 0, OPTION_TEXT, &c->alarms.webhook_key, "FILE",
		  "the secret that this is signed with: its first line" },
		{ "alarm-ca", 0, OPTION_TEXT, &c->alarms.ca, "FILE",
		  "certificates (PEM) that they are checked by, not the system's" },
		{ "metrics-process", 0, OPTION_FLAG, &c->metrics_process, NULL,
		  "series of single processes in /metrics, unasked",
		  .start = true },
		{ "metrics-interrupt", 0, OPTION_FLAG, &c->metrics_interrupt,
		  NULL, "series of single interrupts there, unasked",
		  .start = true },
		{ "metrics-per-node", 0, OPTION_NUMBER, &c->metrics_per_node,
		  "N", "series that a node may have there", SERIES_OF_NODE_MIN,
		  SERIES_MAX, .start = true },
		{ "log", 0, OPTION_CHOICE, &c->log, "error|warning|info|debug",
		  "what to log; debug has what libraries say, too" },
		{ "debug", 0, OPTION_FLAG, &c->debug, NULL, "as --log debug" },
	};

	OPTION_LIST_ADD(list, all);
}

static void preset(void *values)
{
	struct config *c = values;

	*c = (struct config){
		.listen = "127.0.0.1:4766",
		.http = "127.0.0.1:8766",
		.data = "/var/lib/ktach/collector",
		.history.keep_ns = { 7 * DAY_NS, 30 * DAY_NS, 400 * DAY_NS },
		.memory_mib = 256,
		.incidents_keep_ns = 30 * DAY_NS,
		.incidents_mib = 256,
		.writers = 1,
		.metrics_per_node = SERIES_OF_NODE,
		.first_frame_ns = 60 * SECOND_NS,
		.log = "info",
	};
}

static int check_pairs(const struct config *c, char *problem, unsigned int size)
{
	if (!c->tls_certificate == !c->tls_key)
		return 0;
	snprintf(problem, size,
		 "tls-cert and tls-key: both are needed, or none");
	return -EINVAL;
}

static int check_enroll(const struct config *c, char *problem,
			unsigned int size)
{
	if (!c->enroll || c->keys)
		return 0;
	snprintf(
		problem, size,
		"enroll: expected keys, too: hosts get theirs from a fleet key");
	return -EINVAL;
}

/* Compared with what inet_ntop() writes. */
static bool proxy_good(const char *text)
{
	char normal[INET6_ADDRSTRLEN];
	struct in6_addr a;
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	return inet_pton(family, text, &a) == 1 &&
	       inet_ntop(family, &a, normal, sizeof(normal)) &&
	       !strcasecmp(text, normal);
}

/* Compared with names without a port, brackets and the root's dot. */
static bool host_good(const char *text)
{
	const char *colon = strchr(text, ':');

	return text[strspn(text, NAME_CHARACTERS)] == '\0' &&
	       text[strlen(text) - 1] != '.' &&
	       (!colon || strchr(colon + 1, ':'));
}

/* Compared with what a browser names as Origin: SCHEME://NAME, and a port that is not the
 * scheme's own.
 */
static bool origin_good(const char *text)
{
	const char *name = strstr(text, "://"), *port;
	size_t scheme = name ? (size_t)(name - text) : 0;

	if ((scheme != 4 || strncmp(text, "http", scheme)) &&
	    (scheme != 5 || strncmp(text, "https", scheme)))
		return false;
	name += 3;
	port = name + strcspn(name, *name == '[' ? "]" : ":");
	if (*name == '[' && *port++ != ']')
		return false;
	if (port == name || name[strspn(name, NAME_CHARACTERS "[]")])
		return false;
	return !*port || (*port == ':' && port[1] &&
			  !port[1 + strspn(port + 1, "0123456789")]);
}

/* One that is none would never be met, and nobody would know. */
static int check_list(const char *name, const char *list,
		      bool (*good)(const char *text), const char *expected,
		      char *problem, unsigned int size)
{
	char one[PROBLEM_SIZE / 4];

	while (list && *list) {
		size_t length;

		list += strspn(list, ", \t");
		length = strcspn(list, ", \t");
		snprintf(one, sizeof(one), "%.*s", (int)length, list);
		list += length;
		if (!length || (length < sizeof(one) && good(one)))
			continue;
		snprintf(problem, size, "%s: '%s': expected %s", name, one,
			 expected);
		return -EINVAL;
	}
	return 0;
}

static int check_lists(const struct config *c, char *problem, unsigned int size)
{
	int err = check_list(
		"proxy", c->proxies, proxy_good,
		"addresses such as 192.0.2.1 or 2001:db8::1, in their shortest form",
		problem, size);

	if (!err)
		err = check_list("host", c->hosts, host_good,
				 "a name, without a port", problem, size);
	return err ? err :
		     check_list(
			     "cors", c->cors, origin_good,
			     "an origin such as https://portal.example.com or http://portal:8080",
			     problem, size);
}

static int check_servers(const struct config *c, char *problem,
			 unsigned int size)
{
	const char *wrong = c->servers ? engines_problem(c->servers) : NULL;

	if (!wrong && c->servers && c->writers > 1)
		wrong = "servers have no use for history-writers";
	if (!wrong)
		return 0;
	snprintf(problem, size, "history: %s", wrong);
	return -EINVAL;
}

static const char *check_member(const struct config *c, const char **name)
{
	*name = "member-id";
	if (c->member_id && !members_id_good(c->member_id))
		return "letters, digits, '_', '.' and '-', 63 at most";
	*name = "member-address";
	if (c->member_address &&
	    (strlen(c->member_address) >= MEMBER_ADDRESS_SIZE ||
	     address_check(c->member_address)))
		return "expected HOST, HOST:PORT or [HOST]:PORT";
	*name = "members";
	return c->members ? members_problem(c->members) : NULL;
}

static int check_members(const struct config *c, char *problem,
			 unsigned int size)
{
	const char *name, *wrong = check_member(c, &name);

	if (!wrong)
		return 0;
	snprintf(problem, size, "%s: %s", name, wrong);
	return -EINVAL;
}

const char *config_history(const struct config *c)
{
	return c->servers ? c->servers : c->data;
}

/* @list: points into @c. */
static int load_config(struct config *c, struct option_list *list, int argc,
		       char **argv, char *problem, unsigned int size)
{
	const struct option_sources from = {
		.preset = preset,
		.values = c,
		.file = &c->file,
		.check = &c->check,
		.default_file = CONFIG_FILE,
		.argc = argc,
		.argv = argv,
	};
	struct options options = {
		.program = "ktach-collector",
		.summary =
			"Receive the figures of many hosts, keep their history, show them live.",
		.details = details,
		.section = "collector",
		.reloads = true,
	};

	add_specs(c, list);
	if (list->failed) {
		snprintf(problem, size, "no memory for options");
		return -ENOMEM;
	}
	options.specs = list->specs;
	return options_load(&options, &from, problem, size);
}

/* All that was given is there. */
static int settle_config(struct config *c, char *problem, unsigned int size)
{
	int err;

	c->history.size_max = c->size_mib << 20;
	c->history.memory_max = c->memory_mib << 20;
	c->history.memory_limit = self_memory_limit();
	c->history.groups = (unsigned int)c->writers;
	c->history.fleet = c->members;
	c->level = log_level_named(c->debug ? "debug" : c->log);
	err = check_pairs(c, problem, size);
	if (!err)
		err = check_lists(c, problem, size);
	if (!err)
		err = check_enroll(c, problem, size);
	if (!err)
		err = check_members(c, problem, size);
	return err ? err : check_servers(c, problem, size);
}

void collector_config_parse(struct config *c, int argc, char **argv)
{
	struct option_list list = { 0 };
	char problem[PROBLEM_SIZE];
	struct outlets_setup outlets;
	struct rules rules;

	if (load_config(c, &list, argc, argv, problem, sizeof(problem)) ||
	    settle_config(c, problem, sizeof(problem))) {
		fprintf(stderr, "ktach-collector: %s\n", problem);
		exit(2);
	}
	option_list_free(&list);
	if (!c->check)
		return;
	log_init("ktach-collector", LOG_WARN);
	if (config_resolve(c) || config_rules(c, &rules) ||
	    config_outlets(c, &outlets))
		exit(2);
	printf("%s: good\n", c->file ? c->file : CONFIG_FILE);
	exit(0);
}

static int judge_listen(const struct config *c)
{
	if (c->keys || c->unsealed || address_is_loopback(&c->listen_address))
		return 0;
	log_error(
		"--listen %s: other hosts could send frames, and there is no key to tell whose they are; give --keys (see 'ktach-collector key --help'), use a loopback address, or add --unsealed on a network that you trust",
		c->listen);
	return -EPERM;
}

static int judge_member(const struct config *c)
{
	if (c->members && !c->servers) {
		log_error(
			"--members: collectors share a history on servers; give --history redis://..., too");
		return -EINVAL;
	}
	if (!c->members || c->member_address ||
	    !address_is_any(&c->listen_address))
		return 0;
	log_error(
		"--listen %s: shippers can't be told to go there; give --member-address, where they find this collector",
		c->listen);
	return -EINVAL;
}

static int judge_http(const struct config *c)
{
	if (c->login || c->insecure_remote ||
	    address_is_loopback(&c->http_address))
		return 0;
	log_error(
		"--http %s: other hosts could reach it, and nobody would be asked for a token; give --login (see 'ktach-collector token --help'), use a loopback address, or add --insecure-remote on a network that you trust",
		c->http);
	return -EPERM;
}

int config_rules(const struct config *c, struct rules *rules)
{
	char problem[PROBLEM_SIZE];
	int err = rules_load(rules, c->rules ? c->rules : RULES_FOLDER,
			     c->rules, problem, sizeof(problem));

	if (err)
		log_error("rules: %s", problem);
	return err;
}

int config_outlets(const struct config *c, struct outlets_setup *setup)
{
	char problem[SETUP_PROBLEM_SIZE];
	int err = setup_load(setup, &c->alarms, problem);

	if (err)
		log_error("%s", problem);
	return err;
}

int config_resolve(struct config *c)
{
	int err = address_resolve(&c->listen_address, c->listen, WIRE_PORT);

	if (!err)
		err = judge_listen(c);
	if (!err)
		err = judge_member(c);
	if (!err)
		err = address_resolve(&c->http_address, c->http, HTTP_PORT);
	if (!err && c->enroll)
		err = address_resolve(&c->enroll_address, c->enroll,
				      ENROLL_PORT);
	return err ? err : judge_http(c);
}

int collector_config_reload(struct config *fresh, struct config *running,
			    int argc, char **argv, char *changes,
			    unsigned int size)
{
	struct option_list list = { 0 }, old = { 0 };
	char problem[PROBLEM_SIZE];
	int err =
		load_config(fresh, &list, argc, argv, problem, sizeof(problem));

	if (!err)
		err = settle_config(fresh, problem, sizeof(problem));
	if (!err) {
		add_specs(running, &old);
		err = options_change(&list, &old, changes, size);
		snprintf(problem, sizeof(problem), "no memory for options");
	}
	/* Again, with what it goes on with. */
	if (!err)
		err = settle_config(fresh, problem, sizeof(problem));
	option_list_free(&old);
	option_list_free(&list);
	if (err) {
		log_error("%s", problem);
		return err;
	}
	fresh->listen_address = running->listen_address;
	fresh->http_address = running->http_address;
	fresh->enroll_address = running->enroll_address;
	err = judge_listen(fresh);
	return err ? err : judge_http(fresh);
}

struct incidents_policy config_incidents(const struct config *c)
{
	return (struct incidents_policy){
		.keep_ns = c->incidents_keep_ns,
		.size_max = c->incidents_mib << 20,
	};
}
