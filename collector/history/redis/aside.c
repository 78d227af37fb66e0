// SPDX-License-Identifier: GPL-2.0-or-later
/* What is set aside, and tried again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/redis/hours.h"
#include "collector/history/redis/ops.h"

/* Parts of a key; those of @what. */
static int ask_list(struct redis *r, const struct hours_item *h, int what)
{
	call_clear(r);
	call_begin(r, h->bucket, "LRANGE");
	call_hour_key(r, what, h->node, h->hour);
	call_text(r, "0");
	call_text(r, "-1");
	return call_run(r, CALL_READS);
}

/* Their bytes are copied, as replies go with the next call. */
static int copy_list(const redisReply *list, struct buffer *sizes,
		     struct buffer *bytes)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < list->elements; i++) {
		size_t size = (size_t)list->element[i]->len;

		err = buffer_put(sizes, &size, sizeof(size));
		if (!err)
			err = buffer_put(bytes, list->element[i]->str, size);
	}
	return err;
}

enum {
	MOVE_FROM = 2,
	MOVE_TO,
	MOVE_HOURS_FROM,
	MOVE_HOURS_TO,
	MOVE_PARTS,
	MOVE_PARTBYTES,
};

/* In front of those that came since, if they are to be merged again; else behind. */
static void put_pushes(struct redis *r, const struct buffer *sizes,
		       const struct buffer *bytes, bool front)
{
	const size_t *size = (const size_t *)sizes->data;
	size_t i, count = sizes->used / sizeof(*size), at = 0;

	if (front)
		at = bytes->used;
	for (i = 0; i < count; i++) {
		size_t k = front ? count - 1 - i : i;

		if (front)
			at -= size[k];
		apply_command(r, front ? "LPUSH" : "RPUSH", MOVE_TO, 1);
		call_put(r, bytes->data + at, size[k]);
		if (!front)
			at += size[k];
	}
}

static void put_counts(struct redis *r, const char *member, size_t count,
		       size_t bytes, bool ripe)
{
	if (!ripe) {
		apply_command(r, "ZREM", MOVE_PARTS, 1);
		call_text(r, member);
		apply_command(r, "ZREM", MOVE_PARTBYTES, 1);
		call_text(r, member);
		return;
	}
	apply_command(r, "ZINCRBY", MOVE_PARTS, 2);
	call_number(r, count);
	call_text(r, member);
	apply_command(r, "ZINCRBY", MOVE_PARTBYTES, 2);
	call_number(r, bytes);
	call_text(r, member);
}

static void put_move(struct redis *r, const struct hours_item *h, int from,
		     int to, const struct buffer *sizes,
		     const struct buffer *bytes)
{
	bool ripe = to == ENGINE_PARTS;
	char member[MEMBER_SIZE];

	handle_member(h->node, h->hour, member);
	apply_begin(r, h->bucket, 6);
	call_hour_key(r, from, h->node, h->hour);
	call_hour_key(r, to, h->node, h->hour);
	call_key(r, "hours:%s", hours_name[from]);
	call_key(r, "hours:%s", hours_name[to]);
	call_key(r, "parts");
	call_key(r, "partbytes");
	apply_token(r);
	put_pushes(r, sizes, bytes, ripe);
	apply_command(r, "DEL", MOVE_FROM, 0);
	apply_command(r, "ZREM", MOVE_HOURS_FROM, 1);
	call_text(r, member);
	apply_command(r, "ZADD", MOVE_HOURS_TO, 2);
	call_number(r, h->hour);
	call_text(r, member);
	put_counts(r, member, sizes->used / sizeof(size_t), bytes->used, ripe);
}

static int move_list(struct redis *r, const struct hours_item *h, int from,
		     int to)
{
	struct buffer sizes = { 0 }, bytes = { 0 };
	int err = ask_list(r, h, from);

	if (!err)
		err = copy_list(call_reply(r, 0), &sizes, &bytes);
	call_clear(r);
	if (!err && sizes.used) {
		put_move(r, h, from, to, &sizes, &bytes);
		err = call_run(r, CALL_WRITES);
	}
	hours_forget(r, h->bucket);
	buffer_free(&sizes);
	buffer_free(&bytes);
	return err;
}

