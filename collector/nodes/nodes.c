// SPDX-License-Identifier: GPL-2.0-or-later
/* All nodes: those that are there, and those that are gone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/sender.h"
#include "collector/nodes/visit.h"
#include "lib/base/barrier.h"
#include "lib/base/log.h"

/* How long it is reported that rows of a node were left out. */
#define CUT_NS UINT64_C(60000000000)

#define MINUTE_NS UINT64_C(60000000000)
/* Sessions of a node in a minute that are worth a warning: a shipper that systemd
 * restarts again and again begins fewer.
 */
#define SESSIONS_MANY 60

int nodes_init(struct nodes *nodes, uint64_t memory_bytes)
{
	int i;

	memset(nodes, 0, sizeof(*nodes));
	for (i = 0; i < NODE_LOCKS; i++)
		pthread_mutex_init(&nodes->locks[i], NULL);
	pthread_mutex_init(&nodes->list_lock, NULL);
	nodes->rows_max = memory_bytes / NODES_ROW_BYTES;
	if (nodes->rows_max < NODES_ROWS_MIN)
		nodes->rows_max = NODES_ROWS_MIN;
	nodes->rows_left = nodes->rows_max;
	nodes->serial = 1;
	nodes->renamed = 1; /* restored ones may have one name, too */
	nodes->list = malloc(NODES_MAX * sizeof(nodes->list[0]));
	return nodes->list ? 0 : -ENOMEM;
}

size_t nodes_rows_of_one(const struct nodes *nodes)
{
	return nodes->rows_max / NODE_ROWS_SHARE;
}

bool node_is_cut(const struct node *node, uint64_t mono_ns)
{
	return node->rows_refused_ns &&
	       mono_ns - node->rows_refused_ns < CUT_NS;
}

static void node_free(struct nodes *nodes, struct node *node)
{
	node_forget_tables(nodes, node);
	sender_forget(node, UINT64_MAX);
	alarms_clear(&node->alarms);
	free(node);
}

static void free_gone(struct nodes *nodes)
{
	struct node *node = nodes->gone, *next;

	for (; node; node = next) {
		next = node->next;
		node_free(nodes, node);
	}
	nodes->gone = NULL;
}

void nodes_exit(struct nodes *nodes)
{
	size_t i;

	for (i = 0; i < nodes->count; i++)
		node_free(nodes, nodes->list[i]);
	free_gone(nodes);
	free(nodes->list);
	for (i = 0; i < NODE_LOCKS; i++)
		pthread_mutex_destroy(&nodes->locks[i]);
	pthread_mutex_destroy(&nodes->list_lock);
}

/* FNV-1a */
static uint32_t hash_of(const uint8_t *id)
{
	uint32_t hash = 2166136261;
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		hash = (hash ^ id[i]) * 16777619;
	return hash ^ hash >> 16;
}

static struct node **bucket(struct nodes *nodes, const uint8_t *id)
{
	return &nodes->buckets[hash_of(id) % NODE_BUCKETS];
}

static unsigned int lock_of(const uint8_t *id)
{
	return hash_of(id) % NODE_LOCKS;
}

unsigned int nodes_lock(struct nodes *nodes, const uint8_t *id)
{
	unsigned int lock = lock_of(id);

	pthread_mutex_lock(&nodes->locks[lock]);
	return lock;
}

void nodes_unlock(struct nodes *nodes, const uint8_t *id)
{
	pthread_mutex_unlock(&nodes->locks[lock_of(id)]);
}

/* Whether there was room for it. */
static bool list_insert(struct nodes *nodes, struct node *node)
{
	size_t at;

	pthread_mutex_lock(&nodes->list_lock);
	at = nodes->count;
	if (at == NODES_MAX) {
		pthread_mutex_unlock(&nodes->list_lock);
		return false;
	}
	nodes->count++;
	while (at && memcmp(nodes->list[at - 1]->id, node->id,
			    sizeof(node->id)) > 0) {
		nodes->list[at] = nodes->list[at - 1];
		at--;
	}
	nodes->list[at] = node;
	pthread_mutex_unlock(&nodes->list_lock);
	return true;
}

