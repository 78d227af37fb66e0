// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/redis/hours.h"
#include "collector/history/redis/lease.h"
#include "collector/history/redis/ops.h"

enum {
	BOUNDS = 2 * HOURS_KINDS, /* questions a bucket */
};

void hours_add(struct redis *r, int what, unsigned int bucket, uint64_t hour)
{
	struct bounds *b = &r->bounds[what][bucket];

	if (!r->known[bucket])
		return;
	if (hour < b->oldest)
		b->oldest = hour;
	if (hour > b->newest)
		b->newest = hour;
}

void hours_forget(struct redis *r, unsigned int bucket)
{
	r->known[bucket] = false;
}

static void ask_end(struct redis *r, unsigned int bucket, int what,
		    const char *at)
{
	call_begin(r, bucket, "ZRANGE");
	call_key(r, "hours:%s", hours_name[what]);
	call_text(r, at);
	call_text(r, at);
	call_text(r, "WITHSCORES");
}

static uint64_t read_end(const redisReply *reply, uint64_t none)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 ?
		       reply_score(reply->element[1]) :
		       none;
}

int hours_learn(struct redis *r)
{
	unsigned int b, asked[BUCKETS], count = 0, i;
	int what, err;

	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		if (r->known[b])
			continue;
		asked[count++] = b;
		for (what = 0; what < HOURS_KINDS; what++) {
			ask_end(r, b, what, "0");
			ask_end(r, b, what, "-1");
		}
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count; i++) {
		b = asked[i];
		r->known[b] = true;
		for (what = 0; what < HOURS_KINDS; what++) {
			size_t at = i * BOUNDS + (size_t)(2 * what);
			struct bounds *bounds = &r->bounds[what][b];

			bounds->oldest =
				read_end(call_reply(r, at), UINT64_MAX);
			bounds->newest = read_end(call_reply(r, at + 1), 0);
		}
	}
	return err;
}

/* --- finding ------------------------------------------------------------- */

static bool is_in(const struct bounds *b, const struct engine_drop *d)
{
	return b->oldest <= b->newest && b->oldest < d->to &&
	       b->newest >= d->from;
}

static void ask_range(struct redis *r, unsigned int bucket, int what,
		      const struct engine_drop *d)
{
	char to[24] = "+inf";

	if (d->to < UINT64_MAX)
		snprintf(to, sizeof(to), "(%" PRIu64, d->to);
	call_begin(r, bucket, "ZRANGEBYSCORE");
	call_key(r, "hours:%s", hours_name[what]);
	call_number(r, d->from);
	call_text(r, to);
	if (d->node)
		return;
	call_text(r, "LIMIT");
	call_text(r, "0");
	call_number(r, d->most);
}

static int by_hour(const void *a, const void *b)
{
	const struct hours_item *x = a, *y = b;

	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	return memcmp(x->node, y->node, sizeof(x->node));
}

static int take_range(const redisReply *reply, unsigned int bucket, int what,
		      const struct engine_drop *d, struct buffer *items)
{
	struct hours_item item = { .what = what, .bucket = bucket };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < reply->elements; i++) {
		const redisReply *e = reply->element[i];

		if (handle_split(e->str, (size_t)e->len, item.node, &item.hour))
			continue;
		if (!d->node || !memcmp(d->node, item.node, WIRE_ID_SIZE))
			err = buffer_put(items, &item, sizeof(item));
	}
	return err;
}

int hours_find(struct redis *r, int what, const struct engine_drop *d,
	       struct buffer *items)
{
	unsigned int b, only = d->node ? bucket_of(r, d->node) : BUCKETS;
	unsigned int asked[BUCKETS], count = 0, i;
	size_t most = items->used + d->most * sizeof(struct hours_item);
	int err = hours_learn(r);

	if (err)
		return err;
	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		if ((d->node && b != only) || !is_in(&r->bounds[what][b], d))
			continue;
		asked[count++] = b;
		ask_range(r, b, what, d);
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count; i++)
		err = take_range(call_reply(r, i), asked[i], what, d, items);
	if (!err && items->used)
		qsort(items->data, items->used / sizeof(struct hours_item),
		      sizeof(struct hours_item), by_hour);
	if (!err && items->used > most)
		items->used = most;
	return err;
}

