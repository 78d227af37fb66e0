// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/login/login_key.h"
#include "collector/tool/agent.h"
#include "collector/tool/agent_http.h"
#include "lib/base/clean.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/options.h"
#include "lib/order/order.h"

enum {
	LINE_MAX_SIZE = 256,
	SLACK_S = 5, /* of HTTP, beyond what the collector may take */
};

#define S UINT64_C(1000000000)
#define US_NS 1000

/* What the command line asks for. */
struct agent_request {
	const char *verb;
	const char *node;
	const char *agent;
	const char *key;
	const char *file;
	uint64_t revision;
	uint64_t timeout_ns;
	int sign_only;
	int json;
	struct agent_http http;
	uint64_t end_ns; /* of @timeout_ns, monotonic */
	bool in_doubt; /* the order may have got there */
};

static const char details[] =
	"list shows a node's agents. start, stop, restart and reload sign an order with\n"
	"the private key of --sign-key, an operator's, and have the collector pass it on:\n"
	"it never has that key. The node carries an order out once: where nothing is heard\n"
	"in time, the same order is sent again until its time is over, and not done twice.\n"
	"desired signs how agents are to be from now on: lines 'NAME running' or 'NAME\n"
	"stopped' of --file; of all that were signed for a node the largest --revision\n"
	"holds, also on a node that is away now.\n"
	"\n"
	"The node's ktach-agentd has to let that happen ('remote = operate'), and to have\n"
	"the operator's public key in /etc/ktach/operators.d, put there by hand. An order is\n"
	"for the node that --node names, as it is called there: nobody can take it elsewhere.\n"
	"\n"
	"Example: a key for an operator, and what it is for:\n"
	"  ktach-collector key --ed25519 --out alice.key\n"
	"  scp alice.key.pub root@web1:/etc/ktach/operators.d/alice.pub\n"
	"  ktach-collector agent restart --node web1 --agent nginx --sign-key alice.key \\\n"
	"    --url https://collector.example --token alice.token\n"
	"\n"
	"Exit status: 0 done, 1 not done, or it is not known, 2 usage.\n";

static void parse_request(struct agent_request *r, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "node", 'n', OPTION_TEXT, &r->node, "NAME|ID",
		  "the node, as it calls itself" },
		{ "agent", 'a', OPTION_TEXT, &r->agent, "NAME",
		  "the agent; * for all" },
		{ "sign-key", 'k', OPTION_TEXT, &r->key, "FILE",
		  "the operator's private key, of 'key --ed25519'" },
		{ "url", 'u', OPTION_TEXT, &r->http.url, "URL",
		  "of the collector" },
		{ "token", 0, OPTION_TEXT, &r->http.token, "FILE",
		  "file of a token for it; orders need the role operate" },
		{ "ca", 0, OPTION_TEXT, &r->http.ca, "FILE",
		  "certificates to trust, instead of the system's" },
		{ "timeout", 't', OPTION_DURATION, &r->timeout_ns, "TIME",
		  "how long it may take; an order expires then", 2 * S,
		  ORDER_LIFE_S * S },
		{ "revision", 'r', OPTION_NUMBER, &r->revision, "NUMBER",
		  "of the desired state; 0: the seconds since 1970", 0,
		  INT32_MAX * UINT64_C(1000) },
		{ "file", 'f', OPTION_TEXT, &r->file, "FILE",
		  "the desired state's lines; without it they come by stdin" },
		{ "sign-only", 0, OPTION_FLAG, &r->sign_only, NULL,
		  "print what is signed, and send nothing" },
		{ "json", 'j', OPTION_FLAG, &r->json, NULL,
		  "print the collector's answer as it is" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector agent",
		.operands = "list|start|stop|restart|reload|desired",
		.summary = "See and operate the agents of a node.",
		.details = details,
		.specs = specs,
	};
	int at;

	*r = (struct agent_request){
		.agent = "",
		.http.url = "http://127.0.0.1:8080",
		.timeout_ns = 30 * S,
	};
	at = options_parse(&options, argc, argv);
	r->verb = at < argc ? argv[at] : "";
	if (at != argc - 1)
		options_refuse(
			&options,
			"expected one of list, start, stop, restart, reload and desired");
	if (strcmp(r->verb, "list") && strcmp(r->verb, "desired") &&
	    !order_verb_good(r->verb))
		options_refuse(
			&options,
			"'%s': expected list, start, stop, restart, reload or desired",
			r->verb);
	if (!r->node || !*r->node)
		options_refuse(&options, "--node NAME is missing");
	if (order_verb_good(r->verb) &&
	    (!*r->agent || !order_agent_good(r->agent)))
		options_refuse(&options, "--agent NAME is missing, or no name");
	if (strcmp(r->verb, "list") && !r->key)
		options_refuse(&options, "--sign-key FILE is missing");
}

