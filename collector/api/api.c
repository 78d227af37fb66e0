// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/api/assets.h"
#include "collector/api/json.h"
#include "collector/login/login.h"
#include "collector/api/openmetrics.h"
#include "lib/base/clock.h"
#include "lib/base/globs.h"

static const struct parameter no_parameters[] = { { 0 } };

struct node_time api_now(void)
{
	return (struct node_time){ .real_ns = clock_real_ns(),
				   .mono_ns = clock_mono_ns() };
}

bool api_parse(const struct parameter *specs, const struct request *request,
	       struct reply *r)
{
	char problem[PARAMETER_PROBLEM_SIZE];
	uint64_t now_ns = clock_real_ns();
	int err;

	if (request->body && *request->query) {
		reply_refuse(r, 400,
			     "parameters are expected in the body alone");
		return false;
	}
	err = request->body ?
		      parameter_parse_json(specs, request->body,
					   request->body_size, now_ns,
					   problem) :
		      parameter_parse(specs, request->query, now_ns, problem);
	if (err)
		reply_refuse(r, 400, problem);
	return !err;
}

/* Which ids a name stands for. */
static void refuse_ambiguous(struct reply *r, struct visit *v, const char *name)
{
	struct document w = { 0 };
	const struct node *node;

	json_open(&w, '{');
	json_key_text(&w, "error",
		      "several nodes have this name; ask for one of the ids");
	json_key(&w, "ids");
	json_open(&w, '[');
	for (node = visit_first(v); node; node = visit_next(v))
		if (!strcmp(node->name, name))
			json_text(&w, node->id_text);
	json_close(&w, ']');
	json_close(&w, '}');
	reply_json(r, 409, document_done(&w));
}

const struct node *api_find(const struct api *api, const char *name,
			    struct reply *r)
{
	size_t matches;
	const struct node *node = visit_find(api->visit, name, &matches);

	if (matches == 1)
		return node;
	if (matches)
		refuse_ambiguous(r, api->visit, name);
	else
		reply_refuse(
			r, 404,
			"no node of this name or id is known; /api/v1/nodes lists all");
	return NULL;
}

static void get_nodes(const struct api *api, const struct request *request,
		      struct reply *r)
{
	struct store_stats stats = { 0 };
	struct node_time time = api_now();
	struct ingest_counts counts;
	struct document w = { 0 };

	if (!api_parse(no_parameters, request, r))
		return;
	if (api->store)
		store_stats(api->store, &stats);
	ingest_sum(api->ingest, &counts);
	json_nodes(&w, api->visit, &counts, &stats, &time);
	reply_json(r, 200, document_done(&w));
}

static void get_node(const struct api *api, const struct request *request,
		     struct reply *r)
{
	const char *name = strrchr(request->path, '/') + 1;
	struct node_time time = api_now();
	char fields[PARAMETERS_SIZE] = "";
	const struct parameter specs[] = {
		{ "fields", PARAMETER_TEXTS, fields }, { 0 }
	};
	const struct node *node;
	struct document w = { 0 };
	uint64_t parts = 0;

	if (!api_parse(specs, request, r) ||
	    !api_take_fields(fields, &parts, r))
		return;
	node = api_find(api, name, r);
	if (!node)
		return;
	json_node(&w, node, &time, parts ? parts : JSON_ALL_PARTS);
	visit_leave(api->visit);
	reply_json(r, 200, document_done(&w));
}

static void get_live(const struct api *api, const struct request *request,
		     struct reply *r)
{
	reply_refuse(r, 400,
		     "a WebSocket of the protocol ktach-live is served here");
}

/* docs/openapi.yaml */
extern const char api_description[], api_description_end[];

static void get_description(const struct api *api,
			    const struct request *request, struct reply *r)
{
	if (!api_parse(no_parameters, request, r))
		return;
	*r = (struct reply){ .status = 200,
			     .type = "application/yaml",
			     .data = api_description,
			     .size = (size_t)(api_description_end -
					      api_description) };
}

