/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the history is kept, below all that makes and reads it: fold, merge, rollup and
 * query know this interface only. An engine keeps bytes under keys, and looks into none
 * of them. The bytes are those of docs/history.md.
 *
 * What is kept, and by which key:
 *
 *   mark      node, session -> sequence of the newest frame that is stored
 *   account   node -> bytes, with the real time of its newest frame
 *   latest    node -> bytes: its latest values
 *   log       number -> a row: the frames of a commit (frame_log.h)
 *   node      node -> name, version, time of first and last sample, number of the log up
 *             to which its frames are folded
 *   part      node, hour -> chunks of some minutes of it, in the order they were put
 *   chunk     tier, node, hour -> one chunk
 *   loss      node, minute -> counts
 *   aside     node -> rows like those of the log, that could not be folded
 *   note      what is being folded or merged, see begin()
 *
 * A node is its id on the wire, WIRE_ID_SIZE bytes. An hour is tier_hour() of a real time,
 * a minute is its real time / HISTORY_LOSS_STEP_NS. Times are real, ns since 1970. What an
 * engine numbers its nodes by inside is its own affair.
 *
 * Order. A sample is first in the log, then in a part, then in a chunk. fold() puts parts
 * before trim() deletes the log's rows, merge() puts a chunk as it deletes the parts that it
 * was made of. So who reads the log, then parts, then chunks, misses nothing that is there,
 * without a view of one moment; what was moved meanwhile is found twice, and told by its
 * head (gather_build()). Within one call an engine changes all of an item, or nothing.
 *
 * Durability. What commit(), fold() and merge() return 0 for has to survive a kill of
 * this process and a loss of power at any later moment, as far as the engine's setting
 * says so: senders delete what they were told of. An error of fold() and merge() means
 * that it may be there or not: the caller does it again, and doing either twice has to be
 * the same as doing it once. An error of commit() has to mean that nothing is kept, as
 * the frames are not folded then, and come again by their senders. An engine whose answer
 * was lost asks until it knows, ends the program, or sets unsettled: then settle() is
 * called before anything else is, and tells which rows of the log were kept all the same.
 *
 * A commit has the frames of all nodes of its handle in one row of the log. An engine that
 * keeps partitions apart has a handle for each, or tells frames by their nodes
 * (frame_log.h): then there may be several rows with a number, each with other nodes'.
 *
 * Several collectors may write to one store, each of them some slices of all nodes
 * (groups_slice()): an engine that can do so writes only those that it has claimed, and
 * refuses by itself what one sends that does not know yet that another one has them.
 *
 * Errors are negative errnos, and problem() has one line about the last one:
 *   -EIO      it can't be done now: a full disk, a server that is away; tried again later
 *   -ENOENT   of commit(): the store is not there any more, the program ends. Of
 *             questions: nothing is kept by this key
 *   -EAGAIN   of commit(): a mark is not what it was, all is to be asked again
 *   -ENOMEM, -E2BIG   of what was to be written: maybe of this item only
 * What a callback returns other than 0 ends the call, and is returned by it.
 *
 * Threads. There is one handle that writes, of one thread at a time; who opens a second
 * one is refused. Each thread that reads has a handle of its own, in this process or
 * another one. Neither waits for the other for more than a moment.
 *
 * Memory. Pointers that are given in are used until the call returns; what a callback is
 * given is valid until it returns, and it may call no function of the same handle.
 */
#ifndef KTACH_COLLECTOR_HISTORY_ENGINE_H
#define KTACH_COLLECTOR_HISTORY_ENGINE_H

#include <stdbool.h>

#include "collector/history/history.h"
#include "collector/history/store.h"
#include "collector/history/tier.h"

struct engine_ops;

/**
 * struct engine - the head of a handle
 * @ops: its functions
 * @last_log: the highest number that a row of the log ever had; a number does not come
 *            again, and those that commit() gives rise. Kept by the engine
 * @lost: commits that were acknowledged and are gone by damage, seen when it was opened
 * @unsettled: what was written last may be kept, or a part of it: until settle() returns 0
 *             nothing is written or believed. Kept by the engine
 * @slices: true for those that it writes; NULL: all. Kept by the engine: one may go by
 *          settle(), as another collector has it
 */
