// SPDX-License-Identifier: GPL-2.0-or-later
/* What a frame changes at its node: it is taken or refused, and others may be late or
 * lost.
 */
#include <string.h>

#include "collector/nodes/sender.h"
#include "lib/base/clean.h"

/* How long a node may be silent: some periods, but no less than a while. */
#define FRESH_PERIODS 3
#define FRESH_NS UINT64_C(3000000000)
#define LAGGING_PERIODS 20
#define LAGGING_NS UINT64_C(30000000000)

/* A session that is taken again goes on where it was left. Of a node that an
 * older version's history names it is not known where that was.
 */
static void new_session(struct nodes *nodes, struct node *node,
			const struct wire_frame *frame)
{
	uint64_t newest = sender_past_newest(node, frame->sender.session);

	node->lost_before += sequence_lost(&node->sequence);
	node_losses_end_session(node, !newest);
	if (node->first)
		node->next_first = node->first;
	if (node->next_first)
		node->next_first += node->sequence.newest;
	node->first = 0;
	sender_end(node);
	node->sessions++;
	node->clock = (struct clock){ 0 };
	sequence_start(&node->sequence, node->from.session ? newest + 1 : 0);
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
		return NODE_DUPLICATE;
	case SEQUENCE_LATE:
		return NODE_LATE;
	case SEQUENCE_ABSURD:
		break;
	}
	return NODE_ABSURD;
}

/* Remember who sent a frame that was not taken. */
static enum node_verdict refuse_frame(struct node *node,
				      const struct wire_frame *frame,
				      const struct node_time *now,
				      struct peer *from,
				      enum node_verdict verdict)
{
	const struct rival *rival = sender_refused(node, frame, now, from);

	return rival && rival->proven ? NODE_CLONE : verdict;
}

static bool is_absurd(const struct node *node, const struct wire_frame *frame)
{
	return frame->sender.session != node->from.session &&
	       frame->sequence > SEQUENCE_STEP_MAX;
}

/* The node of a frame, in the session that it is of. @by_stream: it came in order. */
static enum node_verdict find_sender(struct nodes *nodes,
				     const struct wire_frame *frame,
				     const struct node_time *now,
				     struct peer *from, bool by_stream,
				     struct node **found)
{
	struct node *node;

	if (!frame_sane(frame))
		return NODE_ABSURD;
	node = nodes_get(nodes, frame, now);
	if (!node)
		return NODE_FULL;
	*found = node;
	switch (sender_judge(node, frame, now)) {
	case SENDER_ENDED:
		return refuse_frame(node, frame, now, from, NODE_STRAGGLER);
	case SENDER_NEXT:
		if (!by_stream && is_absurd(node, frame))
			return NODE_ABSURD;
		new_session(nodes, node, frame);
		break;
	case SENDER_PRESENT:
		break;
	}
	return NODE_OK;
}

enum node_verdict nodes_take(struct nodes *nodes,
			     const struct wire_frame *frame,
			     const struct node_time *now, struct peer *from,
			     struct node **found)
{
	enum node_verdict verdict =
		find_sender(nodes, frame, now, from, false, found);
	struct node *node;

	if (verdict != NODE_OK)
		return verdict;
	node = *found;
	if (!node->sequence.first)
		sequence_start(&node->sequence,
			       node->from.session ? 1 : frame->sequence);
	verdict = take_number(node, frame->sequence);
	if (verdict == NODE_DUPLICATE || verdict == NODE_LATE)
		return refuse_frame(node, frame, now, from, verdict);
	if (verdict == NODE_OK)
		sender_taken(node, frame, from);
	node->by_stream = false;
	return verdict;
}

/* The frames of a session that did not come before this one are elsewhere. */
static void skip(struct node *node, const struct wire_frame *frame)
{
	uint64_t missing = frame->sequence - node->sequence.newest - 1;

	node->lost_before += sequence_lost(&node->sequence);
	if (frame->sequence > node->sequence.newest + 1) {
		node->elsewhere += missing;
		node->shared = frame->sender.session;
		node->shared_from = frame->sequence;
	}
	sequence_skip(&node->sequence, frame->sequence);
}

enum node_verdict nodes_take_stored(struct nodes *nodes,
				    const struct wire_frame *frame,
				    const struct node_time *now,
				    struct peer *from, struct node **found)
{
	enum node_verdict verdict =
		find_sender(nodes, frame, now, from, true, found);
	struct node *node;

	if (verdict != NODE_OK)
		return verdict;
	node = *found;
	if (frame->sequence > node->sequence.newest + 1 ||
	    !node->sequence.first)
		skip(node, frame);
	verdict = take_number(node, frame->sequence);
	if (verdict == NODE_OK)
		sender_taken(node, frame, from);
	node->by_stream = true;
	return verdict == NODE_OK ? NODE_OK : NODE_DUPLICATE;
}

void node_leaves(struct nodes *nodes, struct node *node,
		 const struct wire_text *where)
{
	clean_text(node->moved_to, sizeof(node->moved_to), where);
	node->ended = !node->moved_to[0];
	node->state = node->ended ? NODE_ENDED : NODE_MOVED;
	node_changed(nodes, node);
}

void node_seen(struct nodes *nodes, struct node *node,
	       const struct node_time *now)
{
	node->last_seen = *now;
	node->restored = false;
	node->silent_ns = 0;
	node->moved_to[0] = '\0';
	node->ended = 0;
	node_mark_stacked(node, now->mono_ns);
	node_changed(nodes, node);
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
	uint64_t last_ns = node->last_seen.mono_ns ? node->last_seen.mono_ns :
						     node->first_seen.mono_ns;

	return node->silent_ns + (mono_ns > last_ns ? mono_ns - last_ns : 0);
}

enum node_state node_state(const struct node *node, uint64_t mono_ns)
{
	uint64_t age_ns = node_age_ns(node, mono_ns);

	if (node->moved_to[0])
		return NODE_MOVED;
	if (node->ended)
		return NODE_ENDED;
	if (node->restored || !node->last_seen.mono_ns)
		return NODE_GONE;
	if (age_ns <= at_least(FRESH_PERIODS * node->period_ns, FRESH_NS))
		return NODE_FRESH;
	if (age_ns <= at_least(LAGGING_PERIODS * node->period_ns, LAGGING_NS))
		return NODE_LAGGING;
	return NODE_GONE;
}

const char *node_state_name(enum node_state state)
{
	static const char *const names[NODE_STATES] = {
		[NODE_FRESH] = "fresh", [NODE_LAGGING] = "late",
		[NODE_GONE] = "gone",	[NODE_MOVED] = "moved",
		[NODE_ENDED] = "ended",
	};

	return names[state];
}