static size_t compose_order(const struct agent_request *r, char *text)
{
	uint64_t now_ns = clock_real_ns();
	uint8_t nonce[ORDER_NONCE_SIZE];
	char digits[2 * sizeof(nonce) + 1];

	randombytes_buf(nonce, sizeof(nonce));
	sodium_bin2hex(digits, sizeof(digits), nonce, sizeof(nonce));
	return (size_t)snprintf(
		text, ORDER_TEXT_MAX,
		"ktach-order 1\nnode %s\nagent %s\nverb %s\nsigned %" PRIu64
		"\nexpires %" PRIu64 "\nnonce %s\n",
		r->node, r->agent, r->verb, now_ns / US_NS,
		(now_ns + r->timeout_ns) / S, digits);
}

/* Its lines, with "agent" in front of each. */
static int append_lines(FILE *from, char *text, size_t *size)
{
	char line[LINE_MAX_SIZE];

	while (fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		*size += (size_t)snprintf(text + *size, ORDER_TEXT_MAX - *size,
					  "agent %s\n", line);
		if (*size >= ORDER_TEXT_MAX - ORDER_SIGNED_ROOM) {
			log_error("the desired state is too long");
			return -1;
		}
	}
	return 0;
}

static size_t compose_desired(const struct agent_request *r, char *text)
{
	uint64_t now_ns = clock_real_ns();
	FILE *from = r->file ? fopen(r->file, "re") : stdin;
	size_t size;
	int err;

	if (!from) {
		log_error("--file %s: cannot be read", r->file);
		return 0;
	}
	size = (size_t)snprintf(text, ORDER_TEXT_MAX,
				"ktach-desired 1\nnode %s\nrevision %" PRIu64
				"\nsigned %" PRIu64 "\n",
				r->node, r->revision ? r->revision : now_ns / S,
				now_ns / US_NS);
	err = append_lines(from, text, &size);
	if (from != stdin)
		fclose(from);
	return err ? 0 : size;
}

/* What a node would not take for one is not sent. */
static bool is_well_formed(const char *text, size_t size)
{
	struct desired d;
	struct order o;

	if (!order_parse(&o, text, size) || !desired_parse(&d, text, size))
		return true;
	log_error(
		"expected a node's name of letters, digits and '-_.', and lines 'NAME running' or 'NAME stopped'");
	return false;
}

/* Returns its size, or 0 after a message. */
static size_t sign(const struct agent_request *r, char *text)
{
	struct login_keys keys;
	size_t i, size;

	if (login_keys_load(&keys, r->key))
		return 0;
	for (i = 0; i < keys.count && !keys.pairs[i].signs; i++)
		;
	size = strcmp(r->verb, "desired") ? compose_order(r, text) :
					    compose_desired(r, text);
	if (i == keys.count) {
		log_error(
			"--sign-key %s: expected a private key; make one with 'ktach-collector key --ed25519'",
			r->key);
		size = 0;
	}
	if (size)
		size = order_sign(text, size, keys.pairs[i].seed);
	login_keys_free(&keys);
	return size && is_well_formed(text, size) ? size : 0;
}

static void make_path(const struct agent_request *r, long wait_s, char *path,
		      size_t size)
{
	char *node = agent_http_escape(r->node);
	char *agent = agent_http_escape(r->agent);

	if (!strcmp(r->verb, "list"))
		snprintf(path, size, "/api/v1/nodes/%s/agents?timeout=%lds",
			 node, wait_s);
	else if (!strcmp(r->verb, "desired"))
		snprintf(path, size, "/api/v1/nodes/%s/desired?timeout=%lds",
			 node, wait_s);
	else
		snprintf(path, size,
			 "/api/v1/nodes/%s/agents/%s/%s?timeout=%lds", node,
			 agent, r->verb, wait_s);
	free(node);
	free(agent);
}

