// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collector/agents/audit.h"
#include "collector/agents/wishes.h"
#include "collector/api/agents_answer.h"
#include "collector/api/api_agents.h"
#include "collector/login/login.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/node_id.h"
#include "lib/order/order.h"

#define S UINT64_C(1000000000)
#define NODES "/api/v1/nodes/"

/* Where a path leads. */
struct place {
	char node[NODE_NAME_SIZE];
	char agent[ORDER_AGENT_SIZE];
	char verb[ORDER_VERB_SIZE];
};

/**
 * struct asked - one under way
 * @request: of the relay
 * @text: of it
 * @about: what the answer is to say
 * @who: asks
 * @what: for the record; "" where nothing is to change
 * @audit: that is
 * @done: gets the answer
 * @owner: handed to it
 */
struct asked {
	struct relay_request request;
	char *text;
	struct agents_about about;
	char who[LOGIN_NAME_SIZE];
	char why[PARAMETER_TEXT_SIZE]; /* of a freeze */
	char what[ORDER_AGENT_SIZE + ORDER_VERB_SIZE + 32];
	struct audit *audit;
	void (*done)(void *owner, struct reply *reply);
	void *owner;
};

static bool take_part(const char **path, char *part, size_t room)
{
	size_t size = strcspn(*path, "/");

	if (!size || size >= room)
		return false;
	memcpy(part, *path, size);
	part[size] = '\0';
	*path += size + ((*path)[size] == '/');
	return true;
}

static enum agents_kind find_place(struct place *p, const char *verb,
				   const char *path)
{
	if (strncmp(path, NODES, strlen(NODES)))
		return AGENTS_NONE;
	path += strlen(NODES);
	if (!take_part(&path, p->node, sizeof(p->node)))
		return AGENTS_NONE;
	if (!strcmp(path, "agents"))
		return strcmp(verb, "GET") ? AGENTS_NONE : AGENTS_LIST;
	if (!strcmp(path, "desired"))
		return strcmp(verb, "PUT") ? AGENTS_NONE : AGENTS_DESIRED;
	if (!strcmp(path, "freeze"))
		return strcmp(verb, "POST") ? AGENTS_NONE : AGENTS_FREEZE;
	if (strncmp(path, "agents/", 7) || strcmp(verb, "POST"))
		return AGENTS_NONE;
	path += 7;
	return take_part(&path, p->agent, sizeof(p->agent)) &&
			       take_part(&path, p->verb, sizeof(p->verb)) &&
			       !*path ?
		       AGENTS_ORDER :
		       AGENTS_NONE;
}

enum agents_kind agents_kind(const char *verb, const char *path)
{
	struct place place;

	return find_place(&place, verb, path);
}

static void free_asked(struct asked *a)
{
	relay_release(&a->request);
	free(a->text);
	free(a);
}

static void answered(struct relay_request *r)
{
	struct asked *a = container_of(r, struct asked, request);
	struct reply reply = { 0 };
	char result[AGENTS_RESULT_SIZE];

	agents_answer(&a->about, r, &reply, result);
	if (a->what[0])
		audit_write(a->audit,
			    &(struct audit_entry){ a->who, a->about.node,
						   a->what, result });
	a->done(a->owner, &reply);
	free_asked(a);
}

/* As its operator has named it: by this node's name, or its id. */
static bool is_named(const char *named, const struct asked *a)
{
	uint8_t id[WIRE_ID_SIZE];

	return !strcasecmp(named, a->about.node) ||
	       (!node_id_parse(named, id) &&
		!memcmp(id, a->request.node, sizeof(id)));
}

static bool judge_node(const struct asked *a, struct reply *r)
{
	if (a->about.takes)
		return true;
	if (a->about.away)
		reply_refuse(
			r, 503,
			"the node is away: nothing was done, and nothing will be");
	else if (a->about.kind == AGENTS_FREEZE)
		reply_refuse(
			r, 409,
			"the node has no flight recorder that can be asked: its 'flight-memory' is 0, its shipper is older, uses UDP, or does not seal its frames");
	else
		reply_refuse(
			r, 409,
			"the node takes no requests: ktach-agentd does not run there or its 'remote' is none, its shipper is older, uses UDP, or does not seal its frames");
	return false;
}

/* What the order says has to be what the address says. */
static bool judge_order(const struct asked *a, const char *body, size_t size,
			struct reply *r)
{
	struct order o;

	if (order_parse(&o, body, size)) {
		reply_refuse(
			r, 400,
			"expected an order that is signed: 'ktach-collector agent' makes one");
		return false;
	}
	if (is_named(o.node, a) && !strcmp(o.agent, a->about.agent) &&
	    !strcmp(o.verb, a->about.verb))
		return true;
	reply_refuse(
		r, 400,
		"the order is signed for another node, agent or verb than the address has");
	return false;
}

static bool refuse_kept(int err, uint64_t revision, struct reply *r)
{
	char why[160];

	if (err == -EEXIST)
		snprintf(why, sizeof(why),
			 "revision %" PRIu64
			 " is kept already, and revisions only rise",
			 revision);
	else
		snprintf(why, sizeof(why), "it cannot be kept: %s",
			 strerror(-err));
	reply_refuse(r, err == -EEXIST ? 409 : 500, why);
	return false;
}

