// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/api.h"
#include "collector/assets.h"
#include "collector/json.h"
#include "lib/clock.h"

#define API_NODES "/api/v1/nodes"

static const char document_type[] = "application/json";

static struct node_time now(void)
{
	return (struct node_time){ .real_ns = clock_real_ns(),
				   .mono_ns = clock_mono_ns() };
}

static json_t *error_document(const char *message)
{
	json_t *o = json_object();

	json_object_set_new(o, "error", json_string(message));
	return o;
}

static void reply_text(struct reply *r, unsigned int status, struct text *text)
{
	static const char short_of_memory[] = "{\"error\":\"out of memory\"}";

	r->status = text ? status : 503;
	r->type = document_type;
	r->owner = text;
	r->data = text ? text->data : short_of_memory;
	r->size = text ? text->size : sizeof(short_of_memory) - 1;
}

void api_refuse(struct reply *r, unsigned int status, const char *message)
{
	reply_text(r, status, text_from_json(error_document(message)));
}

struct text *api_nodes(const struct api *api)
{
	struct store_stats stats = { 0 };
	struct node_time time = now();

	if (api->store)
		store_stats(api->store, &stats);
	return text_from_json(json_nodes(api->ingest, &stats, &time));
}

/* Which ids a name stands for. */
static json_t *ambiguous(const struct nodes *nodes, const char *name)
{
	json_t *o = error_document(
		"several nodes have this name; ask for one of the ids");
	json_t *ids = json_array();
	size_t i;

	for (i = 0; i < nodes->count; i++)
		if (!strcmp(nodes->list[i]->name, name))
			json_array_append_new(
				ids, json_string(nodes->list[i]->id_text));
	json_object_set_new(o, "ids", ids);
	return o;
}

struct text *api_node(const struct api *api, const char *name,
		      unsigned int *status)
{
	const struct nodes *nodes = api->ingest->nodes;
	struct node_time time = now();
	struct node *node;
	size_t matches;

	node = nodes_find(nodes, name, &matches);
	if (!matches) {
		*status = 404;
		return text_from_json(error_document(
			"no node of this name or id has sent anything; /api/v1/nodes lists those that have"));
	}
	if (matches > 1) {
		*status = 409;
		return text_from_json(ambiguous(nodes, name));
	}
	*status = 200;
	return text_from_json(json_node(node, &time));
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

void api_get(const struct api *api, const char *path, struct reply *r)
{
	size_t n = strlen(API_NODES);
	unsigned int status;
	struct text *text;

	if (!strcmp(path, API_NODES) || !strcmp(path, API_NODES "/")) {
		reply_text(r, 200, api_nodes(api));
	} else if (!strncmp(path, API_NODES "/", n + 1)) {
		text = api_node(api, path + n + 1, &status);
		reply_text(r, status, text);
	} else if (!strcmp(path, "/api/v1/live")) {
		api_refuse(
			r, 400,
			"a WebSocket of the protocol ktach-live is served here");
	} else if (!get_asset(path, r)) {
		api_refuse(r, 404, "nothing is here; try / or /api/v1/nodes");
	}
}