static void get_session(const struct api *api, const struct request *request,
			struct reply *r)
{
	const struct login_claims *claims = request->claims;
	struct document w = { 0 };

	if (!api_parse(no_parameters, request, r))
		return;
	json_open(&w, '{');
	json_key_bool(&w, "login", claims != NULL);
	if (claims) {
		json_key_text(&w, "name", claims->name);
		json_key_text(&w, "role", login_roles[claims->role]);
		json_key_count(&w, "expires_s", claims->expires_s);
	}
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

/* Only nodes of these names or ids. */
static void visit_choose(struct visit *v, const char *names)
{
	const struct node *node;
	size_t kept = 0;

	for (node = visit_first(v); node; node = visit_next(v))
		if (names_match(names, node->name) ||
		    names_match(names, node->id_text))
			v->list[kept++] = (struct node *)node;
	v->count = kept;
}

static void get_openmetrics(const struct api *api,
			    const struct request *request, struct reply *r)
{
	struct store_stats stats = { 0 };
	struct node_time time = api_now();
	struct ingest_counts counts;
	struct document w = { 0 };
	struct openmetrics_wish wish = api->metrics;
	uint64_t process = wish.process, interrupt = wish.interrupt;
	char nodes[PARAMETER_TEXT_SIZE] = "", names[PARAMETERS_SIZE] = "";
	const struct parameter specs[] = {
		{ "process", PARAMETER_NUMBER, &process, 0, 1 },
		{ "interrupt", PARAMETER_NUMBER, &interrupt, 0, 1 },
		{ "node", PARAMETER_TEXT, nodes },
		{ "name[]", PARAMETER_TEXTS, names },
		{ 0 }
	};

	if (!api_parse(specs, request, r))
		return;
	wish.openmetrics = request->openmetrics;
	wish.process = process;
	wish.interrupt = interrupt;
	wish.names = names;
	wish.nodes_only = *nodes;
	if (*nodes)
		visit_choose(api->visit, nodes);
	if (!api->visit->count && *nodes) {
		reply_refuse(
			r, 404,
			"no node has such a name or id; /sd and /api/v1/nodes list all");
		return;
	}
	if (api->store)
		store_stats(api->store, &stats);
	ingest_sum(api->ingest, &counts);
	openmetrics_write(&w, api->visit, &counts, &stats, api->judge,
			  api->warden, api->outlets, &time, &wish);
	reply_text(r, openmetrics_type(request->openmetrics),
		   document_done(&w));
}

/* The address that was asked, once a node, with the label by which the answer is
 * that node's alone.
 */
static void get_targets(const struct api *api, const struct request *request,
			struct reply *r)
{
	const struct node *node;
	struct document w = { 0 };

