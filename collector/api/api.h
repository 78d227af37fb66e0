/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a GET, or a POST, is answered with; knows no connection. docs/openapi.yaml describes
 * each address.
 */
#ifndef KTACH_COLLECTOR_API_API_H
#define KTACH_COLLECTOR_API_API_H

#include <stddef.h>

#include "collector/history/history.h"
#include "collector/feed/ingest.h"
#include "collector/nodes/judge.h"
#include "collector/nodes/visit.h"
#include "collector/api/openmetrics.h"
#include "collector/api/parameter.h"
#include "collector/api/reply.h"
#include "collector/history/store.h"
#include "collector/base/document.h"

/**
 * struct api - where answers come from; of one thread
 * @ingest: the first of a chain: nodes, and what was dropped
 * @posts: of that chain, what this thread takes itself; NULL: nothing
 * @visit: to the nodes, for this answer; api_get() sets it
 * @judge: how good our clock is; may be NULL
 * @outlets: who is told of alarms; may be NULL
 * @warden: rules, and alarms that are over; may be NULL
 * @incidents: of nodes' flight recorders; may be NULL
 * @relay: to the nodes' agents; may be NULL
 * @wishes: how they are to be
 * @audit: who had what done with them
 * @store: how the history does; may be NULL
 * @history: past values; may be NULL
 * @metrics: what /metrics has, if a request does not say otherwise
 * @started: when this process did
 */
struct audit;
struct incidents;
struct outlets;
struct relay;
struct warden;
struct wishes;

struct api {
	const struct ingest *ingest;
	struct ingest *posts;
	struct visit *visit;
	const struct judge *judge;
	struct warden *warden;
	struct outlets *outlets;
	struct incidents *incidents;
	struct relay *relay;
	struct wishes *wishes;
	struct audit *audit;
	struct store *store;
	struct history *history;
	struct openmetrics_wish metrics;
	struct node_time started;
};

/* Whether an answer may take so long that others should not wait for it. */
bool api_takes_long(const char *path);

/* Answer a GET, or a POST that is one with its parameters in a body. */
void api_get(const struct api *api, const struct request *request,
	     struct reply *reply);

/* Whether there is something to POST to; bytes that its body has less than, 0: it takes
 * none; answer one.
 */
bool api_has_post(const char *path);
size_t api_body_max(const char *path);
void api_post(const struct api *api, const struct request *request,
	      struct reply *reply);

#define API_POST_NODE "/metrics/node"

/* For files that answer parts of it (api_*.c). */
struct node_time api_now(void);

/* Read a request's parameters; false: @reply is a 400 that says why. */
bool api_parse(const struct parameter *specs, const struct request *request,
	       struct reply *reply);

/* A node by name or id, held by the visit; NULL: @reply says that there is none, or
 * several.
 */
const struct node *api_find(const struct api *api, const char *name,
			    struct reply *reply);

/* Read a list of parts of a node, which is changed; false: @reply says what is expected. */
bool api_take_fields(char *names, uint64_t *parts, struct reply *reply);

/* Whether labels are asked for as they can be; @reply says what is wrong. */
bool api_labels_fit(const char *labels, struct reply *reply);

void api_post_node(const struct api *api, const struct request *request,
		   struct reply *reply);
void api_get_snapshot(const struct api *api, const struct request *request,
		      struct reply *reply);
void api_get_cluster(const struct api *api, const struct request *request,
		     struct reply *reply);
void api_get_topk(const struct api *api, const struct request *request,
		  struct reply *reply);
void api_get_metrics(const struct api *api, const struct request *request,
		     struct reply *reply);
void api_get_losses(const struct api *api, const struct request *request,
		    struct reply *reply);
void api_get_node_losses(const struct api *api, const struct request *request,
			 struct reply *reply);
void api_get_alerts(const struct api *api, const struct request *request,
		    struct reply *reply);
void api_get_incidents(const struct api *api, const struct request *request,
		       struct reply *reply);
void api_get_incident(const struct api *api, const struct request *request,
		      struct reply *reply);
void api_get_rules(const struct api *api, const struct request *request,
		   struct reply *reply);
void api_get_health(const struct api *api, const struct request *request,
		    struct reply *reply);
void api_get_version(const struct api *api, const struct request *request,
		     struct reply *reply);
void api_get_history(const struct api *api, const struct request *request,
		     struct reply *reply);
void api_get_query(const struct api *api, const struct request *request,
		   struct reply *reply);
void api_get_remote(const struct api *api, const struct request *request,
		     struct reply *reply);

#endif /* KTACH_COLLECTOR_API_API_H */