static const char *method_of(const struct agent_request *r)
{
	if (!strcmp(r->verb, "list"))
		return "GET";
	return strcmp(r->verb, "desired") ? "POST" : "PUT";
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

/* What the node itself has said holds, whatever became of earlier questions. */
static bool is_nodes_word(const char *result)
{
	return !strcmp(result, "done") || !strcmp(result, "failed") ||
	       !strcmp(result, "refused");
}

/* Whether the same order may be told something else a little later: nobody has answered
 * yet, or it may have got there before the connection, or the collector, was lost.
 */
static bool may_change(struct agent_request *r, const json_t *o,
		       const struct http_answer *a)
{
	const char *result = text_of(o, "result");

	if (!strcmp(r->verb, "list") || is_nodes_word(result))
		return false;
	r->in_doubt |= !a->status || !strcmp(result, "pending") ||
		       !strcmp(result, "unknown");
	return (r->in_doubt || !strcmp(result, "not sent")) &&
	       strcmp(r->verb, "desired") && clock_mono_ns() + S < r->end_ns;
}

static void show_agent(const json_t *agent)
{
	const char *desired = text_of(agent, "desired");
	json_t *pid = json_object_get(agent, "pid");
	char number[24] = "-";

	if (pid)
		snprintf(number, sizeof(number), "%.0f",
			 json_number_value(pid));
	printf("%-20s %-10s %8s %8.0f  %-8s %s%s%s\n", text_of(agent, "agent"),
	       text_of(agent, "state"), number,
	       json_number_value(json_object_get(agent, "restarts")),
	       *desired ? desired : "-", text_of(agent, "differs"),
	       text_of(agent, "problem"), text_of(agent, "failure"));
}

static void show_list(const json_t *o)
{
	const json_t *list = json_object_get(o, "agents");
	const json_t *agent;
	size_t i;

	printf("%-20s %-10s %8s %8s  %-8s\n", "agent", "state", "pid",
	       "restarts", "desired");
	json_array_foreach(list, i, agent) show_agent(agent);
}

/* What has happened, in a sentence. */
static void show_order(const struct agent_request *r, const json_t *o)
{
	const char *error = text_of(o, "error");
	const char *result = text_of(o, "result");
	bool again = json_is_true(json_object_get(o, "again"));

	if (r->in_doubt && !is_nodes_word(result)) {
		result = "unknown";
		error = "the node has not told in time whether it was done; it is not done any more now";
	}
	printf("%s%s%s on %s: %s%s%s%s\n", r->verb, *r->agent ? " " : "",
	       r->agent, r->node, *result ? result : "not done",
	       again ? " (once: this is what the first answer would have been)" :
		       "",
	       *error ? ": " : "", error);
}

static int show(const struct agent_request *r, const struct http_answer *a,
		const json_t *o)
{
	bool good = a->status == 200 ||
		    (a->status == 202 && !strcmp(r->verb, "desired"));

	if (!a->status)
		log_error("%s: %s", r->http.url, a->problem);
	else if (r->json)
		printf("%s\n", a->text ? a->text : "");
	else if (!strcmp(r->verb, "list") && good)
		show_list(o);
	else if (!strcmp(r->verb, "list"))
		log_error("%s", text_of(o, "error"));
	else
		show_order(r, o);
	return good ? 0 : 1;
}

/* One question; false: ask once more. */
static bool ask_once(struct agent_request *r, const char *text, size_t size,
		     int *status)
{
	uint64_t now_ns = clock_mono_ns();
	long wait_s =
		r->end_ns > now_ns + S ? (long)((r->end_ns - now_ns) / S) : 1;
	struct http_answer a;
	char path[1024];
	json_t *o;
	bool over;

	if (wait_s > 60)
		wait_s = 60;
	make_path(r, wait_s, path, sizeof(path));
	agent_http_ask(&r->http, method_of(r), path, size ? text : NULL, size,
		       wait_s + SLACK_S, &a);
	o = a.text ? json_loads(a.text, 0, NULL) : NULL;
	over = !may_change(r, o, &a);
	if (over)
		*status = show(r, &a, o);
	json_decref(o);
	free(a.text);
	return over;
}

int agent_main(int argc, char **argv)
{
	static char text[ORDER_TEXT_MAX + ORDER_SIGNED_ROOM];
	struct agent_request r;
	int status = 1;
	size_t size = 0;

	parse_request(&r, argc, argv);
	log_init("ktach-collector agent", LOG_INFO);
	if (sodium_init() < 0) {
		log_error("libsodium cannot be used here");
		return 1;
	}
	if (strcmp(r.verb, "list")) {
		size = sign(&r, text);
		if (!size)
			return 1;
	}
	if (r.sign_only) {
		fwrite(text, 1, size, stdout);
		return 0;
	}
	r.end_ns = clock_mono_ns() + r.timeout_ns;
	while (!ask_once(&r, text, size, &status))
		usleep(500000);
	return status;
}
