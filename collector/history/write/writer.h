/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the store's thread does: commit, fold, merge, delete. */
#ifndef KTACH_COLLECTOR_HISTORY_WRITE_WRITER_H
#define KTACH_COLLECTOR_HISTORY_WRITE_WRITER_H

#include "collector/history/engine.h"
#include "collector/history/fold/fold.h"
#include "collector/history/groups.h"
#include "collector/history/store.h"

/**
 * struct queued - a frame in the queue; its payload follows, and the account of
 * its node, each in whole words
 * @mark: of a marked one; the answer goes in here
 * @frame: its size, node and time, as they go to the log
 * @real_ns: when it came
 * @account_size: bytes of the account
 * @marked: it came over TCP
 * @withdrawn: it is not to be kept
 */
struct queued {
	struct store_mark mark;
	struct kept_frame frame;
	uint64_t real_ns;
	uint32_t account_size;
	bool marked;
	bool withdrawn;
};

/* What is known of a node, in a queue; account and values follow. */
struct stored_node {
	uint8_t uid[WIRE_ID_SIZE];
	uint64_t real_ns;
	uint32_t account_size;
	uint32_t values_size;
};

static inline size_t whole_words(size_t size)
{
	return (size + 7) / 8 * 8;
}

static inline size_t stored_node_size(const struct stored_node *n)
{
	return sizeof(*n) + whole_words(n->account_size + n->values_size);
}

/**
 * struct scrub - a walk over all chunks, again and again
 * @walk: where it is
 * @bytes: that were read this time
 * @found: damaged ones of this walk
 * @damaged: of the last whole walk, or more if this one found more
 * @told_ns: when the log last told of one
 */
struct scrub {
	struct engine_walk walk;
	size_t bytes;
	uint64_t found;
	uint64_t damaged;
	uint64_t told_ns;
};

/**
 * struct repack - chunks that are to be packed again
 * @keys: struct engine_key of hours that were merged
 * @taken: bytes of them that are done
 * @walk: over those of before
 * @all_found: it came to its end
 * @found: by it
 * @bytes: that it looked at, this time
 * @next_ns: when there is time for it, monotonic
 */
struct repack {
	struct buffer keys;
	size_t taken;
	struct engine_walk walk;
	bool all_found;
	struct engine_key found;
	uint64_t bytes;
	uint64_t next_ns;
};

/**
 * struct writer - the thread's own, but for @open
 * @e: the history
 * @policy: how much is kept
 * @fold: how it is folded
 * @out: what was, on its way
 * @open: committed, not folded yet
 * @trouble: what is damaged, or was set aside
 * @scrub: where the search for damage is
 * @repack: what is packed again
 * @aside_told_ns: when the log last named a node whose frames were
 * @log: a row of the log under way
 * @marks: struct engine_mark, likewise
 * @slots: where a session's is in @marks, one more, or 0
 * @states: struct store_node, likewise
 * @now_ns: the time that what is kept is judged by; 0: it is not known
 * @next_ns: when to look for work that is not urgent, monotonic
 * @marks_ns: when to look for old sessions, monotonic
 * @told_ns: when the log last said that room is made
 * @hog_told_ns: when it last named a node that has more than its share
 * @expired: chunks deleted since the start
 * @size: bytes in use when that was last asked
 * @others: bytes that other groups have
 * @short_of_memory: the last commit was not made for want of it
 */
struct writer {
	struct engine *e;
	struct store_policy policy;
	struct fold fold;
	struct outbox out;
	struct open_table open;
	struct store_trouble trouble;
	struct scrub scrub;
	struct repack repack;
	uint64_t aside_told_ns;
	struct buffer log;
	struct buffer marks;
	struct buffer slots;
	struct buffer states;
	uint64_t now_ns;
	uint64_t next_ns;
	uint64_t marks_ns;
	uint64_t told_ns;
	uint64_t hog_told_ns;
	uint64_t expired;
	uint64_t size;
	uint64_t others;
	bool short_of_memory;
};

/* Open the history. Return 0, or -errno after a message. */
int writer_open(struct writer *w, const char *folder,
		const struct store_policy *policy);
void writer_close(struct writer *w);

/* What went wrong last, one line. */
const char *writer_problem(const struct writer *w);

/* The next record of a queue; NULL at the end. */
struct queued *queued_next(uint8_t **at, const uint8_t *end);

/**
 * writer_write() - commit records, all or none
 * @w: the writer
 * @queue: records
 * @frames: set to how many went in
 *
 * Return: 0 or -EIO, or -ENOENT if the file is not where it was: then it can't be
 * used any more. No mark is kept but after 0.
 */
int writer_write(struct writer *w, struct buffer *queue, uint64_t *frames);

/**
 * writer_claim() - write some slices from now on, and no other ones
 * @w: the writer
 * @epoch: of struct engine_claim
 * @slices: of it, too
 *
 * Return: 0 or -EIO; w->e->slices says which are its own.
 */
int writer_claim(struct writer *w, uint64_t epoch, const bool *slices);

/* Whether it writes what is of a node. */
static inline bool writer_has(const struct writer *w, const uint8_t *node)
{
	return !w->e->slices || w->e->slices[groups_slice(node)];
}

/* Commit struct store_loss, all or none. Return 0 or -EIO. */
int writer_put_losses(struct writer *w, const struct buffer *losses);

/* Commit struct stored_node, all or none. Return 0 or -EIO. */
int writer_put_nodes(struct writer *w, const struct buffer *nodes);

/* Read what is not folded yet, before anything is written. Return 0, or -errno
 * after a message.
 */
int writer_recover(struct writer *w);

/**
 * writer_work() - fold, merge and delete for a tenth of a second at most
 *
 * Return: 1 if there is more to do, 0 if not, or -EIO.
 */
int writer_work(struct writer *w);

/* At the start: what was set aside is tried again, once by each version of this
 * program, and once more when it has more memory. Return 0 or a negative errno.
 */
int aside_retry(struct writer *w);

/**
 * aside_frames() - keep a node's open frames where they are in nobody's way
 * @w: the writer
 * @n: the node
 * @why: a negative errno
 * @made: set; to be freed in any case
 */
int aside_frames(struct writer *w, const struct open_node *n, int why,
		 struct engine_fold *made);

/* The same for parts that can't be merged; at once. */
int aside_parts(struct writer *w, const struct engine_key *key, int why);

/**
 * marks_take() - note how far a frame's session comes with it
 * @w: the writer
 * @mark: its answer is filled in, as if it were committed
 *
 * Return: 1 if the frame is to be written; 0 if it is not, because it is there
 * already or because one before it is missing; or a negative errno.
 */
int marks_take(struct writer *w, struct store_mark *mark);

/* The commit failed: what was known of its sessions may be wrong. */
void marks_forget(struct writer *w);

/* Look for damaged chunks for a moment. */
void scrub(struct writer *w);

/* An hour was merged: its chunks are to be packed again. */
void repack_note(struct writer *w, const struct engine_merge *made);

/* Pack an hour again, if there was time enough for others. Return 0 or -EIO. */
int repack(struct writer *w);

/* The same at once. Return 1 if there may be more. */
int repack_one(struct writer *w);

/* Deletes what is too old, or too much. Return as writer_work(). */
int writer_expire(struct writer *w);

#endif /* KTACH_COLLECTOR_HISTORY_WRITE_WRITER_H */
