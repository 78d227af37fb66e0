/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes that sent frames, and the latest that is known of each. Nothing
 * here does I/O or asks a clock.
 *
 * Several threads take frames, others answer questions. A node has a lock (it
 * shares it with few others): who changes it, or looks at it, holds that with
 * nodes_lock(), and no other node's. Who takes a frame holds it for the whole
 * frame, who asks for one node at a time (collector/nodes/visit.h). The list has
 * one of its own, below it, which is never held while a node is looked at. Only
 * one thread forgets nodes.
 */
#ifndef KTACH_COLLECTOR_NODES_NODE_H
#define KTACH_COLLECTOR_NODES_NODE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/base/loss.h"
#include "collector/nodes/alarms.h"
#include "collector/nodes/clock.h"
#include "collector/nodes/facts.h"
#include "collector/nodes/run.h"
#include "collector/nodes/samples.h"
#include "collector/nodes/session.h"
#include "collector/nodes/sequence.h"
#include "collector/nodes/values.h"
#include "lib/base/barrier.h"
#include "lib/base/node_id.h"
#include "lib/wire/wire.h"

enum node_limits {
	NODES_MAX = 65536,
	NODES_ROWS_MIN = 1 << 17, /* of all nodes and tables */
	NODES_ROW_BYTES = 8192, /* of our memory there may be one */
	NODE_ROWS_SHARE = 16, /* of those one node may have a part */
	NODE_ROWS_GONE = 16384, /* of one that is gone are kept */
	NODE_BUCKETS = 1 << 14,
	NODE_LOCKS = 1 << 12, /* divides NODE_BUCKETS */
	NODE_NAME_SIZE = 256,
	NODE_VERSION_SIZE = 64,
	NODE_FIGURES = 5, /* that are asked for all the time */
};

enum node_state {
	NODE_FRESH,
	NODE_LAGGING, /* a few periods without a sample */
	NODE_GONE,
	NODE_MOVED, /* it said that it goes to another collector */
	NODE_ENDED, /* it said that it ends */
	NODE_STATES
};

enum node_shed {
	NODE_SHED_UNKNOWN,
	NODE_SHED_FORMER, /* of the sessions before this one */
	NODE_SHED_TOLD, /* this session has told what was before it */
};

/**
 * struct node - one sender
 * @next: in its hash bucket
 * @lock: which of the table's it has
 * @id: who it is
 * @id_text: @id as a UUID
 * @name: clean; its id until it says its name
 * @renamed: nodes->renamed when it said that name first; 0: not in this run
 * @version: of its shipper
 * @period_ns: time between two of its frames, 0 until known
 * @shipper: what it said of itself last, by columns of WIRE_NODE; zeroes until then
 * @send_failed: frames that its kernel refused to send
 * @shed: what it lost, from LOSS_QUEUE to LOSS_KEY
 * @unknown: frames of kinds that it did not know, which came back to it
 * @from: the sender that frames are taken from
 * @past: sessions before, the last one first; what is left of them is dropped
 * @rivals: other senders that were refused
 * @rivals_told_ns: when the log named them last, monotonic
 * @sessions: seen so far
 * @sessions_before: of them, when @minute_ns began
 * @minute_ns: since then they are counted
 * @sequence: frame numbers of the session that is taken
 * @received: frames taken, of all sessions
 * @dropped: what was not taken of it, by enum node_drop
 * @moved_to: where it said that it goes, by its configuration; "" if it did not, or
 *            came back
 * @ended: 1: it said that it ends, and did not come back
 * @first: number of its session's first frame among all of the node's, as it said;
 *         0: it did not
 * @next_first: the same of the first frame that is behind its former sessions; 0: not known
 * @untaken: frames of former sessions that no collector took, as it said last
 * @carried: of @shed, what former sessions lost without that it was told here
 * @shed_before: what has been told of all of the node's sessions, less @shed
 * @shed_known: whether @shed_before is known: enum node_shed
 * @by_stream: its newest frame came over TCP
 * @elsewhere: frames that went to another collector, as their numbers tell
 * @shared: session whose beginning did; 0: none
 * @shared_from: its first frame that came here
 * @lost_before: frames lost in earlier sessions
 * @cells_ns: its account, see collector/feed/budget.h
 * @first_seen: when the collector met it
 * @last_seen: when the newest frame came that samples were taken of
 * @clock: beside ours
 * @clock_told: the log said that it is off
 * @clock_told_ns: when it last said so, or that it is not; 0: it never did
 * @redated: frames whose samples are stored by our time, as its clock is far off
 * @redated_ns: when the newest one came, monotonic
 * @budget: rows that it may still have
 * @rows_told: budget.refused when the log was told
 * @rows_refused_ns: when a row was refused last, monotonic; 0: none was
 * @restored: it is from a former run, and has sent nothing in this one
 * @silent_ns: how long it had been silent at @last_seen.mono_ns
 * @saved_ns: when its values went to the history last, monotonic; 0: not yet
 * @saved: @serial then
 * @cpu: WIRE_CPU
 * @softirq: WIRE_SOFTIRQ
 * @net: WIRE_NET
 * @gauges: WIRE_GAUGES
 * @counters: WIRE_COUNTERS
 * @facts: WIRE_FACTS
 * @new_facts: some came since what is stacked was marked
 * @mark_after_ns: not again before this, monotonic: it took long
 * @more: by enum wire_table_kind, of the kinds that are not sent by each node;
 *        NULL without
 * @run: of its newest tables
 * @mono_ns: of its newest table
 * @aged_ns: as it was when what does not come any more was looked for last
 * @losses: as they were when node_losses() was asked last
 * @losses_known: it was
 * @alarms: rules that hold of it (collector/alarms/warden.h)
 * @serial: nodes->serial when something of it changed last
 * @state: as it was when nodes_age() looked last
 * @forgotten: it is on its way out of the list
 * @figures: what collector/figures/figure.c worked out when @serial was @figures_serial
 * @figures_known: a bit for each of them that it did
 */