static struct node *node_new(struct nodes *nodes, struct node **chain,
			     const struct wire_frame *frame,
			     const struct node_time *now)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	memcpy(node->id, frame->sender.node, sizeof(node->id));
	node->lock = lock_of(node->id);
	node_id_format(node->id, node->id_text);
	strcpy(node->name, node->id_text);
	node->from.session = frame->sender.session;
	node->sessions = 1;
	node->first_seen = *now;
	node->budget =
		(struct samples_budget){ .left = nodes_rows_of_one(nodes),
					 .all = &nodes->rows_left };
	node_forget_tables(nodes, node);
	sequence_start(&node->sequence, 0);
	if (!list_insert(nodes, node)) {
		free(node);
		return NULL;
	}
	node->next = *chain;
	*chain = node;
	return node;
}

struct node *nodes_find(struct nodes *nodes, const uint8_t *id)
{
	struct node *node = *bucket(nodes, id);

	while (node && memcmp(node->id, id, sizeof(node->id)))
		node = node->next;
	return node;
}

struct node *nodes_get(struct nodes *nodes, const struct wire_frame *frame,
		       const struct node_time *now)
{
	struct node *node = nodes_find(nodes, frame->sender.node);

	return node ? node :
		      node_new(nodes, bucket(nodes, frame->sender.node), frame,
			       now);
}

static void unlink_node(struct nodes *nodes, struct node *node)
{
	struct node **at = bucket(nodes, node->id);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
}

/* Take those out of the list whose @forgotten is set; they are @gone then. */
static void sweep(struct nodes *nodes)
{
	size_t i, kept = 0;

	pthread_mutex_lock(&nodes->list_lock);
	for (i = 0; i < nodes->count; i++) {
		struct node *node = nodes->list[i];

		if (!node->forgotten) {
			nodes->list[kept++] = node;
			continue;
		}
		node->next = nodes->gone;
		nodes->gone = node;
	}
	nodes->count = kept;
	pthread_mutex_unlock(&nodes->list_lock);
}

/* A visit that begins later does not find them. */
static void bury(struct nodes *nodes)
{
	pthread_mutex_lock(&nodes->list_lock);
	if (!nodes->visits)
		free_gone(nodes);
	pthread_mutex_unlock(&nodes->list_lock);
}

void nodes_forget(struct nodes *nodes, uint64_t mono_ns, uint64_t keep_ns)
{
	size_t count = 0;
	struct node *node;
	struct visit v;

	if (visit_begin(&v, nodes))
		return; /* memory is short: later */
	for (node = visit_first(&v); node; node = visit_next(&v)) {
		if (node_age_ns(node, mono_ns) <= keep_ns)
			continue;
		unlink_node(nodes, node);
		node->forgotten = true;
		count++;
	}
	visit_end(&v);
	if (count) {
		sweep(nodes);
		add_relaxed(&nodes->forgotten, count);
	}
	if (nodes->gone)
		bury(nodes);
}

/* A minute's sessions are counted, and told once in it, of one node in a minute. */
static void watch_sessions(struct nodes *nodes, struct node *node,
			   uint64_t mono_ns)
{
	if (!node->minute_ns || mono_ns - node->minute_ns >= MINUTE_NS) {
		if (node->minute_ns)
			node->sessions_before = node->sessions;
		node->minute_ns = mono_ns;
	}
	if (node->sessions - node->sessions_before < SESSIONS_MANY ||
	    (nodes->sessions_told_ns &&
	     mono_ns - nodes->sessions_told_ns < MINUTE_NS))
		return;
	nodes->sessions_told_ns = mono_ns;
	log_warn(
		"node %s at %s: %llu sessions within a minute: its shipper is started again and again, or somebody makes them up",
		node->name, node->from.address,
		(unsigned long long)(node->sessions - node->sessions_before));
}

void nodes_age(struct nodes *nodes, uint64_t mono_ns)
{
	struct node *node;
	struct visit v;

	if (visit_begin(&v, nodes))
		return;
	for (node = visit_first(&v); node; node = visit_next(&v)) {
		enum node_state state = node_state(node, mono_ns);

		sender_forget(node, mono_ns);
		watch_sessions(nodes, node, mono_ns);
		if (state == node->state)
			continue;
		node->state = state;
		if (state == NODE_GONE)
			node_forget_large(node);
		node_changed(nodes, node);
	}
	visit_end(&v);
}