	if (!api_parse(no_parameters, request, r))
		return;
	if (!*request->host) {
		reply_refuse(r, 400,
			     "a Host header is expected: targets are at it");
		return;
	}
	json_open(&w, '[');
	for (node = visit_first(api->visit); node;
	     node = visit_next(api->visit)) {
		json_open(&w, '{');
		json_key(&w, "targets");
		json_open(&w, '[');
		json_text(&w, request->host);
		json_close(&w, ']');
		json_key(&w, "labels");
		json_open(&w, '{');
		json_key_text(&w, "__scheme__",
			      request->tls ? "https" : "http");
		json_key_text(&w, "__metrics_path__", "/metrics");
		json_key_text(&w, "__param_node", node->id_text);
		json_key_text(&w, "instance", node->name);
		json_key_text(&w, "node_id", node->id_text);
		json_close(&w, '}');
		json_close(&w, '}');
	}
	json_close(&w, ']');
	reply_json(r, 200, document_done(&w));
}

/* @deep: a name may have slashes. @live: the answer is of what nodes sent last, and changes with it. @takes_long:
 * more than a few 10 ms, of a large fleet.
 */
struct route {
	const char *path; /* one that ends with a slash takes a name */
	void (*get)(const struct api *api, const struct request *request,
		    struct reply *reply);
	bool live;
	bool takes_long;
	bool deep;
};

static const struct route routes[] = {
	{ "/api/v1/nodes", get_nodes, true, true },
	{ "/api/v1/nodes/", get_node, true },
	{ "/api/v1/snapshot", api_get_snapshot, true, true },
	{ "/api/v1/cluster", api_get_cluster, true, true },
	{ "/api/v1/topk", api_get_topk, true, true },
	{ "/api/v1/losses", api_get_losses, true, true },
	{ "/api/v1/losses/", api_get_node_losses, false, true },
	{ "/api/v1/alerts", api_get_alerts, true },
	{ "/api/v1/incidents", api_get_incidents, false, true },
	{ "/api/v1/incidents/", api_get_incident, false, true, true },
	{ "/api/v1/rules", api_get_rules, false },
	{ "/api/v1/metrics", api_get_metrics, false },
	{ "/api/v1/history", api_get_history, false, true },
	{ "/api/v1/query", api_get_query, false, true },
	{ "/api/v1/prometheus/read", api_get_remote, false, true },
	{ "/api/v1/health", api_get_health, false },
	{ "/api/v1/version", api_get_version, false },
	{ "/api/v1/session", get_session, false },
	{ "/api/v1/live", get_live, false },
	{ "/api/v1/openapi.yaml", get_description, false },
	{ "/metrics", get_openmetrics, true, true },
	{ "/sd", get_targets, true },
	{ 0 }
};

static const struct route *find_route(const char *path)
{
	const struct route *route;

	for (route = routes; route->path; route++) {
		size_t n = strlen(route->path);

		if (!strcmp(path, route->path))
			return route;
		if (route->path[n - 1] == '/' &&
		    !strncmp(path, route->path, n) &&
		    (route->deep || !strchr(path + n, '/')))
			return route;
	}
	return NULL;
}

/* Weak: the same news, but for the clock and ages in it. */
static void tag_live(const struct api *api, struct reply *r)
{
	struct ingest_counts counts;

	ingest_sum(api->ingest, &counts);
	snprintf(r->tag, sizeof(r->tag),
		 "W/\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"",
		 api->started.real_ns, api->visit->serial, counts.frames);
}

static bool get_asset(const char *path, struct reply *r)
{
	const struct asset *a;

	if (!strcmp(path, "/"))
		path = "/index.html";
	for (a = assets; a->path; a++) {
		if (strcmp(a->path, path))
			continue;
		*r = (struct reply){ .status = 200,
				     .type = a->type,
				     .data = a->data,
				     .size = (size_t)(a->end - a->data) };
		return true;
	}
	return false;
}

bool api_takes_long(const char *path)
{
	const struct route *route = find_route(path);

	return route && route->takes_long;
}

static void get_route(const struct api *api, const struct route *route,
		      const struct request *request, struct reply *r)
{
	struct api here = *api;
	struct visit visit;

	if (visit_begin(&visit, api->ingest->feed->nodes)) {
		reply_json(r, 503, NULL);
		return;
	}
	here.visit = &visit;
	if (route->live)
		tag_live(&here, r);
	route->get(&here, request, r);
	visit_end(&visit);
}

void api_get(const struct api *api, const struct request *request,
	     struct reply *r)
{
	const struct route *route = find_route(request->path);

	if (route && route->path[strlen(route->path) - 1] == '/' &&
	    !strcmp(route->path, request->path))
		route--; /* the list itself */
	if (route)
		get_route(api, route, request, r);
	else if (!get_asset(request->path, r))
		reply_refuse(r, 404, "nothing is here; try / or /api/v1/nodes");
	reply_finish(r, request);
}
