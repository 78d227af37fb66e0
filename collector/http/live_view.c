// SPDX-License-Identifier: GPL-2.0-or-later
/* What a client of the WebSocket wants to see, and what of it is new. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "collector/figures/figure.h"
#include "collector/api/json.h"
#include "collector/http/live.h"
#include "lib/base/globs.h"

static const char expected[] =
	"expected {\"subscribe\": {\"nodes\": GLOB or [GLOB, ...], \"metrics\": [PREFIX, ...], \"detail\": NAME}}, globs of 256 bytes in all";

/* A longer one is not sent at all (RFC 6455, 5.5). */
_Static_assert(sizeof(expected) - 1 <= 123,
	       "it is the reason of a close frame");

static bool in_view(const struct live_view *view, const struct node *node)
{
	const char *name;

	if (view->all)
		return true;
	for (name = view->nodes; *name; name += strlen(name) + 1)
		if (!strcmp(name, node->name) || !strcmp(name, node->id_text) ||
		    (strchr(name, '*') && (names_match(name, node->name) ||
					   names_match(name, node->id_text))))
			return true;
	return false;
}

static bool wanted(const struct live_view *view, size_t figure)
{
	return view->figures[figure / 64] >> figure % 64 & 1;
}

static void write_figures(struct document *w, const struct live_view *view,
			  const struct node *node)
{
	size_t i, n = figure_count();

	json_key(w, "metrics");
	json_open(w, '{');
	for (i = 0; i < n; i++) {
		double value;

		if (!wanted(view, i))
			continue;
		value = figure_of_node(figure_at(i), node);
		if (!isnan(value))
			json_key_number(w, figure_name(figure_at(i)), value);
	}
	json_close(w, '}');
}

struct text *live_changes(const struct api *api, const struct live_view *view,
			  uint64_t since, bool whole)
{
	struct visit *v = api->visit;
	struct node_time now = api_now();
	struct document w = { 0 };
	const struct node *node;
	size_t n = 0;

	json_open(&w, '{');
	json_key_text(&w, "type", "nodes");
	json_key_bool(&w, "whole", whole);
	json_key_count(&w, "now_ns", now.real_ns);
	json_key(&w, "nodes");
	json_open(&w, '[');
	for (node = visit_first(v); node; node = visit_next(v)) {
		if ((!whole && node->serial <= since) || !in_view(view, node))
			continue;
		n++;
		json_open(&w, '{');
		json_summary_members(&w, node, &now);
		write_figures(&w, view, node);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	if (n || whole)
		return document_done(&w);
	text_put(document_done(&w));
	return NULL;
}

struct text *live_detail(const struct api *api, const struct live_view *view,
			 uint64_t since)
{
	struct node_time now = api_now();
	const struct node *node;
	struct reply reply = { 0 };
	struct document w = { 0 };

	if (!*view->detail)
		return NULL;
	node = api_find(api, view->detail, &reply);
	if (node && node->serial <= since) {
		visit_leave(api->visit);
		return NULL;
	}
	json_open(&w, '{');
	json_key_text(&w, "type", "node");
	json_key(&w, "data");
	if (node)
		json_node(&w, node, &now, JSON_ALL_PARTS);
	else
		json_raw(&w, reply.owner);
	json_close(&w, '}');
	visit_leave(api->visit);
	reply_release(&reply);
	return document_done(&w);
}

/* Or one that was called so before. */
static void want_prefix(struct live_view *view, const char *prefix)
{
	const struct figure *one = figure_find(prefix);
	size_t i, n = figure_count();

	for (i = 0; i < n; i++)
		if (figure_at(i) == one ||
		    !strncmp(figure_name(figure_at(i)), prefix, strlen(prefix)))
			view->figures[i / 64] |= UINT64_C(1) << i % 64;
}

/* A message is no longer than the room for its names. Globs are tried on all nodes, by
 * the thread that has all connections: they have to be short.
 */
static bool add_name(struct live_view *view, json_t *name, char **at,
		     size_t *globs)
{
	const char *text = json_string_value(name);

	if (!text)
		return false;
	if (!strcmp(text, "*"))
		view->all = true;
	else if (strchr(text, '*'))
		*globs += strlen(text);
	if (*text)
		*at = stpcpy(*at, text) + 1;
	return *globs <= LIVE_GLOBS_MAX;
}

static bool parse_nodes(struct live_view *view, json_t *nodes)
{
	char *at = view->nodes;
	size_t globs = 0, i;
	json_t *name;

	if (!nodes)
		return true;
	if (json_is_string(nodes))
		return strchr(json_string_value(nodes), '*') &&
		       add_name(view, nodes, &at, &globs);
	if (!json_is_array(nodes))
		return false;
	json_array_foreach(nodes, i, name)
	{
		if (!add_name(view, name, &at, &globs))
			return false;
	}
	return true;
}

/* What is misspelt would be silently nothing. */
static bool has_others(json_t *o, const char *const *names)
{
	const char *name;
	json_t *value;
	int i;

	json_object_foreach(o, name, value)
	{
		for (i = 0; names[i] && strcmp(names[i], name); i++)
			;
		if (!names[i])
			return true;
	}
	return false;
}

static bool parse_metrics(struct live_view *view, json_t *metrics)
{
	json_t *prefix;
	size_t i;

	if (!metrics)
		return true;
	if (!json_is_array(metrics))
		return false;
	json_array_foreach(metrics, i, prefix)
	{
		if (!json_is_string(prefix))
			return false;
		want_prefix(view, json_string_value(prefix));
	}
	return true;
}

static bool parse_detail(struct live_view *view, json_t *detail)
{
	if (!detail || json_is_null(detail))
		return true;
	if (!json_is_string(detail) ||
	    json_string_length(detail) >= sizeof(view->detail))
		return false;
	strcpy(view->detail, json_string_value(detail));
	return true;
}

const char *live_view_parse(struct live_view *view, const char *message,
			    size_t size)
{
	static const char *const outer[] = { "subscribe", NULL };
	static const char *const inner[] = { "nodes", "metrics", "detail",
					     NULL };
	json_t *o = json_loadb(message, size, JSON_REJECT_DUPLICATES, NULL);
	json_t *subscribe = json_object_get(o, "subscribe");
	bool good;

	memset(view, 0, sizeof(*view));
	good = json_is_object(subscribe) && !has_others(o, outer) &&
	       !has_others(subscribe, inner) &&
	       parse_nodes(view, json_object_get(subscribe, "nodes")) &&
	       parse_metrics(view, json_object_get(subscribe, "metrics")) &&
	       parse_detail(view, json_object_get(subscribe, "detail"));
	json_decref(o);
	return good ? NULL : expected;
}