/* --- deleting ------------------------------------------------------------ */

static bool is_list(int what)
{
	return what == ENGINE_PARTS || what == HOURS_ASIDE;
}

static void put_minus(struct redis *r, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "-%" PRIu64, number);
	call_text(r, text);
}

/* Bytes of what is to go, how much that is, and how much there is. */
struct amount {
	uint64_t bytes;
	uint64_t count;
	uint64_t all;
};

static int ask_amounts(struct redis *r, const struct hours_item *items,
		       size_t count, unsigned int most, struct amount *amounts)
{
	size_t i, k, at = 0;
	int err;

	call_clear(r);
	for (i = 0; i < count; i++) {
		const struct hours_item *h = &items[i];

		call_begin(r, h->bucket, is_list(h->what) ? "LLEN" : "STRLEN");
		call_hour_key(r, h->what, h->node, h->hour);
		if (!is_list(h->what))
			continue;
		call_begin(r, h->bucket, "LRANGE");
		call_hour_key(r, h->what, h->node, h->hour);
		call_text(r, "0");
		call_number(r, most - 1);
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count; i++) {
		struct amount *a = &amounts[i];
		const redisReply *reply = call_reply(r, at++);

		*a = (struct amount){ .bytes = reply_number(reply),
				      .count = 1,
				      .all = 1 };
		if (!is_list(items[i].what))
			continue;
		a->all = a->bytes;
		a->count = a->bytes = 0;
		reply = call_reply(r, at++);
		for (k = 0; k < reply->elements && a->count < most; k++) {
			a->bytes += (uint64_t)reply->element[k]->len;
			a->count++;
		}
		most -= (unsigned int)a->count;
	}
	return err;
}

/* Of parts there may be some left. */
static void put_delete(struct redis *r, const struct hours_item *h,
		       const struct amount *a)
{
	bool parts = h->what == ENGINE_PARTS;
	char member[MEMBER_SIZE];

	handle_member(h->node, h->hour, member);
	apply_begin(r, h->bucket, parts ? 5 : 3);
	call_hour_key(r, h->what, h->node, h->hour);
	call_key(r, "hours:%s", hours_name[h->what]);
	call_key(r, "size");
	if (parts) {
		call_key(r, "parts");
		call_key(r, "partbytes");
	}
	apply_token(r);
	apply_command(r, "ZINCRBY", 4, 2);
	put_minus(r, a->bytes);
	call_node(r, h->node);
	if (a->count < a->all) {
		apply_command(r, "LTRIM", 2, 2);
		call_number(r, a->count);
		call_text(r, "-1");
	} else {
		apply_command(r, "DEL", 2, 0);
		apply_command(r, "ZREM", 3, 1);
		call_text(r, member);
	}
	if (!parts)
		return;
	if (a->count < a->all) {
		apply_command(r, "ZINCRBY", 5, 2);
		put_minus(r, a->count);
		call_text(r, member);
		apply_command(r, "ZINCRBY", 6, 2);
		put_minus(r, a->bytes);
		call_text(r, member);
		return;
	}
	apply_command(r, "ZREM", 5, 1);
	call_text(r, member);
	apply_command(r, "ZREM", 6, 1);
	call_text(r, member);
}

int hours_delete(struct redis *r, const struct hours_item *items, size_t count,
		 unsigned int most)
{
	struct amount *amounts = calloc(count, sizeof(*amounts));
	uint64_t gone = 0, bytes = 0;
	size_t i;
	int err = amounts ? ask_amounts(r, items, count, most, amounts) :
			    -ENOMEM;

	call_clear(r);
	for (i = 0; !err && i < count; i++) {
		if (!amounts[i].count && amounts[i].all)
			continue;
		put_delete(r, &items[i], &amounts[i]);
		hours_forget(r, items[i].bucket);
		gone += amounts[i].count;
		bytes += amounts[i].bytes;
	}
	if (!err)
		err = call_run(r, CALL_WRITES);
	free(amounts);
	if (err) {
		r->bytes_known = false;
		return err;
	}
	r->bytes -= bytes < r->bytes ? bytes : r->bytes;
	return (int)gone;
}