struct node {
	struct node *next;
	unsigned int lock;
	uint8_t id[WIRE_ID_SIZE];
	char id_text[NODE_ID_TEXT_SIZE];
	char name[NODE_NAME_SIZE];
	uint64_t renamed;
	char version[NODE_VERSION_SIZE];
	uint64_t period_ns;
	uint64_t shipper[WIRE_NODE_COLUMNS];
	uint64_t send_failed;
	uint64_t shed[LOSS_KEY - LOSS_QUEUE + 1];
	uint64_t unknown;
	struct sender from;
	struct sender_past past[SENDER_PASTS];
	struct rival *rivals;
	uint64_t rivals_told_ns;
	uint64_t sessions;
	uint64_t sessions_before;
	uint64_t minute_ns;
	struct sequence sequence;
	uint64_t received;
	uint64_t dropped[NODE_DROPS];
	char moved_to[NODE_NAME_SIZE];
	uint64_t ended;
	uint64_t first;
	uint64_t next_first;
	uint64_t untaken;
	uint64_t carried[LOSS_KEY - LOSS_QUEUE + 1];
	uint64_t shed_before[LOSS_KEY - LOSS_QUEUE + 1];
	uint64_t shed_known;
	bool by_stream;
	uint64_t elsewhere;
	uint64_t shared;
	uint64_t shared_from;
	uint64_t lost_before;
	uint64_t cells_ns;
	struct node_time first_seen;
	struct node_time last_seen;
	struct clock clock;
	bool clock_told;
	uint64_t clock_told_ns;
	uint64_t redated;
	uint64_t redated_ns;
	struct samples_budget budget;
	uint64_t rows_told;
	uint64_t rows_refused_ns;
	bool restored;
	uint64_t silent_ns;
	uint64_t saved_ns;
	uint64_t saved;
	struct samples cpu;
	struct samples softirq;
	struct samples net;
	struct gauges gauges;
	struct counters counters;
	struct facts facts;
	bool new_facts;
	uint64_t mark_after_ns;
	struct samples *more[WIRE_KINDS];
	struct run run;
	uint64_t mono_ns;
	uint64_t aged_ns;
	uint64_t losses[LOSS_CAUSES];
	bool losses_known;
	struct alarms alarms;
	uint64_t serial;
	enum node_state state;
	bool forgotten;
	double figures[NODE_FIGURES];
	uint64_t figures_serial;
	uint32_t figures_known;
};

/**
 * struct nodes - all of them
 * @locks: of nodes, and of their buckets
 * @list_lock: of @list, @count, @gone and @visits
 * @list: in the order of their ids, so that an answer's order is stable
 * @count: of @list
 * @gone: nodes that are forgotten, while somebody may still look at them
 * @visits: who do
 * @rows_max: rows of all nodes, by the memory that there is
 * @rows_left: rows that may still be made; atomic
 * @serial: goes up with every change of any node; atomic
 * @forgotten: nodes, so far; atomic
 * @sessions_told_ns: when the log last named a node that begins very many
 * @renamed: goes up with every new name of any node; atomic
 * @renamed_seen: of it, when namesakes were looked for last
 * @namesakes_told_ns: when the log named some last; 0: it never did
 */
struct nodes {
	struct node *buckets[NODE_BUCKETS];
	pthread_mutex_t locks[NODE_LOCKS];
	pthread_mutex_t list_lock;
	struct node **list;
	size_t count;
	struct node *gone;
	unsigned int visits;
	size_t rows_max;
	size_t rows_left;
	uint64_t serial;
	uint64_t forgotten;
	uint64_t sessions_told_ns;
	uint64_t renamed;
	uint64_t renamed_seen;
	uint64_t namesakes_told_ns;
};

/* Something of it is another than before. */
static inline void node_changed(struct nodes *nodes, struct node *node)
{
	node->serial = add_relaxed(&nodes->serial, 1) + 1;
}

