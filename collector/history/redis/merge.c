// SPDX-License-Identifier: GPL-2.0-or-later
/* An hour's parts become chunks: what is there is asked first, as nobody else changes it,
 * then each hour is changed at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/redis/hours.h"
#include "collector/history/redis/ops.h"

/**
 * struct merging - what an hour has before
 * @exists: its node does
 * @chunks: bytes of each tier's
 * @parts: how many there are
 * @bytes: of those that go
 * @all: all of them go
 */
struct merging {
	bool exists;
	uint64_t chunks[TIERS];
	uint64_t parts;
	uint64_t bytes;
	bool all;
};

enum {
	MERGE_ASKS = TIERS + 3,
	MERGE_LIST = 2, /* its keys; 1 is "own" */
	MERGE_SIZE,
	MERGE_HOURS,
	MERGE_PARTS,
	MERGE_PARTBYTES,
	MERGE_FIRST, /* of chunks, then of their hours */
};

static void ask_merge(struct redis *r, const struct engine_merge *m)
{
	unsigned int bucket = bucket_of(r, m->key.node);
	char member[MEMBER_SIZE];
	int tier;

	handle_member(m->key.node, m->key.hour, member);
	call_begin(r, bucket, "HEXISTS");
	call_key(r, "node");
	call_node(r, m->key.node);
	for (tier = 0; tier < TIERS; tier++) {
		call_begin(r, bucket, "STRLEN");
		call_hour_key(r, tier, m->key.node, m->key.hour);
	}
	call_begin(r, bucket, "LLEN");
	call_hour_key(r, ENGINE_PARTS, m->key.node, m->key.hour);
	call_begin(r, bucket, "ZSCORE");
	call_key(r, "partbytes");
	call_text(r, member);
}

static void take_merge(const struct redis *r, const struct engine_merge *m,
		       size_t at, struct merging *now)
{
	int tier;

	now->exists = reply_number(call_reply(r, at++)) != 0;
	for (tier = 0; tier < TIERS; tier++)
		now->chunks[tier] = reply_number(call_reply(r, at++));
	now->parts = reply_number(call_reply(r, at++));
	now->bytes = reply_number(call_reply(r, at));
	now->all = m->parts >= now->parts;
}

/* Of some parts only. */
static int ask_bytes(struct redis *r, const struct engine_merge *m,
		     struct merging *now)
{
	size_t i;
	int err = 0;

	if (now->all || !m->parts) {
		now->bytes = now->all ? now->bytes : 0;
		return 0;
	}
	now->bytes = 0;
	call_clear(r);
	call_begin(r, bucket_of(r, m->key.node), "LRANGE");
	call_hour_key(r, ENGINE_PARTS, m->key.node, m->key.hour);
	call_text(r, "0");
	call_number(r, m->parts - 1);
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < call_reply(r, 0)->elements; i++)
		now->bytes += (uint64_t)call_reply(r, 0)->element[i]->len;
	return err;
}

static int64_t put_chunks(struct redis *r, const struct engine_merge *m,
			  const struct merging *now, const char *member)
{
	int64_t grown = 0;
	int tier;

	for (tier = 0; tier < TIERS; tier++) {
		const struct engine_blob *chunk = &m->chunks[tier];

		if (!chunk->size)
			continue;
		apply_command(r, "SET", (unsigned int)(MERGE_FIRST + tier), 1);
		call_put(r, chunk->data, chunk->size);
		apply_command(r, "ZADD",
			      (unsigned int)(MERGE_FIRST + TIERS + tier), 2);
		call_number(r, m->key.hour);
		call_text(r, member);
		grown += (int64_t)chunk->size - (int64_t)now->chunks[tier];
	}
	return grown;
}

static void put_signed(struct redis *r, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	call_text(r, text);
}

static void put_gone(struct redis *r, const struct engine_merge *m,
		     const struct merging *now, const char *member)
{
	if (now->all) {
		apply_command(r, "DEL", MERGE_LIST, 0);
		apply_command(r, "ZREM", MERGE_HOURS, 1);
		call_text(r, member);
		apply_command(r, "ZREM", MERGE_PARTS, 1);
		call_text(r, member);
		apply_command(r, "ZREM", MERGE_PARTBYTES, 1);
		call_text(r, member);
	} else if (m->parts) {
		apply_command(r, "LTRIM", MERGE_LIST, 2);
		call_number(r, m->parts);
		call_text(r, "-1");
		apply_command(r, "ZINCRBY", MERGE_PARTS, 2);
		put_signed(r, -(int64_t)m->parts);
		call_text(r, member);
		apply_command(r, "ZINCRBY", MERGE_PARTBYTES, 2);
		put_signed(r, -(int64_t)now->bytes);
		call_text(r, member);
	}
}

static void put_merge(struct redis *r, const struct engine_merge *m,
		      const struct merging *now)
{
	char member[MEMBER_SIZE];
	int64_t grown;
	int tier;

	handle_member(m->key.node, m->key.hour, member);
	apply_begin(r, bucket_of(r, m->key.node), MERGE_FIRST - 2 + 2 * TIERS);
	call_hour_key(r, ENGINE_PARTS, m->key.node, m->key.hour);
	call_key(r, "size");
	call_key(r, "hours:part");
	call_key(r, "parts");
	call_key(r, "partbytes");
	for (tier = 0; tier < TIERS; tier++)
		call_hour_key(r, tier, m->key.node, m->key.hour);
	for (tier = 0; tier < TIERS; tier++)
		call_key(r, "hours:%s", hours_name[tier]);
	apply_token(r);
	grown = put_chunks(r, m, now, member) - (int64_t)now->bytes;
	put_gone(r, m, now, member);
	apply_command(r, "ZINCRBY", MERGE_SIZE, 2);
	put_signed(r, grown);
	call_node(r, m->key.node);
	r->bytes = (uint64_t)((int64_t)r->bytes + grown);
}

static void note_hours(struct redis *r, const struct engine_merge *m)
{
	unsigned int bucket = bucket_of(r, m->key.node);
	const struct bounds *parts = &r->bounds[ENGINE_PARTS][bucket];
	int tier;

	for (tier = 0; tier < TIERS; tier++)
		if (m->chunks[tier].size)
			hours_add(r, tier, bucket, m->key.hour);
	if (m->key.hour == parts->oldest || m->key.hour == parts->newest)
		hours_forget(r, bucket);
}

int redis_merge(struct engine *e, const struct engine_merge *merges,
		size_t count)
{
	struct redis *r = redis_of(e);
	struct merging *now = calloc(count + 1, sizeof(*now));
	size_t i;
	int err = now ? redis_may_write(r) : -ENOMEM;

	call_clear(r);
	for (i = 0; !err && i < count; i++)
		ask_merge(r, &merges[i]);
	if (!err)
		err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count; i++)
		take_merge(r, &merges[i], i * MERGE_ASKS, &now[i]);
	for (i = 0; !err && i < count; i++)
		err = ask_bytes(r, &merges[i], &now[i]);
	call_clear(r);
	for (i = 0; !err && i < count; i++) {
		if (!now[i].exists)
			continue;
		put_merge(r, &merges[i], &now[i]);
		note_hours(r, &merges[i]);
	}
	if (!err)
		err = call_run(r, CALL_WRITES);
	if (err)
		r->bytes_known = false;
	free(now);
	return err;
}
