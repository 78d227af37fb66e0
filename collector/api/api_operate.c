// SPDX-License-Identifier: GPL-2.0-or-later
/* What people say of alarms: a POST. */
#include <errno.h>
#include <string.h>

#include "collector/alarms/warden.h"
#include "collector/api/api.h"
#include "collector/api/posted.h"
#include "collector/login/login.h"
#include "lib/base/clock.h"

#define DAY_NS UINT64_C(86400000000000)

enum operation {
	ACKNOWLEDGE,
	SILENCE,
};

static const char *const operations[] = { "acknowledge", "silence", NULL };

/**
 * struct order - one of them
 * @id: of the alarm
 * @operation: what
 * @for_ns: how long it is silent
 * @who: says so
 */
struct order {
	uint64_t id;
	unsigned int operation;
	uint64_t for_ns;
	const char *who;
};

/* Those who look at the alarm see it. */
static void mark(const struct api *api, const uint8_t *id,
		 const struct order *o, uint64_t real_ns)
{
	struct nodes *nodes = api->ingest->feed->nodes;
	struct alarm *alarm;
	struct node *node;

	nodes_lock(nodes, id);
	node = warden_node(api->warden, nodes, id);
	for (alarm = node ? node->alarms.first : NULL; alarm;
	     alarm = alarm->next)
		if (alarm->id == o->id)
			break;
	if (alarm && o->operation == SILENCE) {
		alarm->marks.silent_until_ns = real_ns + o->for_ns;
	} else if (alarm && !alarm->marks.seen_ns) {
		alarm->marks.seen_ns = real_ns;
		strcpy(alarm->marks.seen_by, o->who);
	}
	if (alarm)
		node_changed(nodes, node);
	nodes_unlock(nodes, id);
}

static int obey(struct ledger *l, const struct order *o, uint64_t real_ns,
		uint8_t *node)
{
	if (o->operation == SILENCE)
		return ledger_silence(l, o->id, o->who, real_ns + o->for_ns,
				      node);
	return ledger_acknowledge(l, o->id, o->who, real_ns, node);
}

static void post_operation(const struct api *api, const struct request *request,
			   struct reply *r)
{
	struct order o = { .for_ns = 0, .who = "" };
	int id_given = 0, for_given = 0;
	const struct parameter specs[] = {
		{ "id", PARAMETER_NUMBER, &o.id, 1, INT64_MAX,
		  .given = &id_given },
		{ "action", PARAMETER_CHOICE, &o.operation,
		  .choices = operations },
		{ "for", PARAMETER_DURATION, &o.for_ns, 0, 365 * DAY_NS,
		  .given = &for_given },
		{ 0 }
	};
	uint64_t real_ns = clock_real_ns();
	uint8_t node[WIRE_ID_SIZE];
	struct document w = { 0 };
	int err;

	if (!api_parse(specs, request, r))
		return;
	if (!id_given || for_given != (o.operation == SILENCE)) {
		reply_refuse(
			r, 400,
			"expected id=NUMBER of an alarm that fires, and action=acknowledge, or action=silence&for=TIME (0s: no more)");
		return;
	}
	if (request->claims)
		o.who = request->claims->name;
	err = api->warden && api->warden->ledger ?
		      obey(api->warden->ledger, &o, real_ns, node) :
		      -ENOENT;
	if (err) {
		reply_refuse(r, err == -ENOSPC ? 409 : 404,
			     err == -ENOSPC ? "there are too many silences" :
					      "no alarm of this number fires");
		return;
	}
	mark(api, node, &o, real_ns);
	json_open(&w, '{');
	json_key_count(&w, "id", o.id);
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

void api_post(const struct api *api, const struct request *request,
	      struct reply *r)
{
	if (!strcmp(request->path, API_POST_NODE))
		api_post_node(api, request, r);
	else
		post_operation(api, request, r);
}

enum {
	QUERY_BODY_MAX = 16384,
};

bool api_has_post(const char *path)
{
	return !strcmp(path, "/api/v1/alerts") || api_body_max(path);
}

size_t api_body_max(const char *path)
{
	if (!strcmp(path, API_POST_NODE))
		return POSTED_BODY_MAX;
	return strcmp(path, "/api/v1/query") &&
			       strcmp(path, "/api/v1/prometheus/read") ?
		       0 :
		       QUERY_BODY_MAX;
}
