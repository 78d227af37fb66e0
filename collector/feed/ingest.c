// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/refusal.h"
#include "collector/feed/budget.h"
#include "collector/agents/relay.h"
#include "collector/feed/ingest.h"
#include "collector/feed/ingest_drop.h"
#include "collector/feed/ingest_rival.h"
#include "collector/fleet/membership.h"
#include "collector/history/store.h"
#include "collector/incidents/incidents.h"
#include "collector/nodes/judge.h"
#include "collector/state/state.h"
#include "collector/alarms/warden.h"
#include "lib/base/barrier.h"
#include "lib/base/clean.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	ROWS_LARGE = 512, /* of a table that makes itself felt in memory */
};

int ingest_init(struct ingest *in, struct feed *feed)
{
	memset(in, 0, sizeof(*in));
	in->feed = feed;
	in->plain = malloc(WIRE_FRAME_MAX);
	if (!wire_room_open(&in->room) && in->plain)
		return 0;
	ingest_exit(in);
	memset(in, 0, sizeof(*in));
	return -ENOMEM;
}

void ingest_exit(struct ingest *in)
{
	wire_room_close(&in->room);
	free(in->plain);
}

void ingest_tick(struct ingest *in)
{
	if (in->large)
		wire_room_empty(&in->room);
	in->large = false;
}

void ingest_sum(const struct ingest *in, struct ingest_counts *sum)
{
	int reason;

	*sum = (struct ingest_counts){ 0 };
	for (; in; in = in->next) {
		sum->frames += load_relaxed(&in->counts.frames);
		sum->bytes += load_relaxed(&in->counts.bytes);
		for (reason = 0; reason < DROP_REASONS; reason++)
			sum->dropped[reason] +=
				load_relaxed(&in->counts.dropped[reason]);
	}
}

static unsigned int reason_of(enum node_verdict verdict)
{
	switch (verdict) {
	case NODE_DUPLICATE:
		return DROP_DUPLICATE;
	case NODE_LATE:
		return DROP_LATE;
	case NODE_STRAGGLER:
		return DROP_STRAGGLER;
	case NODE_CLONE:
		return DROP_CLONE;
	case NODE_FULL:
		return DROP_FULL;
	default:
		return DROP_VALUE;
	}
}

/* One that has used its budget up, or all memory for rows is used. */
static void tell_rows(const struct ingest *in, struct node *node,
		      const struct node_time *now)
{
	const struct nodes *nodes = in->feed->nodes;

	if (!node_is_cut(node, now->mono_ns))
		log_warn(
			"node %s: rows of its tables are left out: a node may have %zu, all together %zu by the memory of this host; what is shown of it is not whole",
			node->name, nodes_rows_of_one(nodes), nodes->rows_max);
	node->rows_told = node->budget.refused;
	node->rows_refused_ns = now->mono_ns;
}

static void take_pieces(struct incidents *incidents,
			const struct wire_frame *frame)
{
	const uint8_t *at = frame->at;
	struct incident_piece piece;

	while (incident_next_piece(&at, frame->end, &piece))
		incidents_take(incidents, frame->sender.node, &piece);
}

/* A frame of which nothing could be taken says nothing of its node. */
static void take_tables(struct ingest *in, struct node *node,
			struct wire_frame frame, struct peer *from,
			const struct node_time *now)
{
	struct wire_table table;
	uint32_t kinds = 0;
	bool taken = false;
	int ret;

	if (in->feed->incidents)
		take_pieces(in->feed->incidents, &frame);
	node_begin_frame(node, frame.sequence);
	while ((ret = wire_next(&frame, &table, &in->room)) == 1) {
		enum node_verdict verdict =
			node_take(in->feed->nodes, node, &table);

		in->large = in->large || table.rows > ROWS_LARGE;
		if (verdict != NODE_OK)
			ingest_drop_of(in, node, reason_of(verdict), from);
		else if (table.kind != WIRE_NODE && !facts_say_leaving(&table))
			taken = true;
		if (verdict == NODE_OK)
			kinds |= 1U << table.kind;
		if (verdict == NODE_OK && table.mono_ns > in->newest.mono_ns)
			in->newest = (struct node_time){ table.real_ns,
							 table.mono_ns };
	}
	if (ret) {
		run_break(&node->run);
		ingest_drop_of(in, node, WIRE_E_TABLE, from);
	}
	if (node->budget.refused != node->rows_told)
		tell_rows(in, node, now);
	if (in->newest.mono_ns)
		clock_take(&node->clock, in->newest.real_ns, in->newest.mono_ns,
			   now);
	if (taken)
		node_seen(in->feed->nodes, node, now);
	warden_frame(in->feed->warden, in->feed->nodes, node, kinds, now);
}

