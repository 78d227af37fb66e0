// SPDX-License-Identifier: GPL-2.0-or-later
/* The latest of all nodes in one answer, or what of it is new. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/api/json.h"
#include "collector/figures/figure.h"
#include "collector/nodes/labels.h"
#include "lib/base/globs.h"

enum snapshot_limits {
	SNAPSHOT_BYTES_MAX = 64 << 20,
	SNAPSHOT_CURSOR_SIZE = 64,
};

/**
 * struct snapshot - what is asked for
 * @nodes: names, ids and globs; "": all
 * @labels: NAME=GLOB, that nodes have
 * @fields: names of parts
 * @metrics: names and globs of figures
 * @since: a cursor; "": none
 * @parts: those of @fields
 * @figures: those of @metrics, @figure_count of them
 * @serial: nodes that changed after it only
 */
struct snapshot {
	char nodes[PARAMETERS_SIZE];
	char labels[PARAMETERS_SIZE];
	char fields[PARAMETERS_SIZE];
	char metrics[PARAMETERS_SIZE];
	char since[PARAMETER_TEXT_SIZE];
	uint64_t parts;
	const struct figure *figures[BOOK_ENTRIES];
	size_t figure_count;
	uint64_t serial;
};

bool api_take_fields(char *names, uint64_t *parts, struct reply *r)
{
	char *name;

	while ((name = strsep(&names, ","))) {
		uint64_t part = strcmp(name, "all") ? json_part(name) :
						      JSON_ALL_PARTS;

		if (*name && !part)
			return reply_refuse_value(
				r, "fields", name,
				"members of a node are expected, such as cpu, memory or disk, or all");
		*parts |= part;
	}
	return true;
}

static bool take_metric(struct snapshot *s, const char *glob, struct reply *r)
{
	const struct figure *one = figure_find(glob);
	size_t i, n = figure_count(), j;
	bool any = false;

	for (i = 0; i < n; i++) {
		const struct figure *f = figure_at(i);

		if (f != one && !names_match(glob, figure_name(f)))
			continue;
		any = true;
		for (j = 0; j < s->figure_count && s->figures[j] != f; j++)
			;
		if (j == s->figure_count)
			s->figures[s->figure_count++] = f;
	}
	return any ||
	       reply_refuse_value(
		       r, "metric", glob,
		       "there is no such live metric; /api/v1/metrics lists all");
}

static bool take_metrics(struct snapshot *s, struct reply *r)
{
	char *at = s->metrics, *glob;

	while ((glob = strsep(&at, ",")))
		if (*glob && !take_metric(s, glob, r))
			return false;
	return true;
}

bool api_labels_fit(const char *labels, struct reply *r)
{
	return labels_are_wishes(labels) ||
	       reply_refuse_value(
		       r, "label", labels,
		       "NAME=VALUE is expected, or NAME=GLOB, at most 16 of them");
}

static void write_cursor(const struct api *api, uint64_t serial,
			 uint64_t forgotten, char text[SNAPSHOT_CURSOR_SIZE])
{
	snprintf(text, SNAPSHOT_CURSOR_SIZE, "%" PRIx64 "-%" PRIx64 "-%" PRIx64,
		 api->started.real_ns, serial, forgotten);
}

/* One of another run, or from before nodes were forgotten, is good for everything. */
static bool take_since(struct snapshot *s, const struct api *api,
		       struct reply *r)
{
	char again[SNAPSHOT_CURSOR_SIZE];
	uint64_t started, serial, forgotten;

	if (!*s->since)
		return true;
	if (sscanf(s->since, "%" SCNx64 "-%" SCNx64 "-%" SCNx64, &started,
		   &serial, &forgotten) != 3)
		return reply_refuse_value(r, "since", s->since,
					  "'cursor' of an answer is expected");
	write_cursor(api, serial, api->visit->forgotten, again);
	if (!strcmp(again, s->since) && serial <= api->visit->serial)
		s->serial = serial;
	return true;
}

static void write_figures(struct document *w, const struct snapshot *s,
			  const struct node *node)
{
	size_t i;

	json_key(w, "metrics");
	json_open(w, '{');
	for (i = 0; i < s->figure_count; i++) {
		double value = figure_of_node(s->figures[i], node);

		if (!isnan(value))
			json_key_number(w, figure_name(s->figures[i]), value);
	}
	json_close(w, '}');
}

static void write_node(struct document *w, const struct snapshot *s,
		       const struct node *node, const struct node_time *now)
{
	json_open(w, '{');
	json_summary_members(w, node, now);
	if (s->figure_count)
		write_figures(w, s, node);
	json_parts(w, node, now, s->parts);
	json_close(w, '}');
}

static bool is_asked(const struct snapshot *s, const struct node *node)
{
	if ((s->serial && node->serial <= s->serial) ||
	    !labels_match(&node->facts, s->labels))
		return false;
	return !*s->nodes || names_match(s->nodes, node->name) ||
	       names_match(s->nodes, node->id_text);
}

static size_t size_of(const struct document *w)
{
	return w->text ? w->text->size : 0;
}

static void write_nodes(struct document *w, const struct snapshot *s,
			struct visit *v, const struct node_time *now)
{
	const struct node *node;

	json_key(w, "nodes");
	json_open(w, '[');
	for (node = visit_first(v); node && size_of(w) <= SNAPSHOT_BYTES_MAX;
	     node = visit_next(v))
		if (is_asked(s, node))
			write_node(w, s, node, now);
	visit_leave(v);
	json_close(w, ']');
}

static void answer(const struct api *api, const struct snapshot *s,
		   struct reply *r)
{
	char cursor[SNAPSHOT_CURSOR_SIZE];
	struct node_time now = api_now();
	struct document w = { 0 };

	write_cursor(api, api->visit->serial, api->visit->forgotten, cursor);
	json_open(&w, '{');
	json_key_count(&w, "now_ns", now.real_ns);
	json_key_text(&w, "version", KTACH_VERSION);
	json_key_text(&w, "cursor", cursor);
	json_key_bool(&w, "whole", !s->serial);
	write_nodes(&w, s, api->visit, &now);
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
	if (r->size <= SNAPSHOT_BYTES_MAX)
		return;
	reply_release(r);
	reply_refuse(
		r, 400,
		"fields: the answer is larger than 64 MiB; fewer fields or nodes are expected");
}

void api_get_snapshot(const struct api *api, const struct request *request,
		      struct reply *r)
{
	struct snapshot *s = calloc(1, sizeof(*s)); /* large for a stack */
	const struct parameter specs[] = {
		{ "node", PARAMETER_TEXTS, s ? s->nodes : NULL },
		{ "label", PARAMETER_TEXTS, s ? s->labels : NULL },
		{ "fields", PARAMETER_TEXTS, s ? s->fields : NULL },
		{ "metric", PARAMETER_TEXTS, s ? s->metrics : NULL },
		{ "since", PARAMETER_TEXT, s ? s->since : NULL },
		{ 0 }
	};

	if (!s)
		reply_json(r, 503, NULL);
	else if (api_parse(specs, request, r) &&
		 api_take_fields(s->fields, &s->parts, r) &&
		 api_labels_fit(s->labels, r) && take_metrics(s, r) &&
		 take_since(s, api, r))
		answer(api, s, r);
	free(s);
}
