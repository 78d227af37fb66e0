// SPDX-License-Identifier: GPL-2.0-or-later
/* What is too old, or more than there is room for. */
#include <errno.h>
#include <sys/statvfs.h>

#include "collector/history/write/writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	CHUNKS_AT_ONCE = 32,
	CHUNKS_FOR_ROOM = 4,
	CHUNKS_OF_NODE = 16,
	HOG_SHARE =
		4, /* of the room, that one node may have once it is short */
};

/* Samples may be an hour ahead of us; what is stored later than that, and the rest
 * of its hour, is not to be believed.
 */
#define FUTURE_NS UINT64_C(7200000000000)
#define MARKS_EVERY_NS UINT64_C(600000000000)
#define TELL_EVERY_NS UINT64_C(3600000000000)
/* Room that the disk should have: so much, or a fiftieth of it. */
#define RESERVE_BYTES UINT64_C(67108864)
#define RESERVE_SHARE 50

/* Run a statement that deletes some rows. Return how many went, or -EIO. */
static int delete_some(struct writer *w, sqlite3_stmt *statement, int64_t from,
		       int count)
{
	const int64_t values[] = { from, count };
	int err = database_step(w->d, statement, 2, values), gone;

	if (err)
		return err;
	gone = sqlite3_changes(w->d->db);
	w->expired += (uint64_t)gone;
	return gone;
}

/* Not each time, as all sessions have to be looked at. */
static void expire_marks(struct writer *w, uint64_t now_ns)
{
	uint64_t keep_ns = w->policy.keep_ns[SCHEMA_RAW];
	uint64_t mono_ns = clock_mono_ns();

	if (mono_ns < w->marks_ns || now_ns < keep_ns)
		return;
	w->marks_ns = mono_ns + MARKS_EVERY_NS;
	marks_expire(&w->d->marks, now_ns - keep_ns);
}

/* Parts that could not be merged are kept as long as samples are. */
static int expire_aside(struct writer *w, uint64_t now_ns)
{
	uint64_t keep_ns = w->policy.keep_ns[SCHEMA_RAW];
	const int64_t slot =
		(int64_t)schema_slot(now_ns > keep_ns ? now_ns - keep_ns : 0);

	return database_step(w->d, w->d->sql[SCHEMA_EXPIRE_ASIDE], 1, &slot);
}

/* What is dated after all that can be, in all tiers and parts. */
static int delete_future(struct writer *w, uint64_t now_ns)
{
	uint64_t slot = schema_slot(now_ns + FUTURE_NS) + 1;
	int tier, gone, more;

	gone = delete_some(w, w->d->sql[SCHEMA_EXPIRE_FUTURE_PARTS],
			   (int64_t)slot, CHUNKS_AT_ONCE);
	more = gone == CHUNKS_AT_ONCE;
	for (tier = 0; gone >= 0 && tier < SCHEMA_TIERS; tier++) {
		gone = delete_some(w, w->d->expire_future[tier],
				   schema_key(slot, 0), CHUNKS_AT_ONCE);
		more = more || gone == CHUNKS_AT_ONCE;
	}
	if (gone >= 0)
		gone = delete_some(
			w, w->d->sql[SCHEMA_EXPIRE_FUTURE_LOSSES],
			(int64_t)((now_ns + FUTURE_NS) / HISTORY_LOSS_STEP_NS),
			CHUNKS_AT_ONCE);
	return gone < 0 ? gone : more;
}

static int delete_old(struct writer *w, uint64_t now_ns)
{
	uint64_t minutes_ns = w->policy.keep_ns[SCHEMA_MINUTE];
	int tier, gone, more = delete_future(w, now_ns);

	for (tier = 0; tier < SCHEMA_TIERS; tier++) {
		uint64_t keep_ns = w->policy.keep_ns[tier];
		uint64_t horizon_ns = now_ns > keep_ns ? now_ns - keep_ns : 0;

		if (more < 0)
			return more;
		gone = delete_some(w, w->d->expire[tier],
				   schema_key(schema_slot(horizon_ns), 0),
				   CHUNKS_AT_ONCE);
		if (gone < 0)
			return gone;
		more = more || gone == CHUNKS_AT_ONCE;
	}
	expire_marks(w, now_ns);
	if (expire_aside(w, now_ns))
		return -EIO;
	if (now_ns > w->policy.keep_ns[SCHEMA_RAW] &&
	    database_expire_states(w->d,
				   now_ns - w->policy.keep_ns[SCHEMA_RAW]))
		return -EIO;
	if (now_ns > minutes_ns &&
	    database_expire_losses(w->d, (now_ns - minutes_ns) /
						 HISTORY_LOSS_STEP_NS))
		return -EIO;
	return more;
}

/* Bytes that are missing on the disk, those that the file can use again
 * counted as room.
 */
