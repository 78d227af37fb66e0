// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/node.h"

/* How long a node may be silent: some periods, but no less than a while. */
#define FRESH_PERIODS 3
#define FRESH_NS UINT64_C(3000000000)
#define LAGGING_PERIODS 20
#define LAGGING_NS UINT64_C(30000000000)

int nodes_init(struct nodes *nodes)
{
	memset(nodes, 0, sizeof(*nodes));
	nodes->rows_left = NODES_ROWS_MAX;
	nodes->serial = 1;
	nodes->list = malloc(NODES_MAX * sizeof(nodes->list[0]));
	return nodes->list ? 0 : -ENOMEM;
}

static void node_free(struct nodes *nodes, struct node *node)
{
	node_forget_tables(nodes, node);
	free(node);
}

void nodes_exit(struct nodes *nodes)
{
	size_t i;

	for (i = 0; i < nodes->count; i++)
		node_free(nodes, nodes->list[i]);
	free(nodes->list);
}

/* FNV-1a */
static struct node **bucket(struct nodes *nodes, const uint8_t *id)
{
	uint32_t hash = 2166136261;
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		hash = (hash ^ id[i]) * 16777619;
	return &nodes->buckets[(hash ^ hash >> 16) % NODE_BUCKETS];
}

static void list_insert(struct nodes *nodes, struct node *node)
{
	size_t at = nodes->count++;

	while (at && memcmp(nodes->list[at - 1]->id, node->id,
			    sizeof(node->id)) > 0) {
		nodes->list[at] = nodes->list[at - 1];
		at--;
	}
	nodes->list[at] = node;
}

static struct node *node_new(struct nodes *nodes, struct node **chain,
			     const struct wire_frame *frame,
			     const struct node_time *now)
{
	struct node *node;

	if (nodes->count == NODES_MAX)
		return NULL;
	node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	memcpy(node->id, frame->sender.node, sizeof(node->id));
	memcpy(node->boot, frame->sender.boot, sizeof(node->boot));
	node_id_format(node->id, node->id_text);
	strcpy(node->name, node->id_text);
	node->session = frame->sender.session;
	node->sessions = 1;
	node->first_seen = *now;
	node_forget_tables(nodes, node);
	sequence_start(&node->sequence, 0);
	node->next = *chain;
	*chain = node;
	list_insert(nodes, node);
	return node;
}

static void new_session(struct nodes *nodes, struct node *node,
			const struct wire_frame *frame)
{
	node->lost_before += sequence_lost(&node->sequence);
	node->old_session = node->session;
	node->session = frame->sender.session;
	node->sessions++;
	memcpy(node->boot, frame->sender.boot, sizeof(node->boot));
	sequence_start(&node->sequence, 1);
	node_forget_tables(nodes, node);
}

/* An absurd number must not make a node, nor end a session. */
static bool frame_sane(const struct wire_frame *frame)
{
	static const uint8_t nobody[WIRE_ID_SIZE];

	return memcmp(frame->sender.node, nobody, sizeof(nobody)) &&
	       frame->sender.session && frame->sender.session <= INT64_MAX &&
	       frame->sequence;
}

static enum node_verdict take_number(struct node *node, uint64_t number)
{
	switch (sequence_take(&node->sequence, number)) {
	case SEQUENCE_NEW:
		node->received++;
		return NODE_OK;
	case SEQUENCE_DUPLICATE:
		node->duplicates++;
		return NODE_DUPLICATE;
	case SEQUENCE_LATE:
		node->late++;
		return NODE_LATE;
	case SEQUENCE_ABSURD:
		break;
	}
	return NODE_ABSURD;
}

/* Of a session that has ended: the last one, or, if nobody but the node can
 * have made the frame, any that began before the present one.
 */
static bool is_straggler(const struct node *node,
			 const struct wire_frame *frame)
{
	uint64_t session = frame->sender.session;

	return session == node->old_session ||
	       ((frame->flags & WIRE_SEALED) && session < node->session);
}

/* The node of a frame, or a new one. NULL: there is no room. */
static struct node *node_get(struct nodes *nodes,
			     const struct wire_frame *frame,
			     const struct node_time *now)
{
	struct node **chain = bucket(nodes, frame->sender.node), *node;

	for (node = *chain; node; node = node->next)
		if (!memcmp(node->id, frame->sender.node, sizeof(node->id)))
			return node;
	return node_new(nodes, chain, frame, now);
}