struct engine {
	const struct engine_ops *ops;
	uint64_t last_log;
	uint64_t lost;
	bool unsettled;
	const bool *slices;
};

struct engine_key {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t hour;
};

struct engine_blob {
	const void *data;
	size_t size;
};

/**
 * struct engine_mark - how far a session comes with a commit
 * @node: whose
 * @session: which
 * @sequence: its newest frame
 * @known: the session has a mark
 * @before: then that is this one
 *
 * A session that is not known makes the node's oldest ones go but for
 * STORE_SESSIONS_MAX.
 */
struct engine_mark {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t session;
	uint64_t sequence;
	bool known;
	uint64_t before;
};

/**
 * struct engine_commit - all of it is kept, or nothing
 * @real_ns: now
 * @marks: -EAGAIN if one is not known, or known, or before, as it says
 * @mark_count: of them
 * @states: accounts and values, in place of the ones before
 * @state_count: of them
 * @losses: added to what the same minute has
 * @loss_count: of them
 * @log: a row of the log, numbered last_log + 1, which last_log then is; no bytes: none
 */
struct engine_commit {
	uint64_t real_ns;
	const struct engine_mark *marks;
	size_t mark_count;
	const struct store_node *states;
	size_t state_count;
	const struct store_loss *losses;
	size_t loss_count;
	struct engine_blob log;
};

/* A part, and its hour. */
struct engine_part {
	uint64_t hour;
	struct engine_blob data;
};

/**
 * struct engine_fold - what a node's frames became
 * @node: whose; new ones are made
 * @log: its frames of the log up to this row are folded; 0: what is put came from
 *       elsewhere, and says nothing of the log
 * @name: "" if they did not tell; then that and @version stay as they are. So they do if
 *        @log is 0 and there is one
 * @version: of its shipper
 * @first_ns: of the oldest sample, widens what is kept; later than @last_ns: none
 * @last_ns: of the newest one
 * @parts: appended to those of their hours
 * @part_count: of them
 * @aside: the frames, if they can't be folded; the oldest go but for ENGINE_ASIDE_MAX
 *         of all nodes
 * @real_ns: now
 */
struct engine_fold {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t log;
	const char *name;
	const char *version;
	uint64_t first_ns;
	uint64_t last_ns;
	const struct engine_part *parts;
	size_t part_count;
	struct engine_blob aside;
	uint64_t real_ns;
};

/**
 * struct engine_merge - what an hour's parts became
 * @key: of them
 * @chunks: by tier, in place of the ones before; without bytes those stay
 * @parts: so many are deleted, the oldest ones: they were merged; SIZE_MAX: all
 */
struct engine_merge {
	struct engine_key key;
	struct engine_blob chunks[TIERS];
	size_t parts;
};

enum engine_limits {
	ENGINE_ASIDE_MAX = 64,
	ENGINE_TRIES_MAX =
		3, /* begun so often and not ended: it is not to be tried */
	ENGINE_PARTS =
		TIERS, /* of struct engine_piece and engine_drop: parts, no tier */
	ENGINE_PIECES
};

/**
 * struct engine_node - who is there
 * @id: which
 * @name: told last
 * @version: likewise
 * @first_ns: of the oldest sample that ever was
 * @last_ns: of the newest one
 * @folded: its frames of the log up to this row are in parts
 */
struct engine_node {
	uint8_t id[WIRE_ID_SIZE];
	const char *name;
	const char *version;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t folded;
};

/**
 * struct engine_piece - a chunk or a part
 * @tier: enum tier or ENGINE_PARTS
 * @key: its key; the node is all zeroes where that is not known
 * @orphan: it is of no node that is kept: nobody can ask for it
 * @name: what the engine's own tools call it
 * @data: its bytes; NULL: they can't be read, nor can what follows of this tier
 */
struct engine_piece {
	int tier;
	struct engine_key key;
	bool orphan;
	const char *name;
	struct engine_blob data;
};

/**
 * struct engine_drop - what is to go
 * @tier: enum tier or ENGINE_PARTS
 * @node: of this one; NULL: of any
 * @from: from this hour on
 * @to: up to before this one
 * @most: so many, the oldest ones
 */
