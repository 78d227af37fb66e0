// SPDX-License-Identifier: GPL-2.0-or-later
/* POST /metrics/node: a sender that is no ktach-shipper tells of its node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/api.h"
#include "collector/api/posted.h"
#include "collector/login/login.h"
#include "lib/base/clock.h"

/* A token tells of the node that it is named after, and of no other. Where none are
 * asked for, whoever may send frames that are not sealed may do this, too.
 */
static bool may_tell(const struct api *api, const struct request *request,
		     const struct posted *p, struct reply *r)
{
	struct feed *feed = api->posts->feed;
	bool unsealed;

	if (request->claims && !strcmp(request->claims->name, p->name))
		return true;
	if (request->claims) {
		reply_refuse(r, 403,
			     "node_name: this token is of another node");
		return false;
	}
	pthread_rwlock_rdlock(&feed->keys_lock);
	unsealed = feed->unsealed;
	pthread_rwlock_unlock(&feed->keys_lock);
	if (!unsealed)
		reply_refuse(
			r, 403,
			"with --keys a token of the role send is needed: start the collector with --login");
	return unsealed;
}

/* What this process may take now. */
static bool is_ready(const struct api *api, struct reply *r)
{
	if (api->posts && !api->posts->feed->fleet &&
	    !(api->store && store_full(api->store)))
		return true;
	if (api->posts && api->posts->feed->fleet) {
		reply_refuse(r, 503,
			     "a member of a fleet takes no snapshots by POST");
		return false;
	}
	reply_refuse(r, 503, "the history is busy");
	r->retry_s = 1;
	return false;
}

/* The session of this process goes on; a former one ends. False: @p is no news. */
static bool take_number(const struct api *api, const struct posted *p,
			struct wire_sender *sender, uint64_t *sequence)
{
	struct nodes *nodes = api->posts->feed->nodes;
	const struct node *node;
	bool news = true;

	*sequence = 1;
	sender->session = api->started.real_ns;
	nodes_lock(nodes, p->id);
	node = nodes_find(nodes, p->id);
	if (node && node->from.session >= sender->session) {
		sender->session = node->from.session;
		*sequence = node->sequence.newest + 1;
		news = p->real_ns > node->mono_ns;
	}
	nodes_unlock(nodes, p->id);
	return news;
}

static void tell_taken(const struct posted *p, struct reply *r)
{
	char id[NODE_ID_TEXT_SIZE];
	struct document w = { 0 };

	node_id_format(p->id, id);
	json_open(&w, '{');
	json_key_text(&w, "name", p->name);
	json_key_text(&w, "id", id);
	json_close(&w, '}');
	reply_json(r, 200, document_done(&w));
}

static void take(const struct api *api, struct posted *p, const char *address,
		 struct reply *r)
{
	struct wire_sender sender = { 0 };
	struct peer from = { 0 };
	unsigned int reason;
	uint64_t sequence;
	size_t size;

	snprintf(from.text, sizeof(from.text), "%s", address);
	memcpy(sender.node, p->id, sizeof(sender.node));
	if (!take_number(api, p, &sender, &sequence)) {
		reply_refuse(
			r, 409,
			"timestamp: a snapshot that is newer than the last one is expected");
		return;
	}
	size = wire_finish(&p->encoder, &sender, sequence);
	reason = ingest_posted(api->posts, p->frame, size, &from);
	if (!reason) {
		tell_taken(p, r);
		return;
	}
	reply_refuse(r, 503,
		     reason == DROP_FULL ?
			     "there is no room for another node" :
			     "this node sends more than there is time for");
	r->retry_s = 10;
}

void api_post_node(const struct api *api, const struct request *request,
		   struct reply *r)
{
	struct posted *p;

	if (!is_ready(api, r))
		return;
	if (*request->query || !request->body_size) {
		reply_refuse(
			r, 400,
			*request->query ?
				"no parameters are expected here" :
				"node_name: a JSON object that has it is expected");
		return;
	}
	p = calloc(1, sizeof(*p)); /* large for a stack */
	if (!p)
		reply_json(r, 503, NULL);
	else if (!posted_read(p, request->body, request->body_size,
			      clock_real_ns()))
		reply_refuse(r, 400, p->problem);
	else if (may_tell(api, request, p, r))
		take(api, p, request->address, r);
	free(p);
}