/* Why a frame, or a table, was not taken. Who drops it counts that. */
enum node_verdict {
	NODE_OK,
	NODE_DUPLICATE,
	NODE_LATE,
	NODE_STRAGGLER, /* of a session that has ended */
	NODE_CLONE, /* another sender has the node's id, too */
	NODE_ABSURD, /* sequence, session, id or values that can't be */
	NODE_FULL, /* no room for another node or row */
};

/* @memory_bytes: what this process may use, 0: not known. */
int nodes_init(struct nodes *nodes, uint64_t memory_bytes);

/* Rows that a node may have. */
size_t nodes_rows_of_one(const struct nodes *nodes);

/* Whether rows of it were left out lately. */
bool node_is_cut(const struct node *node, uint64_t mono_ns);
void nodes_exit(struct nodes *nodes);

/* A node by its id, which is locked; NULL: it is not there. */
struct node *nodes_find(struct nodes *nodes, const uint8_t *id);

/* The node of a frame, or a new one. NULL: there is no room. */
struct node *nodes_get(struct nodes *nodes, const struct wire_frame *frame,
		       const struct node_time *now);

/* Keep other threads from a node, whether it is there or not. Returns which lock
 * that is: what else belongs to nodes can be kept by it, too.
 */
unsigned int nodes_lock(struct nodes *nodes, const uint8_t *id);
void nodes_unlock(struct nodes *nodes, const uint8_t *id);

/**
 * nodes_take() - account for a frame
 * @nodes: the table
 * @frame: opened with wire_open()
 * @now: when it came
 * @from: from where
 * @node: set if there is one: whose tables follow, if the verdict is NODE_OK
 */
enum node_verdict nodes_take(struct nodes *nodes,
			     const struct wire_frame *frame,
			     const struct node_time *now, struct peer *from,
			     struct node **node);

/**
 * nodes_take_stored() - the same for a frame that came over TCP
 *
 * Such frames are in order, and doubles are out already. What is missing before
 * one went to another collector: it is not lost.
 *
 * A frame that was late by a restart of its sender (NODE_STRAGGLER), or comes
 * again because the history could not keep it (NODE_DUPLICATE), is history, but
 * no news.
 */
enum node_verdict nodes_take_stored(struct nodes *nodes,
				    const struct wire_frame *frame,
				    const struct node_time *now,
				    struct peer *from, struct node **node);

/* It said that it goes there, "" that it ends: until samples of it are taken. */
void node_leaves(struct nodes *nodes, struct node *node,
		 const struct wire_text *where);

/* Samples of a frame were taken: nothing else makes a node fresh. */
void node_seen(struct nodes *nodes, struct node *node,
	       const struct node_time *now);

/* The node's rows of a kind, empty if it sent none; NULL for a kind that is not kept
 * as rows.
 */
const struct samples *node_samples(const struct node *node, uint32_t kind);

/* To be called before the tables of a frame that was taken. */
static inline void node_begin_frame(struct node *node, uint64_t number)
{
	run_frame(&node->run, number);
}

/* Bring a node up to date with a table of a frame that was taken. */
enum node_verdict node_take(struct nodes *nodes, struct node *node,
			    const struct wire_table *table);

/* Before rows are read: put those of its tables in order. */
void node_settle(struct node *node);

/* After the tables of a frame: find out which interfaces lie on others. */
void node_mark_stacked(struct node *node, uint64_t mono_ns);

/* Of a node that is gone: forget its largest tables, unless all of them are small. */
void node_forget_large(struct node *node);

/* Forget all tables: rates would mix two kernels, or two senders. */
void node_forget_tables(struct nodes *nodes, struct node *node);

/* Frames that are missing, of all sessions. */
uint64_t node_lost(const struct node *node);

/* What is missing so far, by cause; those of the sender are its session's. */
void node_lost_by_cause(const struct node *node, uint64_t count[LOSS_CAUSES]);

/* What was lost since the last time this was asked, and whether anything was. */
bool node_losses(struct node *node, int64_t lost[LOSS_CAUSES]);

/* The session that is taken ends, before its tables are forgotten; @next_is_new:
 * nothing of the next one was taken before.
 */
void node_losses_end_session(struct node *node, bool next_is_new);

/* Forget nodes that have been silent for longer than @keep_ns. It, and
 * nodes_age(), are one thread's.
 */
void nodes_forget(struct nodes *nodes, uint64_t mono_ns, uint64_t keep_ns);

/* Time since its newest sample, or since it came if there was none; 0 if that was after
 * @mono_ns was asked for.
 */
uint64_t node_age_ns(const struct node *node, uint64_t mono_ns);

enum node_state node_state(const struct node *node, uint64_t mono_ns);

/* Whether its last values are of the past: it is gone, or said that it goes. */
static inline bool node_is_away(const struct node *node)
{
	return node->state >= NODE_GONE;
}

/* "fresh", "late", "gone", "moved", "ended" */
const char *node_state_name(enum node_state state);

/* About once a second: a node that fell silent has changed, too. */
void nodes_age(struct nodes *nodes, uint64_t mono_ns);

#endif /* KTACH_COLLECTOR_NODES_NODE_H */