/* Whether the sender of a frame that can be read takes a kind of answer: its table
 * about itself says so, which comes first.
 */
static bool accepts(struct ingest *in, const struct wire_frame *frame,
		    enum wire_accepts what)
{
	struct wire_frame copy = *frame;
	struct wire_table table;

	return wire_next(&copy, &table, &in->room) == 1 &&
	       table.kind == WIRE_NODE && table.rows &&
	       table.columns > WIRE_NODE_ACCEPTS &&
	       (table.cells[WIRE_NODE_ACCEPTS] & what) &&
	       table.cells[WIRE_NODE_ACCEPTS] != WIRE_ABSENT;
}

/* What a stream's sender is told of a frame that is not taken. */
static void explain_refusal(struct ingest *in, const struct wire_frame *frame,
			    unsigned int reason)
{
	static const enum wire_refusal why[DROP_REASONS] = {
		[WIRE_E_UNSEALED] = WIRE_REFUSAL_UNSEALED,
		[DROP_VALUE] = WIRE_REFUSAL_VALUE,
		[DROP_CLONE] = WIRE_REFUSAL_CLONE,
		[DROP_FULL] = WIRE_REFUSAL_FULL,
	};

	in->where[0] = '\0';
	in->refusal = why[reason] && accepts(in, frame, WIRE_ACCEPTS_REFUSED) ?
			      why[reason] :
			      0;
}

static bool is_far(const struct ingest *in, uint64_t real_ns,
		   const struct node_time *now)
{
	const struct judge *judge = in->feed->judge;

	if (now->real_ns < CLOCK_2000_NS)
		return false;
	if (real_ns < CLOCK_2000_NS)
		return true;
	return (int64_t)(real_ns - now->real_ns) > CLOCK_FAR_NS &&
	       (!judge || judge_trusts(judge, now));
}

/*
 * The time that a frame is stored by: the node's own. If that is far ahead, or
 * before 2000, it is moved, and the times of its samples with it, to ours: by how
 * much that clock is known to be off, so that what waited in a queue keeps its
 * time; else to now.
 */
static uint64_t date(const struct ingest *in, struct node *node,
		     const struct wire_frame *frame,
		     const struct node_time *now)
{
	uint64_t real_ns = in->newest.mono_ns ? in->newest.real_ns :
						frame->time;
	uint64_t ahead_ns = (uint64_t)node->clock.offset_ns;

	if (!is_far(in, real_ns, now))
		return frame->time;
	if (!clock_known(&node->clock) || is_far(in, real_ns - ahead_ns, now))
		ahead_ns = real_ns - now->real_ns;
	if (!node->redated)
		log_warn(
			"node %s: its clock is far off; its samples are stored by our time",
			node->name);
	node->redated++;
	node->redated_ns = now->mono_ns;
	return frame->time - ahead_ns;
}

/* The history gets frames as they came; it decodes them when it folds them. */
static bool keep_frame(struct ingest *in, struct node *node,
		       const struct wire_frame *frame,
		       const struct store_mark *mark,
		       const struct node_time *now)
{
	uint8_t account[STATE_ACCOUNT_MAX];
	const struct store_frame kept = {
		.node = frame->sender.node,
		.time = node ? date(in, node, frame, now) : frame->time,
		.data = frame->at,
		.size = (size_t)(frame->end - frame->at),
		.mark = mark,
		.account = account,
		.account_size = node ? state_account(node, account) : 0,
	};

	return store_put(in->feed->store, &kept);
}