/* Of parts, those that are set aside, too, if all are meant. */
int redis_drop(struct engine *e, const struct engine_drop *d)
{
	struct redis *r = redis_of(e);
	struct buffer items = { 0 };
	int ret = redis_may_write(r);

	if (!ret)
		ret = hours_find(r, d->tier, d, &items);
	if (!ret && d->tier == ENGINE_PARTS && !d->from)
		ret = hours_find(r, HOURS_ASIDE, d, &items);
	if (!ret && items.used)
		ret = hours_delete(r, (struct hours_item *)items.data,
				   items.used / sizeof(struct hours_item),
				   d->most);
	buffer_free(&items);
	return ret;
}

/* --- asking -------------------------------------------------------------- */

static int take_ripe(const redisReply *members, struct buffer *items)
{
	struct hours_item item = { .what = ENGINE_PARTS };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < members->elements; i++) {
		const redisReply *e = members->element[i];

		if (!handle_split(e->str, (size_t)e->len, item.node,
				  &item.hour))
			err = buffer_put(items, &item, sizeof(item));
	}
	return err;
}

static int tell_ripe(const struct buffer *items, struct engine_key *keys,
		     unsigned int most)
{
	struct hours_item *h = (struct hours_item *)items->data;
	size_t i, count = items->used / sizeof(*h);
	int n = 0;

	if (count)
		qsort(h, count, sizeof(*h), by_hour);
	for (i = 0; i < count && n < (int)most; i++) {
		if (i && !by_hour(&h[i], &h[i - 1]))
			continue; /* old, and many */
		memcpy(keys[n].node, h[i].node, WIRE_ID_SIZE);
		keys[n++].hour = h[i].hour;
	}
	return n;
}

/* Those that are old only of buckets that have some. */
int redis_ripe(struct engine *e, uint64_t hour, unsigned int parts,
	       struct engine_key *keys, unsigned int most)
{
	const struct engine_drop old = { .to = hour, .most = most };
	struct redis *r = redis_of(e);
	struct buffer items = { 0 };
	unsigned int b;
	int ret = lease_renew(r);

	if (!ret)
		ret = hours_find(r, ENGINE_PARTS, &old, &items);
	call_clear(r);
	for (b = bucket_next(r, 0); !ret && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		if (r->bounds[ENGINE_PARTS][b].oldest == UINT64_MAX)
			continue;
		call_begin(r, b, "ZRANGEBYSCORE");
		call_key(r, "parts");
		call_number(r, parts);
		call_text(r, "+inf");
		call_text(r, "LIMIT");
		call_text(r, "0");
		call_number(r, most);
	}
	if (!ret)
		ret = call_run(r, CALL_READS);
	for (b = 0; !ret && b < call_count(r); b++)
		ret = take_ripe(call_reply(r, b), &items);
	if (!ret)
		ret = tell_ripe(&items, keys, most);
	buffer_free(&items);
	return ret;
}

void hours_ask_next(struct redis *r, unsigned int bucket, int what,
		    uint64_t hour)
{
	call_begin(r, bucket, "ZRANGEBYSCORE");
	call_key(r, "hours:%s", hours_name[what]);
	call_number(r, hour);
	call_text(r, "+inf");
	call_text(r, "WITHSCORES");
	call_text(r, "LIMIT");
	call_text(r, "0");
	call_text(r, "1");
}

uint64_t hours_next(const struct redis *r, size_t at)
{
	return read_end(call_reply(r, at), UINT64_MAX);
}

/* Of any node of the bucket. */
int redis_next(struct engine *e, const uint8_t *node, uint64_t hour,
	       uint64_t *first)
{
	struct redis *r = redis_of(e);
	unsigned int bucket = bucket_of(r, node);
	int what, err;

	*first = UINT64_MAX;
	call_clear(r);
	for (what = 0; what < ENGINE_PIECES; what++)
		hours_ask_next(r, bucket, what, hour);
	err = call_run(r, CALL_READS);
	for (what = 0; !err && what < ENGINE_PIECES; what++) {
		uint64_t found = hours_next(r, (size_t)what);

		if (found < *first)
			*first = found;
	}
	return err;
}