struct engine_drop {
	int tier;
	const uint8_t *node;
	uint64_t from;
	uint64_t to;
	unsigned int most;
};

/**
 * struct engine_age - what is to be forgotten; 0 spares it
 * @marks_ns: marks that were set before
 * @states_ns: accounts of before, and the same nodes' latest values
 * @minute: losses of before
 * @future: losses of this minute and later ones
 * @hour: parts of before that are set aside
 */
struct engine_age {
	uint64_t marks_ns;
	uint64_t states_ns;
	uint64_t minute;
	uint64_t future;
	uint64_t hour;
};

/**
 * struct engine_room - how much there is, bytes
 * @used: by all that is kept
 * @log: of it by the log, which gives it back by itself
 * @left: until what it lies on is full
 * @all: of what it lies on; 0: not known, as @left then
 */
struct engine_room {
	uint64_t used;
	uint64_t log;
	uint64_t left;
	uint64_t all;
};

/**
 * struct engine_aside - what is set aside
 * @count: rows of frames, and hours of parts
 * @node: of one of them
 * @tried: how many are where they are tried again
 */
struct engine_aside {
	uint64_t count;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t tried;
};

/**
 * struct engine_walk - over all pieces of a tier
 * @tier: enum tier or ENGINE_PARTS
 * @at: the engine's own: how far it came
 * @moved: @at says something; not at the begin
 */
struct engine_walk {
	int tier;
	int64_t at;
	bool moved;
};

typedef int engine_found_blob(void *context, const void *data, size_t size);
typedef int engine_found_log(void *context, uint64_t number, const void *data,
			     size_t size);
typedef int engine_found_piece(void *context, const struct engine_piece *p);
typedef int engine_found_commit(void *context, const struct engine_commit *c);
typedef void engine_found_id(void *context, const uint8_t *node);
typedef void engine_found_node(void *context, const struct engine_node *n);
typedef void engine_found_loss(void *context, const struct history_loss *l);

/**
 * struct engine_claim - slices that this handle writes from now on, and no other ones
 * @epoch: higher than that of any claim before that has one of them
 * @slices: true for them
 * @node: told the nodes of those that it did not have
 * @log: then their rows of the log
 * @context: for both
 */
struct engine_claim {
	uint64_t epoch;
	const bool *slices;
	engine_found_node *node;
	engine_found_log *log;
	void *context;
};

/**
 * struct engine_ops - an engine
 *
 * Of any handle:
 * @close: the end of it; what was committed stays
 * @problem: what went wrong last, one line
 *
 * The writer's:
 * @commit: keep struct engine_commit
 * @settle: find out what was kept though an error was returned: tell rows of the log that
 *          nobody was told of; NULL for an engine that is never unsettled
 * @claim: see struct engine_claim; NULL for an engine that one collector writes. After an
 *         error those that it did not have are not its own. -EAGAIN: nor are some that it
 *         had, as others had them meanwhile; to be made again
 * @mark: the newest frame of a session that is stored; -ENOENT: no mark
 * @retry: at the start, with so many bytes of memory: frames that were set aside by
 *         another version of this program become rows behind the log's; so do all, and
 *         parts that were are ripe() again, if this version has not tried it with seven
 *         eighths of that memory
 * @trim: delete rows of the log before a number, now or later
 * @fold: keep struct engine_fold, each by itself; one whose @log is not beyond what is
 *        kept of that node is done already
 * @ripe: find keys of parts that are not set aside, of hours before one, or that are at
 *        least so many; return how many were found, at most @most, the oldest first
 * @merge: keep struct engine_merge, each by itself
 * @set_aside: parts of a key are not ripe() any more, but of no other interest
 * @begin: note that a node's frames (hour -1) or an hour's parts are worked on, so that
 *         whoever comes after a kill knows: return how often it was begun and not ended,
 *         this time counted: beyond ENGINE_TRIES_MAX it is set aside. Neither has to be
 *         durable against a loss of power
 * @end: it is done
 * @drop: delete some of what struct engine_drop says. Return how many, fewer than @most
 *        only if there are no more
 * @forget: see struct engine_age
 * @room: see struct engine_room
 * @largest: the node with most bytes in parts and chunks; -ENOENT: none
 * @everybody: tell each node of which anything is kept
 * @small: tell all that is kept of a node beside samples and its row, as a commit would
 *         have it for which nothing is kept; not if there is nothing
 * @leave: forget all that @small tells; with @row its row, too, if it has no parts or
 *         chunks; none of the log's rows
 * @shrink: give back memory that was only for speed
 *
 * Anybody's:
 * @hold: many questions come until @let_go: a hint, which may make them answers of one
 *        moment. No caller may need that
 * @let_go: they were all
 * @nodes: tell all
 * @find: one; its texts are ""
 * @logs: rows of the log, by rising numbers
 * @parts: of a key, in the order that they were put, those that are set aside not
 * @chunk: of a key; -ENOENT
 * @next: the first hour from one on that has anything of a node; an earlier one will do
 *        (that of another node), a later one not. UINT64_MAX: there is none
 * @walk: tell a tier's pieces from where the walk is, chunks by rising hours, parts as they
 *        were put. When a callback ends it, it can go on behind that piece
 * @losses: of a node, by steps, as history_losses()
 * @accounts: those of the newest nodes, by rising ids
 * @latest: values of nodes after an id, by rising ids
 */