static enum wire_error open_or_why(struct ingest *in, struct wire_frame *frame,
				   const void *data, size_t size)
{
	enum wire_error error = wire_open(frame, data, size);
	struct feed *feed = in->feed;

	pthread_rwlock_rdlock(&feed->keys_lock);
	if (error == WIRE_E_SEALED && feed->keys.count)
		error = seal_open(frame, &feed->keys, data, size, in->plain);
	else if (!error && !feed->unsealed)
		error = WIRE_E_UNSEALED;
	if (!error &&
	    revoked_keys_have(&feed->revoked, frame->sender.node,
			      frame->flags & WIRE_SEALED ? frame->check : 0))
		error = (enum wire_error)DROP_REVOKED;
	pthread_rwlock_unlock(&feed->keys_lock);
	if (!error && frame->kind != WIRE_SAMPLES &&
	    frame->kind != WIRE_LEAVING && frame->kind != WIRE_ANSWER)
		error = WIRE_E_KIND;
	return error;
}

bool ingest_check(struct ingest *in, const void *data, size_t size)
{
	struct wire_frame frame;

	return wire_is_known(data) && !open_or_why(in, &frame, data, size);
}

static void count_frame(struct ingest *in, size_t size)
{
	count_up(&in->counts.frames, 1);
	count_up(&in->counts.bytes, size);
}

/* Count what came, and check it. */
static enum wire_error open_frame(struct ingest *in, struct wire_frame *frame,
				  const void *data, size_t size,
				  struct peer *from)
{
	enum wire_error error = open_or_why(in, frame, data, size);

	count_frame(in, size);
	if (error)
		ingest_drop_frame(in, error, frame, from);
	return error;
}

/* Return: 0; or why it was dropped, enum ingest_reason. */
static unsigned int take_datagram(struct ingest *in, struct wire_frame *frame,
				  struct peer *from)
{
	struct node_time now = { .real_ns = clock_real_ns(),
				 .mono_ns = clock_mono_ns() };
	enum node_verdict verdict;
	struct node *node = NULL;
	uint64_t cost;

	in->newest = (struct node_time){ 0 };
	verdict = nodes_take(in->feed->nodes, frame, &now, from, &node);
	if (verdict != NODE_OK) {
		ingest_drop_of(in, node, reason_of(verdict), from);
		if (node)
			ingest_take_rival(in, node, frame, &now);
		return reason_of(verdict);
	}
	if (!budget_cost(frame, &cost) ||
	    !budget_spend(&node->cells_ns, cost, now.mono_ns)) {
		ingest_drop_over_budget(in, node, from);
		return DROP_BUDGET;
	}
	take_tables(in, node, *frame, from, &now);
	if (in->feed->store)
		keep_frame(in, node, frame, NULL, &now);
	return 0;
}

/* No frame of it takes its account along. */
static void keep_account(struct ingest *in, const struct node *node)
{
	uint8_t account[STATE_ACCOUNT_MAX];
	const struct store_node n = {
		.node = node->id,
		.real_ns = node->last_seen.real_ns,
		.account = account,
		.account_size = state_account(node, account),
	};

	if (in->feed->store)
		store_put_node(in->feed->store, &n);
}

/* Its last word: the next frame that is taken of it takes that back. */
static void take_leaving(struct ingest *in, const struct wire_frame *frame)
{
	const struct wire_text where = { (const char *)frame->at,
					 (size_t)(frame->end - frame->at) };
	struct nodes *nodes = in->feed->nodes;
	struct node *node;

	nodes_lock(nodes, frame->sender.node);
	node = nodes_find(nodes, frame->sender.node);
	if (node && node->from.session == frame->sender.session) {
		node_leaves(nodes, node, &where);
		keep_account(in, node);
	}
	nodes_unlock(nodes, frame->sender.node);
}

