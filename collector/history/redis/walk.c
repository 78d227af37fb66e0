// SPDX-License-Identifier: GPL-2.0-or-later
/* Over all pieces: hour by hour, in each bucket by bucket, there by rising ids. The handle
 * knows where the last walk ended; one that comes from elsewhere begins anew.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/redis/hours.h"
#include "collector/history/redis/ops.h"

enum {
	CHUNKS_AT_ONCE = 16,
};

/* A walk under way. */
struct walking {
	struct redis *r;
	struct engine_walk *w;
	engine_found_piece *found;
	void *context;
	struct buffer items; /* struct hours_item of an hour */
};

/* The first hour from one on that any bucket has; UINT64_MAX: none. */
static int next_hour(struct redis *r, int what, uint64_t from, uint64_t *hour)
{
	unsigned int b;
	int err;

	*hour = UINT64_MAX;
	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1))
		hours_ask_next(r, b, what, from);
	err = call_run(r, CALL_READS);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		uint64_t found = hours_next(r, r->rank[b]);

		if (found >= from && found < *hour)
			*hour = found;
	}
	return err;
}

static int by_place(const void *a, const void *b)
{
	const struct hours_item *x = a, *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return memcmp(x->node, y->node, sizeof(x->node));
}

/* All nodes that have something of an hour. */
static int find_nodes(struct walking *k, int what, uint64_t hour)
{
	struct redis *r = k->r;
	unsigned int b;
	size_t i;
	int err;

	k->items.used = 0;
	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		call_begin(r, b, "ZRANGEBYSCORE");
		call_key(r, "hours:%s", hours_name[what]);
		call_number(r, hour);
		call_number(r, hour);
	}
	err = call_run(r, CALL_READS);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *reply = bucket_reply(r, b);
		struct hours_item h = { .what = what, .bucket = b };

		for (i = 0; !err && i < reply->elements; i++) {
			const redisReply *e = reply->element[i];

			if (!handle_split(e->str, (size_t)e->len, h.node,
					  &h.hour))
				err = buffer_put(&k->items, &h, sizeof(h));
		}
	}
	if (!err && k->items.used)
		qsort(k->items.data, k->items.used / sizeof(struct hours_item),
		      sizeof(struct hours_item), by_place);
	return err;
}

/* Where it is now: a number that is given to nobody else. */
static void note_place(struct walking *k, const struct hours_item *h,
		       size_t part)
{
	struct walk_place *p = &k->r->walk;

	p->what = h->what;
	p->hour = h->hour;
	p->bucket = h->bucket;
	p->part = part;
	handle_member(h->node, h->hour, p->member);
	k->w->at = ++p->at;
	k->w->moved = true;
}

static int tell_one(struct walking *k, const struct hours_item *h, size_t part,
		    const redisReply *data)
{
	struct engine_piece p = { .tier = k->w->tier,
				  .key.hour = h->hour,
				  .data = { data->str, (size_t)data->len } };
	char name[KEY_SIZE], hex[NODE_HEX_SIZE];

	handle_hex(h->node, hex);
	snprintf(name, sizeof(name), "key %s:{%s}:%s:%s:%" PRIu64,
		 k->r->place.prefix, k->r->tags[h->bucket], hours_name[h->what],
		 hex, h->hour);
	memcpy(p.key.node, h->node, WIRE_ID_SIZE);
	p.name = name;
	note_place(k, h, part);
	return k->found(k->context, &p);
}

static int tell_reply(struct walking *k, const struct hours_item *h,
		      const redisReply *reply, size_t first)
{
	size_t i;
	int ret = 0;

	if (reply->type == REDIS_REPLY_STRING)
		return tell_one(k, h, 0, reply);
	if (reply->type != REDIS_REPLY_ARRAY)
		return 0;
	for (i = first; !ret && i < reply->elements; i++)
		ret = tell_one(k, h, i, reply->element[i]);
	return ret;
}

static void ask_piece(struct redis *r, const struct hours_item *h)
{
	bool list = h->what >= ENGINE_PARTS;

	call_begin(r, h->bucket, list ? "LRANGE" : "GET");
	call_hour_key(r, h->what, h->node, h->hour);
	if (list) {
		call_text(r, "0");
		call_text(r, "-1");
	}
}

/* Whether the last walk came this far; @part: of its last piece, those behind follow. */
static bool is_told(const struct walk_place *p, const struct hours_item *h,
		    size_t *part)
{
	struct hours_item last = { .bucket = p->bucket };
	int order;

	*part = 0;
	if (!p->member[0] || p->hour != h->hour)
		return false;
	handle_split(p->member, strlen(p->member), last.node, &last.hour);
	order = by_place(h, &last);
	if (order)
		return order < 0;
	*part = p->part + 1;
	return h->what < ENGINE_PARTS;
}

static int tell_hour(struct walking *k, const struct walk_place *from)
{
	const struct hours_item *h = (const struct hours_item *)k->items.data;
	size_t i, n, count = k->items.used / sizeof(*h), part;
	int ret = 0;

	while (!ret && count) {
		if (is_told(from, h, &part)) {
			h++;
			count--;
			continue;
		}
		n = count < CHUNKS_AT_ONCE ? count : CHUNKS_AT_ONCE;
		call_clear(k->r);
		for (i = 0; i < n; i++)
			ask_piece(k->r, &h[i]);
		ret = call_run(k->r, CALL_READS);
		for (i = 0; !ret && i < n; i++) {
			is_told(from, &h[i], &part);
			ret = tell_reply(k, &h[i], call_reply(k->r, i), part);
		}
		h += n;
		count -= n;
	}
	return ret;
}

static int walk_what(struct walking *k, int what, const struct walk_place *from)
{
	uint64_t hour = from->member[0] ? from->hour : 0;
	int ret = next_hour(k->r, what, hour, &hour);

	while (!ret && hour < UINT64_MAX) {
		ret = find_nodes(k, what, hour);
		if (!ret)
			ret = tell_hour(k, from);
		if (!ret)
			ret = next_hour(k->r, what, hour + 1, &hour);
	}
	return ret;
}

/* Parts that are set aside follow the others. */
int redis_walk(struct engine *e, struct engine_walk *w,
	       engine_found_piece *found, void *context)
{
	struct redis *r = redis_of(e);
	struct walking k = { r, w, found, context, { 0 } };
	const struct walk_place none = { .part = 0 };
	struct walk_place from = r->walk;
	bool aside = w->tier == ENGINE_PARTS && from.what == HOURS_ASIDE;
	int ret;

	if (!w->moved || from.at != w->at || (from.what != w->tier && !aside))
		from = none;
	ret = aside && from.member[0] ? 0 : walk_what(&k, w->tier, &from);
	if (!ret && w->tier == ENGINE_PARTS)
		ret = walk_what(&k, HOURS_ASIDE, aside ? &from : &none);
	buffer_free(&k.items);
	return ret;
}