struct engine_ops {
	void (*close)(struct engine *e);
	const char *(*problem)(const struct engine *e);

	int (*commit)(struct engine *e, const struct engine_commit *c);
	int (*settle)(struct engine *e, engine_found_log *found, void *context);
	int (*claim)(struct engine *e, const struct engine_claim *c);
	int (*mark)(struct engine *e, const uint8_t *node, uint64_t session,
		    uint64_t *stored);
	int (*retry)(struct engine *e, uint64_t memory,
		     struct engine_aside *left);
	int (*trim)(struct engine *e, uint64_t first);
	int (*fold)(struct engine *e, const struct engine_fold *folds,
		    size_t count);
	int (*ripe)(struct engine *e, uint64_t hour, unsigned int parts,
		    struct engine_key *keys, unsigned int most);
	int (*merge)(struct engine *e, const struct engine_merge *merges,
		     size_t count);
	int (*set_aside)(struct engine *e, const struct engine_key *key);
	uint64_t (*begin)(struct engine *e, const uint8_t *node, int64_t hour);
	void (*end)(struct engine *e);
	int (*drop)(struct engine *e, const struct engine_drop *d);
	int (*forget)(struct engine *e, const struct engine_age *a);
	int (*room)(struct engine *e, struct engine_room *room);
	int (*largest)(struct engine *e, uint8_t *node, uint64_t *bytes);
	int (*everybody)(struct engine *e, engine_found_id *found,
			 void *context);
	int (*small)(struct engine *e, const uint8_t *node,
		     engine_found_commit *found, void *context);
	int (*leave)(struct engine *e, const uint8_t *node, bool row);
	void (*shrink)(struct engine *e);

	int (*hold)(struct engine *e);
	void (*let_go)(struct engine *e);
	int (*nodes)(struct engine *e, engine_found_node *found, void *context);
	int (*find)(struct engine *e, const uint8_t *node,
		    struct engine_node *n);
	int (*logs)(struct engine *e, engine_found_log *found, void *context);
	int (*parts)(struct engine *e, const struct engine_key *key,
		     engine_found_blob *found, void *context);
	int (*chunk)(struct engine *e, enum tier tier,
		     const struct engine_key *key, engine_found_blob *found,
		     void *context);
	int (*next)(struct engine *e, const uint8_t *node, uint64_t hour,
		    uint64_t *first);
	int (*walk)(struct engine *e, struct engine_walk *w,
		    engine_found_piece *found, void *context);
	int (*losses)(struct engine *e, const struct history_losses_query *q,
		      engine_found_loss *found, void *context);
	int (*accounts)(struct engine *e, size_t count, history_state *found,
			void *context);
	int (*latest)(struct engine *e, const uint8_t *after, size_t count,
		      history_state *found, void *context);
};

#endif /* KTACH_COLLECTOR_HISTORY_ENGINE_H */