void ingest_frame(struct ingest *in, const void *data, size_t size,
		  struct peer *from)
{
	struct nodes *nodes = in->feed->nodes;
	struct wire_frame frame;

	if (open_frame(in, &frame, data, size, from))
		return;
	if (in->feed->fleet) {
		refuse(REFUSAL_FEED_UDP, peer_text(from));
		return;
	}
	if (frame.kind == WIRE_LEAVING) {
		take_leaving(in, &frame);
		return;
	}
	if (frame.kind != WIRE_SAMPLES)
		return; /* nobody was asked over UDP */
	nodes_lock(nodes, frame.sender.node);
	take_datagram(in, &frame, from);
	nodes_unlock(nodes, frame.sender.node);
}

unsigned int ingest_posted(struct ingest *in, const void *data, size_t size,
			   struct peer *from)
{
	struct nodes *nodes = in->feed->nodes;
	struct wire_frame frame;
	unsigned int reason = wire_open(&frame, data, size);

	count_frame(in, size);
	if (reason)
		return reason;
	nodes_lock(nodes, frame.sender.node);
	reason = take_datagram(in, &frame, from);
	nodes_unlock(nodes, frame.sender.node);
	ingest_tick(in);
	return reason;
}

/*
 * Taken already: acknowledged if it is stored, else only its mark goes after
 * it, so that it is settled once the frame itself is.
 */
static enum ingest_fate take_again(struct ingest *in, struct session *session,
				   struct wire_frame *frame,
				   struct store_mark *mark, struct peer *from)
{
	ingest_drop_of(in, nodes_find(in->feed->nodes, frame->sender.node),
		       DROP_DUPLICATE, from);
	mark->stored = session->stored;
	if (mark->sequence <= session->stored)
		return INGEST_STORED;
	frame->at = frame->end;
	return keep_frame(in, NULL, frame, mark, NULL) ? INGEST_TAKEN :
							 INGEST_BUSY;
}

static enum ingest_fate take_new(struct ingest *in, struct session *session,
				 struct wire_frame *frame,
				 const struct store_mark *mark,
				 struct peer *from)
{
	struct node_time now = { .real_ns = clock_real_ns(),
				 .mono_ns = clock_mono_ns() };
	enum node_verdict verdict;
	struct node *node = nodes_find(in->feed->nodes, frame->sender.node);
	uint64_t cost, account = node ? node->cells_ns : 0;
	bool over = !budget_cost(frame, &cost);
	bool again = session->tried == frame->sequence;

	in->newest = (struct node_time){ 0 };
	/* Before anything is counted: the frame may have to come again. */
	if (store_full(in->feed->store) ||
	    (!over && !budget_spend(&account, cost, now.mono_ns)))
		return INGEST_BUSY;
	verdict = nodes_take_stored(in->feed->nodes, frame, &now, from, &node);
	if (verdict == NODE_CLONE || verdict == NODE_STRAGGLER)
		ingest_take_rival(in, node, frame, &now);
	if (verdict == NODE_CLONE || verdict == NODE_ABSURD ||
	    verdict == NODE_FULL) {
		ingest_drop_of(in, node, reason_of(verdict), from);
		explain_refusal(in, frame, reason_of(verdict));
		return verdict == NODE_CLONE ? INGEST_CLONE : INGEST_REFUSED;
	}
	/* It was stored before this process, or its session was forgotten. */
	if (verdict == NODE_DUPLICATE && !again)
		ingest_drop_of(in, node, DROP_DUPLICATE, from);
	/* Its mark alone: the sender is to go on after it. */
	if (over)
		frame->at = frame->end;
	if (over && !again)
		ingest_drop_over_budget(in, node, from);
	/* Of the node: it may begin as many sessions as it likes. */
	if (verdict == NODE_OK) {
		node->cells_ns = account;
		take_tables(in, node, *frame, from, &now);
	}
	session->tried = frame->sequence;
	if (!keep_frame(in, node, frame, mark, &now))
		return INGEST_BUSY;
	session->accepted = mark->sequence;
	session->connection = mark->connection;
	return INGEST_TAKEN;
}

