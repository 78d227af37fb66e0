// SPDX-License-Identifier: GPL-2.0-or-later
/* What nodes' flight recorders froze. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/api/incident_write.h"
#include "collector/api/json.h"
#include "collector/incidents/incidents.h"

enum {
	LIST_MAX = 1000,
};

/* Which are asked for. */
struct wanted {
	struct document *w;
	const uint8_t *node; /* NULL: all */
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t left;
};

static bool tell_entry(void *context, const struct incidents_entry *e)
{
	struct wanted *wanted = context;

	if ((wanted->node && memcmp(wanted->node, e->node, WIRE_ID_SIZE)) ||
	    e->head.real_ns < wanted->from_ns ||
	    e->head.real_ns >= wanted->to_ns)
		return true;
	if (!wanted->left)
		return false;
	wanted->left--;
	json_open(wanted->w, '{');
	incident_write_entry(wanted->w, e);
	json_close(wanted->w, '}');
	return true;
}

static void write_counts(struct document *w, struct incidents *in)
{
	struct incidents_counts c;

	incidents_count(in, &c);
	json_key(w, "counts");
	json_open(w, '{');
	json_key_count(w, "pieces", c.pieces);
	json_key_count(w, "pieces_dropped", c.dropped);
	json_key_count(w, "whole", c.whole);
	json_key_count(w, "torn", c.torn);
	json_key_count(w, "expired", c.expired);
	json_close(w, '}');
}

void api_get_incidents(const struct api *api, const struct request *request,
		       struct reply *r)
{
	struct document w = { 0 };
	struct wanted wanted = { .w = &w,
				 .to_ns = UINT64_MAX,
				 .left = LIST_MAX };
	char name[PARAMETER_TEXT_SIZE] = "";
	const struct parameter specs[] = {
		{ "node", PARAMETER_TEXT, name },
		{ "from", PARAMETER_TIME, &wanted.from_ns },
		{ "to", PARAMETER_TIME, &wanted.to_ns },
		{ "limit", PARAMETER_NUMBER, &wanted.left, 1, LIST_MAX },
		{ 0 }
	};
	const struct node *node;
	uint8_t id[WIRE_ID_SIZE];

	if (!api_parse(specs, request, r))
		return;
	if (*name) {
		node = api_find(api, name, r);
		if (!node)
			return;
		memcpy(id, node->id, sizeof(id));
		visit_leave(api->visit);
		wanted.node = id;
	}
	json_open(&w, '{');
	json_key(&w, "incidents");
	json_open(&w, '[');
	if (api->incidents)
		incidents_each(api->incidents, tell_entry, &wanted);
	json_close(&w, ']');
	if (api->incidents)
		write_counts(&w, api->incidents);
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

/* --- one ----------------------------------------------------------------------- */

enum form {
	FORM_JSON,
	FORM_CSV,
	FORM_RECORDING,
	FORMS
};

static const struct {
	const char *ending;
	const char *type;
} forms[FORMS] = {
	[FORM_JSON] = { "", "application/json" },
	[FORM_CSV] = { ".csv", "text/csv" },
	[FORM_RECORDING] = { "/recording", "application/octet-stream" },
};

/* The address without its id; FORMS: there is no such. */
static enum form form_of(const char *ending)
{
	unsigned int form = FORM_JSON;

	while (form < FORMS && strcmp(ending, forms[form].ending))
		form++;
	return (enum form)form;
}

static void write_form(struct reply *r, enum form form,
		       const struct incidents_entry *e, const struct decoded *d)
{
	struct document w = { 0 };

	if (form == FORM_JSON)
		incident_write_json(&w, e, d);
	else if (form == FORM_CSV)
		incident_write_csv(&w, d);
	else
		incident_write_recording(&w, e, d);
	reply_text(r, forms[form].type, document_done(&w));
}

static void answer_incident(const struct api *api, struct reply *r,
			    const char *id, enum form form)
{
	struct incidents_entry entry;
	struct decoded decoded;
	uint8_t *data = NULL;
	size_t size;
	int err = api->incidents ? incidents_read(api->incidents, id, &entry,
						  &data, &size) :
				   -ENOENT;

	if (!err)
		err = decode_incident(&decoded, data, size);
	free(data);
	if (err == -ENOENT)
		reply_refuse(
			r, 404,
			"no incident of this id is kept; /api/v1/incidents lists all");
	else if (err == -ENOMEM)
		reply_json(r, 503, NULL);
	else if (err)
		reply_refuse(r, 500, "the incident's file cannot be read");
	if (err)
		return;
	write_form(r, form, &entry, &decoded);
	decode_free(&decoded);
}

void api_get_incident(const struct api *api, const struct request *request,
		      struct reply *r)
{
	static const struct parameter none[] = { { 0 } };
	static const char base[] = "/api/v1/incidents/";
	const char *path = request->path + sizeof(base) - 1;
	char id[INCIDENTS_ID_SIZE];
	size_t size = strcspn(path, "./");
	enum form form = form_of(path + size);

	if (!api_parse(none, request, r))
		return;
	if (form == FORMS || size >= sizeof(id)) {
		reply_refuse(
			r, 404,
			"expected an incident's id, and behind it nothing, .csv or /recording");
		return;
	}
	snprintf(id, sizeof(id), "%.*s", (int)size, path);
	answer_incident(api, r, id, form);
}