/* Kept whatever the node does. */
static bool keep_desired(struct asked *a, struct wishes *wishes,
			 const char *body, size_t size, struct reply *r)
{
	uint64_t revision;
	struct desired d;
	int err;

	if (desired_parse(&d, body, size) || !is_named(d.node, a)) {
		reply_refuse(
			r, 400,
			"expected a desired state that is signed, for this node: 'ktach-collector agent desired' makes one");
		return false;
	}
	revision = d.revision;
	a->about.revision = d.revision;
	snprintf(a->what, sizeof(a->what), "desired state %" PRIu64,
		 d.revision);
	err = wishes_put(wishes, a->request.node, body, size, &revision);
	return !err || refuse_kept(err, revision, r);
}

/* Whether it may be asked; what the node is to judge, it judges. */
static bool judge(struct asked *a, struct wishes *wishes, const char *body,
		  size_t size, struct reply *r)
{
	if (a->about.kind == AGENTS_DESIRED)
		return keep_desired(a, wishes, body, size, r);
	if (a->about.kind == AGENTS_ORDER) {
		snprintf(a->what, sizeof(a->what), "%s %s", a->about.verb,
			 a->about.agent);
		if (!judge_order(a, body, size, r))
			return false;
	}
	return judge_node(a, r);
}

static bool compose(struct asked *a, const char *body, size_t size,
		    struct reply *r)
{
	static const char *const verbs[] = {
		[AGENTS_LIST] = "list",
		[AGENTS_ORDER] = "order",
		[AGENTS_DESIRED] = "desired",
	};

	if (a->about.kind == AGENTS_FREEZE)
		a->text = wishes_request("freeze", a->who, a->why,
					 strlen(a->why), &a->request.size);
	else
		a->text = wishes_request(verbs[a->about.kind], a->who, body,
					 size, &a->request.size);
	a->request.text = a->text;
	if (!a->text)
		reply_json(r, 503, NULL);
	return a->text;
}

static bool find_node(const struct api *api, struct asked *a, const char *name,
		      struct reply *r)
{
	struct api here = *api;
	const struct node *node;
	struct visit visit;

	if (visit_begin(&visit, api->ingest->feed->nodes)) {
		reply_json(r, 503, NULL);
		return false;
	}
	here.visit = &visit;
	node = api_find(&here, name, r);
	if (node) {
		memcpy(a->request.node, node->id, sizeof(a->request.node));
		strcpy(a->about.node, node->name);
		strcpy(a->about.id, node->id_text);
		a->about.takes = wishes_serves(node, a->request.service);
		a->about.away = wishes_is_away(node);
	}
	visit_end(&visit);
	return node;
}

/* A desired state is answered also where its node cannot be asked. */
static bool send_asked(struct relay *relay, struct asked *a, struct reply *r)
{
	if (a->about.kind == AGENTS_DESIRED && !a->about.takes) {
		a->request.fate = RELAY_NOT_SENT;
		answered(&a->request);
		return true;
	}
	if (relay_ask(relay, &a->request))
		return true;
	reply_refuse(
		r, 503,
		"too many questions to nodes, or to this one, are under way");
	r->retry_s = 1;
	return false;
}

static struct asked *make_asked(const struct request *request,
				enum agents_kind kind, const struct place *p)
{
	struct asked *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->about.kind = kind;
	a->request.service = kind == AGENTS_FREEZE ? WIRE_SERVICE_FLIGHT :
						     WIRE_SERVICE_AGENTS;
	strcpy(a->about.agent, p->agent);
	strcpy(a->about.verb, p->verb);
	strcpy(a->who, request->claims ? request->claims->name : "-");
	a->request.done = answered;
	return a;
}

static const char *const methods[] = { "", "GET", "POST", "PUT", "POST" };

bool agents_ask(const struct api *api, const struct request *request,
		enum agents_kind kind,
		void (*done)(void *owner, struct reply *reply), void *owner,
		struct reply *refused)
{
	uint64_t timeout_ns = 10 * S;
	const struct parameter specs[] = {
		{ "timeout", PARAMETER_DURATION, &timeout_ns, S, 90 * S }, { 0 }
	};
	const char *body = request->body ? request->body : "";
	size_t size = request->body ? request->body_size : 0;
	struct request bare = *request;
	char why[PARAMETER_TEXT_SIZE] = "";
	struct place place = { 0 };
	struct asked *a;

	const struct parameter freeze[] = { { "timeout", PARAMETER_DURATION,
					      &timeout_ns, S, 90 * S },
					    { "text", PARAMETER_TEXT, why },
					    { 0 } };

	/* Its body is what somebody has signed: it has no parameters. */
	bare.body = NULL;
	if (!api_parse(kind == AGENTS_FREEZE ? freeze : specs, &bare, refused))
		return false;
	if (!api->relay || (kind != AGENTS_LIST && kind != AGENTS_FREEZE &&
			    !request->claims)) {
		reply_refuse(
			refused, 403,
			"orders need a token of the role 'operate': this collector asks for none; start it with --login");
		return false;
	}
	find_place(&place, methods[kind], request->path);
	a = make_asked(request, kind, &place);
	if (!a) {
		reply_json(refused, 503, NULL);
		return false;
	}
	strcpy(a->why, why);
	if (kind == AGENTS_FREEZE)
		snprintf(a->what, sizeof(a->what), "freeze");
	a->request.until_ns = clock_mono_ns() + timeout_ns;
	a->audit = api->audit;
	a->done = done;
	a->owner = owner;
	if (find_node(api, a, place.node, refused) &&
	    judge(a, api->wishes, body, size, refused) &&
	    compose(a, body, size, refused) &&
	    send_asked(api->relay, a, refused))
		return true;
	if (a->what[0])
		audit_write(a->audit,
			    &(struct audit_entry){ a->who, a->about.node,
						   a->what, "not sent" });
	free_asked(a);
	return false;
}
