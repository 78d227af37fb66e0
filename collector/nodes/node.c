// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "collector/nodes/node.h"

/* How long a node may be silent: some periods, but no less than a while. */
#define FRESH_PERIODS 3
#define FRESH_NS UINT64_C(3000000000)
#define LAGGING_PERIODS 20
#define LAGGING_NS UINT64_C(30000000000)

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

enum node_verdict nodes_take(struct nodes *nodes,
			     const struct wire_frame *frame,
			     const struct node_time *now, struct node **found)
{
	enum node_verdict verdict;
	struct node *node;

	if (!frame_sane(frame))
		return NODE_ABSURD;
	node = nodes_get(nodes, frame, now);
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
	node = nodes_get(nodes, frame, now);
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

static uint64_t at_least(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t node_age_ns(const struct node *node, uint64_t mono_ns)
{
	uint64_t last_ns = node->last_seen.mono_ns;

	return mono_ns > last_ns ? mono_ns - last_ns : 0;
}

enum node_state node_state(const struct node *node, uint64_t mono_ns)
{
	uint64_t age_ns = node_age_ns(node, mono_ns);

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