enum node_verdict nodes_take(struct nodes *nodes,
			     const struct wire_frame *frame,
			     const struct node_time *now, struct node **found)
{
	enum node_verdict verdict;
	struct node *node;

	if (!frame_sane(frame))
		return NODE_ABSURD;
	node = node_get(nodes, frame, now);
	if (!node)
		return NODE_FULL;
	if (is_straggler(node, frame)) {
		node->stragglers++;
		return NODE_STRAGGLER;
	}
	if (frame->sender.session != node->session) {
		if (frame->sequence > SEQUENCE_STEP_MAX)
			return NODE_ABSURD;
		new_session(nodes, node, frame);
	}
	verdict = take_number(node, frame->sequence);
	if (verdict == NODE_OK) {
		node->last_seen = *now;
		node_changed(nodes, node);
	}
	*found = node;
	return verdict;
}

enum node_verdict nodes_take_stored(struct nodes *nodes,
				    const struct wire_frame *frame,
				    const struct node_time *now,
				    struct node **found)
{
	struct node *node;

	if (!frame_sane(frame))
		return NODE_ABSURD;
	node = node_get(nodes, frame, now);
	if (!node)
		return NODE_FULL;
	*found = node;
	node->last_seen = *now;
	node_changed(nodes, node);
	if (is_straggler(node, frame)) {
		node->stragglers++;
		return NODE_STRAGGLER;
	}
	if (frame->sender.session != node->session)
		new_session(nodes, node, frame);
	if (frame->sequence > node->sequence.newest + 1 ||
	    !node->sequence.first) {
		node->lost_before += sequence_lost(&node->sequence);
		sequence_skip(&node->sequence, frame->sequence);
	}
	take_number(node, frame->sequence);
	return NODE_OK;
}

uint64_t node_lost(const struct node *node)
{
	return node->lost_before + sequence_lost(&node->sequence);
}

struct node *nodes_find(const struct nodes *nodes, const char *text,
			size_t *matches)
{
	struct node *found = NULL;
	size_t i;

	*matches = 0;
	for (i = 0; i < nodes->count; i++) {
		struct node *node = nodes->list[i];

		if (!strcmp(node->id_text, text)) {
			*matches = 1;
			return node;
		}
		if (strcmp(node->name, text))
			continue;
		if (!found)
			found = node;
		++*matches;
	}
	return found;
}

static void unlink_node(struct nodes *nodes, struct node *node)
{
	struct node **at = bucket(nodes, node->id);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
}

void nodes_forget(struct nodes *nodes, uint64_t mono_ns)
{
	size_t i, kept = 0;

	for (i = 0; i < nodes->count; i++) {
		struct node *node = nodes->list[i];

		if (node->last_seen.mono_ns >= mono_ns) {
			nodes->list[kept++] = node;
			continue;
		}
		unlink_node(nodes, node);
		node_free(nodes, node);
	}
	nodes->forgotten += nodes->count - kept;
	nodes->count = kept;
}

static uint64_t at_least(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

enum node_state node_state(const struct node *node, uint64_t mono_ns)
{
	uint64_t age_ns = mono_ns - node->last_seen.mono_ns;

	if (age_ns <= at_least(FRESH_PERIODS * node->period_ns, FRESH_NS))
		return NODE_FRESH;
	if (age_ns <= at_least(LAGGING_PERIODS * node->period_ns, LAGGING_NS))
		return NODE_LAGGING;
	return NODE_GONE;
}

const char *node_state_name(enum node_state state)
{
	static const char *const names[NODE_STATES] = {
		[NODE_FRESH] = "fresh",
		[NODE_LAGGING] = "late",
		[NODE_GONE] = "gone",
	};

	return names[state];
}

void nodes_age(struct nodes *nodes, uint64_t mono_ns)
{
	size_t i;

	for (i = 0; i < nodes->count; i++) {
		struct node *node = nodes->list[i];
		enum node_state state = node_state(node, mono_ns);

		if (state == node->state)
			continue;
		node->state = state;
		node_changed(nodes, node);
	}
}