static bool disk_is_short(struct writer *w)
{
	int64_t left = database_number(w->d, "PRAGMA freelist_count");
	int64_t page = database_number(w->d, "PRAGMA page_size");
	uint64_t reserve = RESERVE_BYTES, room;
	struct statvfs disk;

	if (left < 0 || page < 0 || statvfs(w->folder, &disk))
		return false;
	if (disk.f_blocks * disk.f_frsize / RESERVE_SHARE < reserve)
		reserve = disk.f_blocks * disk.f_frsize / RESERVE_SHARE;
	room = disk.f_bavail * disk.f_frsize + (uint64_t)(left * page);
	return room < reserve;
}

static void tell(struct writer *w, const char *why, enum schema_tier tier)
{
	uint64_t now = clock_mono_ns();

	if (w->told_ns && now - w->told_ns < TELL_EVERY_NS)
		return;
	w->told_ns = now;
	log_warn(
		"history: %s: the oldest chunks are deleted before their time, now from '%s'; give it more room (--history-size, a larger disk) or keep less (--keep)",
		why, schema_tier_name[tier]);
}

/* Whether one node has far more than its share: then it makes room, whatever the
 * times of what it sent. Told by its row's bytes.
 */
static bool is_hog(const struct writer *w, uint64_t bytes)
{
	uint64_t limit = w->policy.size_max ? w->policy.size_max : w->size;

	return bytes > limit / HOG_SHARE;
}

static void tell_hog(struct writer *w, int64_t node, uint64_t bytes)
{
	uint64_t now = clock_mono_ns();
	char text[NODE_ID_TEXT_SIZE];
	uint8_t uid[WIRE_ID_SIZE];

	if (w->hog_told_ns && now - w->hog_told_ns < TELL_EVERY_NS)
		return;
	w->hog_told_ns = now;
	database_uid(w->d, node, uid);
	node_id_format(uid, text);
	log_warn(
		"history: node %s has %llu of %llu MiB: its oldest chunks are deleted before their time, others' are not",
		text, (unsigned long long)(bytes >> 20),
		(unsigned long long)(w->size >> 20));
}

/* Samples first; parts are what was not merged. */
static int delete_of_node(struct writer *w, int64_t node)
{
	sqlite3_stmt *const order[] = {
		w->d->expire_node[SCHEMA_RAW],
		w->d->sql[SCHEMA_EXPIRE_NODE_PARTS],
		w->d->expire_node[SCHEMA_MINUTE],
		w->d->expire_node[SCHEMA_FIVE],
	};
	const int64_t values[] = { node, CHUNKS_OF_NODE };
	size_t i;
	int gone = 0;

	for (i = 0; !gone && i < sizeof(order) / sizeof(order[0]); i++) {
		if (database_step(w->d, order[i], 2, values))
			return -EIO;
		gone = sqlite3_changes(w->d->db);
	}
	w->expired += (uint64_t)gone;
	return gone;
}

static int make_room_by_hog(struct writer *w)
{
	uint64_t bytes;
	int64_t node;
	int err = database_largest(w->d, &node, &bytes);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (!is_hog(w, bytes))
		return 0;
	tell_hog(w, node, bytes);
	return delete_of_node(w, node);
}

/* Without the log, which gives its room back by itself: a flood of one node's
 * frames that wait to be folded must not cost other nodes their chunks.
 */
static bool is_full(struct writer *w)
{
	int64_t log_bytes;

	if (!w->policy.size_max || w->size <= w->policy.size_max)
		return false;
	log_bytes = database_number(w->d, schema_sql[SCHEMA_LOG_BYTES]);
	return log_bytes >= 0 &&
	       w->size > w->policy.size_max + (uint64_t)log_bytes;
}

/* The oldest samples first, then the oldest minutes, and so on. */
static int make_room(struct writer *w)
{
	bool full = is_full(w);
	const char *why = full ? "--history-size is reached" :
				 "the disk is nearly full";
	int tier, gone;

	if (!full && !disk_is_short(w))
		return 0;
	gone = make_room_by_hog(w);
	for (tier = 0; !gone && tier < SCHEMA_TIERS; tier++) {
		gone = delete_some(w, w->d->expire[tier], INT64_MAX,
				   CHUNKS_FOR_ROOM);
		if (!gone && tier == SCHEMA_RAW)
			gone = delete_some(w, w->d->sql[SCHEMA_EXPIRE_PARTS],
					   INT64_MAX, CHUNKS_FOR_ROOM);
		if (gone > 0)
			tell(w, why, tier);
	}
	return gone > 0 ? 1 : gone;
}

int writer_expire(struct writer *w)
{
	int more = w->now_ns ? delete_old(w, w->now_ns) : 0, room;

	if (more < 0)
		return more;
	w->size = database_size(w->d);
	room = make_room(w);
	return room ? room : more;
}
