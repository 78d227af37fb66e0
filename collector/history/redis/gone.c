// SPDX-License-Identifier: GPL-2.0-or-later
/* What is forgotten as it is old, and how much room there is. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/redis/hours.h"
#include "collector/history/redis/inspect.h"
#include "collector/history/redis/ops.h"

enum {
	FIELD_SIZE = WIRE_ID_SIZE + 8,
	AT_ONCE = 1000, /* that are forgotten by one script */
	ROUNDS_MAX =
		1000, /* of these; what is left then comes with the next minute */
};

/* Of a node. */
#define BYTES_MAX (UINT64_C(1) << 50)
/* Not each time, as all nodes have to be looked at. */
#define STATES_EVERY_NS UINT64_C(600000000000)

/* --- marks --------------------------------------------------------------- */

/* Sessions' fields whose marks are older. */
static int find_marks(struct redis *r, unsigned int bucket, uint64_t before,
		      struct buffer *fields)
{
	const redisReply *pairs;
	size_t i;
	int err;

	call_clear(r);
	call_begin(r, bucket, "HGETALL");
	call_key(r, "mark");
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	pairs = call_reply(r, 0);
	for (i = 0; !err && i + 1 < pairs->elements; i += 2)
		if (pairs->element[i]->len == FIELD_SIZE &&
		    pairs->element[i + 1]->len == 16 &&
		    handle_get64(pairs->element[i + 1]->str + 8) < before)
			err = buffer_put(fields, pairs->element[i]->str,
					 FIELD_SIZE);
	return err;
}

static void put_forget_mark(struct redis *r, unsigned int bucket,
			    const uint8_t *field)
{
	char hex[NODE_HEX_SIZE];

	handle_hex(field, hex);
	apply_begin(r, bucket, 2);
	call_key(r, "mark");
	call_key(r, "sessions:%s", hex);
	apply_token(r);
	apply_command(r, "HDEL", 2, 1);
	call_put(r, field, FIELD_SIZE);
	apply_command(r, "SREM", 3, 1);
	call_put(r, field + WIRE_ID_SIZE, 8);
}

static int forget_marks(struct redis *r, uint64_t before)
{
	struct buffer fields = { 0 };
	unsigned int b;
	size_t i;
	int err = 0;

	for (b = bucket_next(r, 0); !err && before && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		fields.used = 0;
		err = find_marks(r, b, before, &fields);
		call_clear(r);
		for (i = 0; !err && i < fields.used; i += FIELD_SIZE)
			put_forget_mark(r, b, fields.data + i);
		if (!err)
			err = call_run(r, CALL_WRITES);
	}
	buffer_free(&fields);
	return err;
}

/* --- accounts and latest values ------------------------------------------ */

static int find_states(struct redis *r, unsigned int bucket, uint64_t before,
		       struct buffer *nodes)
{
	const redisReply *pairs;
	size_t i;
	int err;

	call_clear(r);
	call_begin(r, bucket, "HGETALL");
	call_key(r, "account");
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	pairs = call_reply(r, 0);
	for (i = 0; !err && i + 1 < pairs->elements; i += 2)
		if (pairs->element[i]->len == WIRE_ID_SIZE &&
		    pairs->element[i + 1]->len >= 8 &&
		    handle_get64(pairs->element[i + 1]->str) < before)
			err = buffer_put(nodes, pairs->element[i]->str,
					 WIRE_ID_SIZE);
	return err;
}

static void put_forget_states(struct redis *r, unsigned int bucket,
			      const struct buffer *nodes)
{
	size_t i;

	apply_begin(r, bucket, 2);
	call_key(r, "account");
	call_key(r, "latest");
	apply_token(r);
	for (i = 0; i < nodes->used; i += WIRE_ID_SIZE) {
		apply_command(r, "HDEL", 2, 1);
		call_node(r, nodes->data + i);
		apply_command(r, "HDEL", 3, 1);
		call_node(r, nodes->data + i);
	}
}

static int forget_states(struct redis *r, uint64_t before)
{
	struct buffer nodes = { 0 };
	unsigned int b;
	int err = 0;

	if (!before || (r->states_ns && before > r->states_ns &&
			before - r->states_ns < STATES_EVERY_NS))
		return 0;
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		nodes.used = 0;
		err = find_states(r, b, before, &nodes);
		call_clear(r);
		if (!err && nodes.used) {
			put_forget_states(r, b, &nodes);
			err = call_run(r, CALL_WRITES);
		}
	}
	buffer_free(&nodes);
	if (!err)
		r->states_ns = before;
	return err;
}

/* --- losses -------------------------------------------------------------- */

static void put_forget_loss(struct redis *r, unsigned int bucket,
			    const char *member, size_t size)
{
	uint8_t node[WIRE_ID_SIZE];
	char hex[NODE_HEX_SIZE];
	uint64_t minute;

	if (handle_split(member, size, node, &minute))
		return;
	handle_hex(node, hex);
	apply_begin(r, bucket, 2);
	call_key(r, "losses");
	call_key(r, "loss:%s", hex);
	apply_token(r);
	apply_command(r, "ZREM", 2, 1);
	call_text(r, member);
	apply_command(r, "HDEL", 3, 1);
	call_number(r, minute);
}

/* Minutes of a range, of all buckets; those of a thousand at once. Return how many there
 * were, or a negative errno.
 */