int redis_set_aside(struct engine *e, const struct engine_key *key)
{
	struct redis *r = redis_of(e);
	struct hours_item h = { .hour = key->hour,
				.bucket = bucket_of(r, key->node) };
	int err = redis_may_write(r);

	memcpy(h.node, key->node, WIRE_ID_SIZE);
	return err ? err : move_list(r, &h, ENGINE_PARTS, HOURS_ASIDE);
}

/* --- frames -------------------------------------------------------------- */

/* Frames of a node that are set aside. */
struct aside_frames {
	uint64_t real_ns;
	unsigned int bucket;
	char member[MEMBER_SIZE];
};

static int by_age(const void *a, const void *b)
{
	const struct aside_frames *x = a, *y = b;

	return x->real_ns < y->real_ns ? -1 : x->real_ns > y->real_ns;
}

/* All, the oldest first. */
static int find_frames(struct redis *r, struct buffer *all)
{
	struct aside_frames f;
	unsigned int b;
	size_t i;
	int err;

	err = call_each(r, "ZRANGE", "asides", "0", "-1", "WITHSCORES", NULL);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *pairs = bucket_reply(r, b);

		for (i = 0; !err && i + 1 < pairs->elements; i += 2) {
			f.bucket = b;
			f.real_ns = reply_score(pairs->element[i + 1]);
			snprintf(f.member, sizeof(f.member), "%s",
				 pairs->element[i]->str);
			err = buffer_put(all, &f, sizeof(f));
		}
	}
	if (!err && all->used)
		qsort(all->data, all->used / sizeof(f), sizeof(f), by_age);
	return err;
}

enum {
	FRAMES_VALUES = 2,
	FRAMES_TIMES,
	FRAMES_LOG,
};

static void put_take(struct redis *r, const struct aside_frames *f)
{
	apply_command(r, "HDEL", FRAMES_VALUES, 1);
	call_text(r, f->member);
	apply_command(r, "ZREM", FRAMES_TIMES, 1);
	call_text(r, f->member);
}

int aside_trim(struct redis *r)
{
	const struct aside_frames *f;
	struct buffer all = { 0 };
	size_t i, count;
	int err = find_frames(r, &all);

	f = (const struct aside_frames *)all.data;
	count = all.used / sizeof(*f);
	call_clear(r);
	for (i = 0; !err && i + ENGINE_ASIDE_MAX < count; i++) {
		apply_begin(r, f[i].bucket, 2);
		call_key(r, "frames");
		call_key(r, "asides");
		apply_token(r);
		put_take(r, &f[i]);
	}
	if (!err)
		err = call_run(r, CALL_WRITES);
	buffer_free(&all);
	return err;
}

/* They become a row of the log. */
static int retry_one(struct redis *r, const struct aside_frames *f, bool all)
{
	const redisReply *value;
	struct buffer row = { 0 };
	const char *line;
	size_t version;
	int err;

	call_clear(r);
	call_begin(r, f->bucket, "HGET");
	call_key(r, "frames");
	call_text(r, f->member);
	err = call_run(r, CALL_READS);
	value = err ? NULL : call_reply(r, 0);
	if (err || value->type != REDIS_REPLY_STRING)
		return err;
	line = memchr(value->str, '\n', (size_t)value->len);
	version = line ? (size_t)(line - value->str) : 0;
	if (!line || (!all && version == strlen(KTACH_VERSION) &&
		      !memcmp(value->str, KTACH_VERSION, version)))
		return 0;
	err = buffer_put(&row, line + 1, (size_t)value->len - version - 1);
	call_clear(r);
	apply_begin(r, f->bucket, 3);
	call_key(r, "frames");
	call_key(r, "asides");
	call_key(r, "log");
	apply_token(r);
	apply_command(r, "XADD", FRAMES_LOG, 3);
	call_number(r, r->engine.last_log + 1);
	call_text(r, "d");
	call_put(r, row.data, row.used);
	put_take(r, f);
	if (!err)
		err = call_run(r, CALL_WRITES);
	buffer_free(&row);
	r->engine.last_log += !err;
	return err;
}

