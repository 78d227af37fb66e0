// SPDX-License-Identifier: GPL-2.0-or-later
/* What is too old, or more than there is room for. */
#include <errno.h>
#include <sys/statvfs.h>

#include "collector/history/writer.h"
#include "lib/clock.h"
#include "lib/log.h"

enum {
	CHUNKS_AT_ONCE = 32,
	CHUNKS_FOR_ROOM = 4,
};

#define MARKS_EVERY_NS UINT64_C(600000000000)
#define TELL_EVERY_NS UINT64_C(3600000000000)
/* Room that the disk should have: so much, or a fiftieth of it. */
#define RESERVE_BYTES UINT64_C(67108864)
#define RESERVE_SHARE 50

/* Chunks of a tier with keys before @key. Return how many went, or -EIO. */
static int delete_before(struct writer *w, enum schema_tier tier, int64_t key,
			 int count)
{
	const int64_t values[] = { key, count };
	int err = database_step(w->d, w->d->expire[tier], 2, values), gone;

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

static int delete_old(struct writer *w, uint64_t now_ns)
{
	uint64_t minutes_ns = w->policy.keep_ns[SCHEMA_MINUTE];
	bool more = false;
	int tier, gone;

	for (tier = 0; tier < SCHEMA_TIERS; tier++) {
		uint64_t keep_ns = w->policy.keep_ns[tier];
		uint64_t horizon_ns = now_ns > keep_ns ? now_ns - keep_ns : 0;

		gone = delete_before(w, tier,
				     schema_key(schema_slot(horizon_ns), 0),
				     CHUNKS_AT_ONCE);
		if (gone < 0)
			return gone;
		more = more || gone == CHUNKS_AT_ONCE;
	}
	expire_marks(w, now_ns);
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

/* The oldest samples first, then the oldest minutes, and so on. */
static int make_room(struct writer *w)
{
	bool full = w->policy.size_max && w->size > w->policy.size_max;
	const char *why = full ? "--history-size is reached" :
				 "the disk is nearly full";
	int tier, gone = 0;

	if (!full && !disk_is_short(w))
		return 0;
	for (tier = 0; !gone && tier < SCHEMA_TIERS; tier++) {
		gone = delete_before(w, tier, INT64_MAX, CHUNKS_FOR_ROOM);
		if (gone > 0)
			tell(w, why, tier);
	}
	return gone > 0 ? 1 : gone;
}

int writer_expire(struct writer *w)
{
	int more = delete_old(w, clock_real_ns()), room;

	if (more < 0)
		return more;
	w->size = database_size(w->d);
	room = make_room(w);
	return room ? room : more;
}