static int forget_range(struct redis *r, const char *from, const char *to)
{
	struct buffer members = { 0 };
	unsigned int b;
	size_t i, n = 0;
	int err;

	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		call_begin(r, b, "ZRANGEBYSCORE");
		call_key(r, "losses");
		call_text(r, from);
		call_text(r, to);
		call_text(r, "LIMIT");
		call_text(r, "0");
		call_number(r, AT_ONCE);
	}
	err = call_run(r, CALL_READS);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *found = bucket_reply(r, b);

		for (i = 0; !err && i < found->elements; i++) {
			struct hours_item item = { .bucket = b };
			size_t size = (size_t)found->element[i]->len;

			if (handle_split(found->element[i]->str, size,
					 item.node, &item.hour))
				continue;
			err = buffer_put(&members, &item, sizeof(item));
		}
	}
	call_clear(r);
	for (i = 0; !err && i < members.used / sizeof(struct hours_item);
	     i++, n++) {
		const struct hours_item *item =
			(struct hours_item *)members.data + i;
		char member[MEMBER_SIZE];

		handle_member(item->node, item->hour, member);
		put_forget_loss(r, item->bucket, member, strlen(member));
	}
	if (!err)
		err = call_run(r, CALL_WRITES);
	buffer_free(&members);
	return err ? err : (int)n;
}

/* Once a minute. */
static int forget_losses(struct redis *r, uint64_t minute, uint64_t future)
{
	unsigned int left = ROUNDS_MAX;
	char text[24];
	int ret = 1;

	if (minute + future == r->minute)
		return 0;
	snprintf(text, sizeof(text), "(%" PRIu64, minute);
	while (minute && ret > 0 && left--)
		ret = forget_range(r, "-inf", text);
	if (ret < 0)
		return ret;
	snprintf(text, sizeof(text), "%" PRIu64, future);
	for (ret = 1, left = ROUNDS_MAX; future && ret > 0 && left--;)
		ret = forget_range(r, text, "+inf");
	if (ret >= 0)
		r->minute = minute + future;
	return ret < 0 ? ret : 0;
}

/* --- all ----------------------------------------------------------------- */

static int forget_aside(struct redis *r, uint64_t hour)
{
	const struct engine_drop old = { .to = hour, .most = AT_ONCE };
	struct buffer items = { 0 };
	int ret = hour ? hours_find(r, HOURS_ASIDE, &old, &items) : 0;

	if (!ret && items.used)
		ret = hours_delete(r, (struct hours_item *)items.data,
				   items.used / sizeof(struct hours_item),
				   UINT32_MAX);
	buffer_free(&items);
	return ret < 0 ? ret : 0;
}

int redis_forget(struct engine *e, const struct engine_age *a)
{
	struct redis *r = redis_of(e);
	int err = redis_may_write(r);

	if (!err)
		err = forget_marks(r, a->marks_ns);
	if (!err)
		err = forget_states(r, a->states_ns);
	if (!err)
		err = forget_losses(r, a->minute, a->future);
	return err ? err : forget_aside(r, a->hour);
}

/* --- room ---------------------------------------------------------------- */

/* Nobody has as much: what is there is broken, and no reason to delete anything. */
static uint64_t size_of(const redisReply *reply)
{
	uint64_t bytes = reply_score(reply);

	return bytes < BYTES_MAX ? bytes : 0;
}

static int learn_bytes(struct redis *r)
{
	unsigned int b;
	uint64_t bytes = 0;
	size_t i;
	int err;

	if (r->bytes_known)
		return 0;
	err = call_each(r, "ZRANGE", "size", "0", "-1", "WITHSCORES", NULL);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *pairs = bucket_reply(r, b);

		for (i = 1; i < pairs->elements; i += 2)
			bytes += size_of(pairs->element[i]);
	}
	if (err)
		return err;
	r->bytes = bytes;
	r->bytes_known = true;
	return 0;
}

static int ask_log_bytes(struct redis *r, uint64_t *bytes)
{
	unsigned int b;
	int err;

	*bytes = 0;
	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		call_begin(r, b, "MEMORY");
		call_text(r, "USAGE");
		call_key(r, "log");
	}
	err = call_run(r, CALL_READS);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1))
		*bytes += reply_number(bucket_reply(r, b));
	return err;
}

/* Memory is what it lies on: the fullest server's. */
int redis_room(struct engine *e, struct engine_room *room)
{
	struct redis *r = redis_of(e);
	int err = redis_may_write(r);

	memset(room, 0, sizeof(*room));
	if (!err)
		err = redis_trim_now(r);
	if (!err)
		err = learn_bytes(r);
	if (!err)
		err = ask_log_bytes(r, &room->log);
	if (!err)
		err = inspect_memory(r);
	room->used = r->bytes + room->log;
	room->left = r->seen.left;
	room->all = r->seen.all;
	return err;
}

int redis_largest(struct engine *e, uint8_t *node, uint64_t *bytes)
{
	struct redis *r = redis_of(e);
	unsigned int b;
	int err;

	*bytes = 0;
	err = call_each(r, "ZREVRANGE", "size", "0", "0", "WITHSCORES", NULL);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *pair = bucket_reply(r, b);
		uint64_t has;

		if (pair->elements != 2 ||
		    pair->element[0]->len != WIRE_ID_SIZE)
			continue;
		has = size_of(pair->element[1]);
		if (has <= *bytes)
			continue;
		*bytes = has;
		memcpy(node, pair->element[0]->str, WIRE_ID_SIZE);
	}
	return err ? err : *bytes ? 0 : -ENOENT;
}