static int retry_frames(struct redis *r, bool all)
{
	struct buffer frames = { 0 };
	const struct aside_frames *f;
	size_t i, count;
	int err = find_frames(r, &frames);

	f = (const struct aside_frames *)frames.data;
	count = frames.used / sizeof(*f);
	for (i = 0; !err && i < count; i++)
		err = retry_one(r, &f[i], all);
	buffer_free(&frames);
	return err;
}

/* --- all ----------------------------------------------------------------- */

/* Hours whose parts are set aside. */
static int find_parts(struct redis *r, struct buffer *items)
{
	const struct engine_drop all = { .to = UINT64_MAX, .most = UINT32_MAX };

	return hours_find(r, HOURS_ASIDE, &all, items);
}

static int retry_parts(struct redis *r)
{
	struct buffer items = { 0 };
	const struct hours_item *h;
	size_t i, count;
	int err = find_parts(r, &items);

	h = (const struct hours_item *)items.data;
	count = items.used / sizeof(*h);
	for (i = 0; !err && i < count; i++)
		err = move_list(r, &h[i], HOURS_ASIDE, ENGINE_PARTS);
	buffer_free(&items);
	return err;
}

/* How many there are, and of whom one is: the last one's. */
static int count_aside(struct redis *r, uint64_t *count, uint8_t *node)
{
	struct buffer frames = { 0 }, items = { 0 };
	const struct aside_frames *f;
	const struct hours_item *h;
	uint64_t number;
	size_t n;
	int err = find_frames(r, &frames);

	if (!err)
		err = find_parts(r, &items);
	f = (const struct aside_frames *)frames.data;
	h = (const struct hours_item *)items.data;
	n = frames.used / sizeof(*f);
	*count = n + items.used / sizeof(*h);
	if (n)
		handle_split(f[n - 1].member, strlen(f[n - 1].member), node,
			     &number);
	else if (items.used)
		memcpy(node, h->node, WIRE_ID_SIZE);
	buffer_free(&frames);
	buffer_free(&items);
	return err;
}

/* Each version tries once, and once more with more memory than at the start before; a
 * little more is another kernel's share of the same.
 */
static int is_tried(struct redis *r, uint64_t memory, bool *tried)
{
	const redisReply *reply;
	char version[64];
	unsigned long long with;
	int err;

	call_clear(r);
	call_begin(r, BUCKET_CONTROL, "GET");
	call_key(r, "tried");
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	reply = call_reply(r, 0);
	*tried = reply->type == REDIS_REPLY_STRING &&
		 sscanf(reply->str, "%63s %llu", version, &with) == 2 &&
		 !strcmp(version, KTACH_VERSION) && with >= memory - memory / 8;
	return 0;
}

static int note_tried(struct redis *r, uint64_t memory)
{
	char text[96];

	snprintf(text, sizeof(text), KTACH_VERSION " %" PRIu64, memory);
	call_clear(r);
	call_begin(r, BUCKET_CONTROL, "SET");
	call_key(r, "tried");
	call_text(r, text);
	return call_run(r, CALL_WRITES);
}

static void note_folded(void *context, const struct engine_node *n)
{
	struct redis *r = context;

	if (n->folded > r->engine.last_log)
		r->engine.last_log = n->folded;
}

int redis_retry(struct engine *e, uint64_t memory, struct engine_aside *left)
{
	struct redis *r = redis_of(e);
	uint64_t before = 0, now = 0;
	bool tried = false;
	int err = redis_nodes(e, note_folded, r);

	memset(left, 0, sizeof(*left));
	if (r->fleet)
		return err; /* nothing is its own yet */
	if (!err)
		err = count_aside(r, &before, left->node);
	if (!err)
		err = is_tried(r, memory, &tried);
	if (!err)
		err = retry_frames(r, !tried);
	if (!err && !tried)
		err = retry_parts(r);
	if (!err)
		err = note_tried(r, memory);
	if (!err)
		err = count_aside(r, &now, left->node);
	left->count = now;
	left->tried = before > now ? before - now : 0;
	return err;
}