static void name_frame(struct store_mark *mark, const struct wire_frame *frame)
{
	memcpy(mark->node, frame->sender.node, sizeof(mark->node));
	mark->session = frame->sender.session;
	mark->sequence = frame->sequence;
	mark->key = frame->flags & WIRE_SEALED ? frame->check : 0;
}

/* A node that is not taken here: its collector takes over in a moment, or is another one. */
static enum ingest_fate
turn_away(struct ingest *in, const struct wire_frame *frame, struct peer *from)
{
	enum membership_owner whose = MEMBERSHIP_NOBODY;

	in->where[0] = '\0';
	if (in->feed->fleet)
		whose = membership_owner(in->feed->fleet, frame->sender.node,
					 in->where, sizeof(in->where));
	if (whose == MEMBERSHIP_US)
		return INGEST_BUSY;
	refuse(REFUSAL_FEED_MOVED, peer_text(from));
	in->refusal = accepts(in, frame, WIRE_ACCEPTS_REFUSED) ?
			      WIRE_REFUSAL_MOVED :
			      0;
	return INGEST_REFUSED;
}

/* What was known of it when the node was last here may not be so any more. */
static void begin_term(struct session *session, unsigned int term)
{
	if (session->term == term)
		return;
	session->term = term;
	session->stored = session->accepted = session->tried = 0;
	session->connection = 0;
}

static enum ingest_fate take_stream(struct ingest *in, unsigned int lock,
				    struct wire_frame *frame, struct peer *from,
				    struct store_mark *mark)
{
	unsigned int term = store_term(in->feed->store, frame->sender.node);
	struct session *session;

	name_frame(mark, frame);
	mark->outlet = in->outlet;
	if (!term)
		return turn_away(in, frame, from);
	session = sessions_get(&in->feed->sessions, lock, frame->sender.node,
			       frame->sender.session, clock_mono_ns());
	if (!session)
		return INGEST_BUSY;
	begin_term(session, term);
	mark->after = session->accepted;
	if (frame->sequence <= session->accepted)
		return take_again(in, session, frame, mark, from);
	return take_new(in, session, frame, mark, from);
}

enum ingest_fate ingest_stream(struct ingest *in, const void *data, size_t size,
			       struct peer *from, struct store_mark *mark)
{
	struct nodes *nodes = in->feed->nodes;
	struct wire_frame frame;
	enum ingest_fate fate;
	unsigned int lock;
	enum wire_error error;

	/* A newer sender's, which may have flags of its own, too. */
	if (!wire_is_known(data)) {
		count_frame(in, size);
		ingest_drop(in, WIRE_E_KIND, from);
		return INGEST_DROPPED;
	}
	in->refusal = 0;
	error = open_frame(in, &frame, data, size, from);
	/* A revoked key is as good as one that is not known. */
	if (error == (enum wire_error)DROP_REVOKED)
		error = WIRE_E_KEY;
	if (error == WIRE_E_KEY || error == WIRE_E_UNSEALED)
		name_frame(mark, &frame);
	if (error == WIRE_E_KEY)
		return INGEST_NO_KEY;
	if (error == WIRE_E_UNSEALED)
		explain_refusal(in, &frame, error);
	if (error)
		return error == WIRE_E_KIND ? INGEST_DROPPED : INGEST_REFUSED;
	if (frame.kind == WIRE_LEAVING) {
		take_leaving(in, &frame);
		return INGEST_DROPPED;
	}
	if (frame.kind == WIRE_ANSWER) {
		if (in->feed->relay)
			relay_answer(in->feed->relay, &frame);
		return INGEST_DROPPED;
	}
	lock = nodes_lock(nodes, frame.sender.node);
	fate = take_stream(in, lock, &frame, from, mark);
	nodes_unlock(nodes, frame.sender.node);
	return fate;
}
