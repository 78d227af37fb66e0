// SPDX-License-Identifier: GPL-2.0-or-later
/* What is too old, or more than there is room for. */
#include <errno.h>

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

/* Delete some of any node's chunks. Return how many went, or a negative errno. */
static int delete_some(struct writer *w, int tier, uint64_t from, uint64_t to,
		       unsigned int most)
{
	const struct engine_drop drop = {
		.tier = tier, .from = from, .to = to, .most = most
	};
	int gone = w->e->ops->drop(w->e, &drop);

	if (gone > 0)
		w->expired += (uint64_t)gone;
	return gone;
}

/* Not each time, as all sessions have to be looked at. */
static uint64_t find_marks(struct writer *w, uint64_t now_ns)
{
	uint64_t keep_ns = w->policy.keep_ns[TIER_RAW];
	uint64_t mono_ns = clock_mono_ns();

	if (mono_ns < w->marks_ns || now_ns < keep_ns)
		return 0;
	w->marks_ns = mono_ns + MARKS_EVERY_NS;
	return now_ns - keep_ns;
}

static uint64_t time_before(uint64_t now_ns, uint64_t keep_ns)
{
	return now_ns > keep_ns ? now_ns - keep_ns : 0;
}

/* What has no chunks is kept as long as samples are, losses as minutes are. */
static int forget(struct writer *w, uint64_t now_ns)
{
	uint64_t samples_ns = time_before(now_ns, w->policy.keep_ns[TIER_RAW]);
	uint64_t minutes_ns =
		time_before(now_ns, w->policy.keep_ns[TIER_MINUTE]);
	const struct engine_age age = {
		.marks_ns = find_marks(w, now_ns),
		.states_ns = samples_ns,
		.minute = minutes_ns / HISTORY_LOSS_STEP_NS,
		.future = (now_ns + FUTURE_NS) / HISTORY_LOSS_STEP_NS,
		.hour = tier_hour(samples_ns),
	};

	return w->e->ops->forget(w->e, &age);
}

/* What is dated after all that can be, in all tiers and parts. */
static int delete_future(struct writer *w, uint64_t now_ns)
{
	uint64_t hour = tier_hour(now_ns + FUTURE_NS) + 1;
	int tier, gone, more = 0;

	for (tier = 0; tier < ENGINE_PIECES; tier++) {
		gone = delete_some(w, tier, hour, UINT64_MAX, CHUNKS_AT_ONCE);
		if (gone < 0)
			return gone;
		more = more || gone == CHUNKS_AT_ONCE;
	}
	return more;
}

static int delete_old(struct writer *w, uint64_t now_ns)
{
	int tier, gone, err, more = delete_future(w, now_ns);

	if (more < 0)
		return more;
	for (tier = 0; tier < TIERS; tier++) {
		uint64_t horizon_ns =
			time_before(now_ns, w->policy.keep_ns[tier]);

		gone = delete_some(w, tier, 0, tier_hour(horizon_ns),
				   CHUNKS_AT_ONCE);
		if (gone < 0)
			return gone;
		more = more || gone == CHUNKS_AT_ONCE;
	}
	err = forget(w, now_ns);
	return err ? err : more;
}

/* Whether what it lies on has less left than it should. */
static bool is_short(const struct engine_room *room)
{
	uint64_t reserve = RESERVE_BYTES;

	if (room->all / RESERVE_SHARE < reserve)
		reserve = room->all / RESERVE_SHARE;
	return room->all && room->left < reserve;
}

static void tell(struct writer *w, const char *why, enum tier tier)
{
	uint64_t now = clock_mono_ns();

	if (w->told_ns && now - w->told_ns < TELL_EVERY_NS)
		return;
	w->told_ns = now;
	log_warn(
		"history: %s: the oldest chunks are deleted before their time, now from '%s'; give it more room (--history-size, a larger disk) or keep less (--keep)",
		why, tier_name[tier]);
}

/* Whether one node has far more than its share: then it makes room, whatever the
 * times of what it sent. Told by its row's bytes.
 */
static bool is_hog(const struct writer *w, uint64_t bytes)
{
	uint64_t limit = w->policy.size_max ? w->policy.size_max : w->size;

	return bytes > limit / HOG_SHARE;
}

static void tell_hog(struct writer *w, const uint8_t *node, uint64_t bytes)
{
	uint64_t now = clock_mono_ns();
	char text[NODE_ID_TEXT_SIZE];

	if (w->hog_told_ns && now - w->hog_told_ns < TELL_EVERY_NS)
		return;
	w->hog_told_ns = now;
	node_id_format(node, text);
	log_warn(
		"history: node %s has %llu of %llu MiB: its oldest chunks are deleted before their time, others' are not",
		text, (unsigned long long)(bytes >> 20),
		(unsigned long long)(w->size >> 20));
}

/* Samples first; parts are what was not merged. */
static int delete_of_node(struct writer *w, const uint8_t *node)
{
	static const int order[] = { TIER_RAW, ENGINE_PARTS, TIER_MINUTE,
				     TIER_FIVE };
	struct engine_drop drop = { .node = node,
				    .to = UINT64_MAX,
				    .most = CHUNKS_OF_NODE };
	size_t i;
	int gone = 0;

	for (i = 0; !gone && i < sizeof(order) / sizeof(order[0]); i++) {
		drop.tier = order[i];
		gone = w->e->ops->drop(w->e, &drop);
	}
	if (gone > 0)
		w->expired += (uint64_t)gone;
	return gone;
}

static int make_room_by_hog(struct writer *w)
{
	uint8_t node[WIRE_ID_SIZE];
	uint64_t bytes;
	int err = w->e->ops->largest(w->e, node, &bytes);

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
static bool is_full(const struct writer *w, const struct engine_room *room)
{
	return w->policy.size_max &&
	       room->used + w->others > w->policy.size_max + room->log;
}

/* The oldest samples first, then the oldest minutes, and so on. */
static int make_room(struct writer *w, const struct engine_room *room)
{
	bool full = is_full(w, room);
	const char *why = full ? "--history-size is reached" :
				 "the disk is nearly full";
	int tier, gone;

	if (!full && !is_short(room))
		return 0;
	gone = make_room_by_hog(w);
	for (tier = 0; !gone && tier < TIERS; tier++) {
		gone = delete_some(w, tier, 0, UINT64_MAX, CHUNKS_FOR_ROOM);
		if (!gone && tier == TIER_RAW)
			gone = delete_some(w, ENGINE_PARTS, 0, UINT64_MAX,
					   CHUNKS_FOR_ROOM);
		if (gone > 0)
			tell(w, why, tier);
	}
	return gone > 0 ? 1 : gone;
}

int writer_expire(struct writer *w)
{
	int more = w->now_ns ? delete_old(w, w->now_ns) : 0, err;
	struct engine_room room;

	if (more < 0)
		return more;
	err = w->e->ops->room(w->e, &room);
	if (err)
		return err;
	w->size = room.used;
	err = make_room(w, &room);
	return err ? err : more;
}
