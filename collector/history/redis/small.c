// SPDX-License-Identifier: GPL-2.0-or-later
/* A node that moves to another engine. */
#include <errno.h>
#include <stdio.h>

#include "collector/history/redis/node.h"
#include "collector/history/redis/ops.h"

enum {
	FIELD_SIZE = WIRE_ID_SIZE + 8,
};

static int add_ids(const redisReply *keys, struct buffer *ids)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < keys->elements; i++)
		if (keys->element[i]->len >= WIRE_ID_SIZE)
			err = buffer_put(ids, keys->element[i]->str,
					 WIRE_ID_SIZE);
	return err;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, WIRE_ID_SIZE);
}

static int add_losers(struct redis *r, struct buffer *ids)
{
	uint8_t node[WIRE_ID_SIZE];
	uint64_t minute;
	unsigned int b;
	size_t i;
	int err;

	err = call_each(r, "ZRANGE", "losses", "0", "-1", NULL);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *all = bucket_reply(r, b);

		for (i = 0; !err && i < all->elements; i++)
			if (!handle_split(all->element[i]->str,
					  (size_t)all->element[i]->len, node,
					  &minute))
				err = buffer_put(ids, node, WIRE_ID_SIZE);
	}
	return err;
}

int redis_everybody(struct engine *e, engine_found_id *found, void *context)
{
	static const char *const keys[] = { "node", "account", "latest",
					    "mark" };
	struct redis *r = redis_of(e);
	struct buffer ids = { 0 };
	unsigned int b;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(keys) / sizeof(keys[0]); i++) {
		err = call_each(r, "HKEYS", keys[i], NULL);
		for (b = bucket_next(r, 0); !err && b < BUCKETS;
		     b = bucket_next(r, b + 1))
			err = add_ids(bucket_reply(r, b), &ids);
	}
	if (!err)
		err = add_losers(r, &ids);
	if (!err && ids.used)
		qsort(ids.data, ids.used / WIRE_ID_SIZE, WIRE_ID_SIZE, by_id);
	for (i = 0; !err && i < ids.used; i += WIRE_ID_SIZE)
		if (!i || by_id(ids.data + i, ids.data + i - WIRE_ID_SIZE))
			found(context, ids.data + i);
	buffer_free(&ids);
	return err;
}

/* A mark, and when it was set. */
struct small_mark {
	struct engine_mark mark;
	uint64_t real_ns;
};

static int by_time(const void *a, const void *b)
{
	const struct small_mark *x = a, *y = b;

	if (x->real_ns != y->real_ns)
		return x->real_ns < y->real_ns ? -1 : 1;
	return x->mark.session < y->mark.session ?
		       -1 :
		       x->mark.session > y->mark.session;
}

static int ask_sessions(struct redis *r, const uint8_t *node,
			struct buffer *marks)
{
	struct small_mark m = { .real_ns = 0 };
	char hex[NODE_HEX_SIZE];
	size_t i;
	int err;

	handle_hex(node, hex);
	memcpy(m.mark.node, node, WIRE_ID_SIZE);
	call_clear(r);
	call_begin(r, bucket_of(r, node), "SMEMBERS");
	call_key(r, "sessions:%s", hex);
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < call_reply(r, 0)->elements; i++) {
		const redisReply *session = call_reply(r, 0)->element[i];

		if (session->len != sizeof(m.mark.session))
			continue;
		m.mark.session = handle_get64(session->str);
		err = buffer_put(marks, &m, sizeof(m));
	}
	return err;
}

/* The oldest first. */
static int get_marks(struct redis *r, const uint8_t *node, struct buffer *to)
{
	int err = ask_sessions(r, node, to);
	struct small_mark *m = (struct small_mark *)to->data;
	size_t i, count = to->used / sizeof(*m);
	uint8_t field[FIELD_SIZE];

	if (err || !count)
		return err;
	memcpy(field, node, WIRE_ID_SIZE);
	call_clear(r);
	call_begin(r, bucket_of(r, node), "HMGET");
	call_key(r, "mark");
	for (i = 0; i < count; i++) {
		handle_put64(field + WIRE_ID_SIZE, m[i].mark.session);
		call_put(r, field, sizeof(field));
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count && i < call_reply(r, 0)->elements; i++) {
		const redisReply *v = call_reply(r, 0)->element[i];

		if (v->type != REDIS_REPLY_STRING || v->len != 16)
			continue;
		m[i].mark.sequence = handle_get64(v->str);
		m[i].real_ns = handle_get64(v->str + 8);
	}
	if (!err)
		qsort(m, count, sizeof(*m), by_time);
	return err;
}

/* The replies have its bytes. */
static int ask_state(struct redis *r, const uint8_t *node, struct store_node *n)
{
	const redisReply *account, *latest;
	int err;

	call_clear(r);
	call_begin(r, bucket_of(r, node), "HGET");
	call_key(r, "account");
	call_node(r, node);
	call_begin(r, bucket_of(r, node), "HGET");
	call_key(r, "latest");
	call_node(r, node);
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	account = call_reply(r, 0);
	latest = call_reply(r, 1);
	if (account->type == REDIS_REPLY_STRING && account->len >= 8) {
		n->real_ns = handle_get64(account->str);
		n->account = account->str + 8;
		n->account_size = (size_t)account->len - 8;
	}
	if (latest->type == REDIS_REPLY_STRING) {
		n->values = latest->str;
		n->values_size = (size_t)latest->len;
	}
	return 0;
}

static int copy_losses(const uint8_t *node, const struct buffer *minutes,
		       struct buffer *losses)
{
	const struct node_minute *m = (const struct node_minute *)minutes->data;
	size_t i, count = minutes->used / sizeof(*m);
	struct store_loss loss;
	int err = 0;

	memcpy(loss.node, node, WIRE_ID_SIZE);
	for (i = 0; !err && i < count; i++) {
		loss.minute = m[i].minute;
		memcpy(loss.count, m[i].count, sizeof(loss.count));
		err = buffer_put(losses, &loss, sizeof(loss));
	}
	return err;
}

static int copy_marks(const struct buffer *from, struct buffer *to,
		      uint64_t *newest)
{
	const struct small_mark *m = (const struct small_mark *)from->data;
	size_t i, count = from->used / sizeof(*m);
	int err = 0;

	for (i = 0; !err && i < count; i++) {
		*newest = m[i].real_ns;
		err = buffer_put(to, &m[i].mark, sizeof(m[i].mark));
	}
	return err;
}

int redis_small(struct engine *e, const uint8_t *node,
		engine_found_commit *found, void *context)
{
	struct redis *r = redis_of(e);
	struct buffer ages = { 0 }, marks = { 0 }, minutes = { 0 };
	struct buffer losses = { 0 };
	struct store_node state = { .node = node };
	struct engine_commit c = { .states = &state };
	int err = get_marks(r, node, &ages);

	if (!err)
		err = copy_marks(&ages, &marks, &c.real_ns);
	if (!err)
		err = loss_minutes(r, node, &minutes);
	if (!err)
		err = copy_losses(node, &minutes, &losses);
	if (!err)
		err = ask_state(r, node, &state);
	c.marks = (const struct engine_mark *)marks.data;
	c.mark_count = marks.used / sizeof(*c.marks);
	c.losses = (const struct store_loss *)losses.data;
	c.loss_count = losses.used / sizeof(*c.losses);
	c.state_count = state.account_size || state.values_size;
	if (!err && (c.mark_count || c.loss_count || c.state_count))
		err = found(context, &c);
	buffer_free(&ages);
	buffer_free(&marks);
	buffer_free(&minutes);
	buffer_free(&losses);
	return err;
}

/* --- leaving ------------------------------------------------------------- */

enum {
	LEAVE_MARK = 2,
	LEAVE_SESSIONS,
	LEAVE_ACCOUNT,
	LEAVE_LATEST,
	LEAVE_LOSSES,
	LEAVE_LOSS,
	LEAVE_NODE,
	LEAVE_SIZE,
};

static void put_gone(struct redis *r, const uint8_t *node,
		     const struct buffer *marks, const struct buffer *minutes)
{
	const struct small_mark *m = (const struct small_mark *)marks->data;
	const struct node_minute *l = (const struct node_minute *)minutes->data;
	char member[MEMBER_SIZE];
	uint8_t field[FIELD_SIZE];
	size_t i;

	memcpy(field, node, WIRE_ID_SIZE);
	for (i = 0; i < marks->used / sizeof(*m); i++) {
		handle_put64(field + WIRE_ID_SIZE, m[i].mark.session);
		apply_command(r, "HDEL", LEAVE_MARK, 1);
		call_put(r, field, sizeof(field));
	}
	for (i = 0; i < minutes->used / sizeof(*l); i++) {
		handle_member(node, l[i].minute, member);
		apply_command(r, "ZREM", LEAVE_LOSSES, 1);
		call_text(r, member);
	}
	apply_command(r, "DEL", LEAVE_SESSIONS, 0);
	apply_command(r, "DEL", LEAVE_LOSS, 0);
	apply_command(r, "HDEL", LEAVE_ACCOUNT, 1);
	call_node(r, node);
	apply_command(r, "HDEL", LEAVE_LATEST, 1);
	call_node(r, node);
}

static void put_leave(struct redis *r, const uint8_t *node,
		      const struct buffer *marks, const struct buffer *minutes,
		      bool row)
{
	char hex[NODE_HEX_SIZE];

	handle_hex(node, hex);
	apply_begin(r, bucket_of(r, node), LEAVE_SIZE - 1);
	call_key(r, "mark");
	call_key(r, "sessions:%s", hex);
	call_key(r, "account");
	call_key(r, "latest");
	call_key(r, "losses");
	call_key(r, "loss:%s", hex);
	call_key(r, "node");
	call_key(r, "size");
	apply_token(r);
	put_gone(r, node, marks, minutes);
	if (!row)
		return;
	apply_command(r, "HDEL", LEAVE_NODE, 1);
	call_node(r, node);
	apply_command(r, "ZREM", LEAVE_SIZE, 1);
	call_node(r, node);
}

static int has_bytes(struct redis *r, const uint8_t *node, bool *has)
{
	int err;

	call_clear(r);
	call_begin(r, bucket_of(r, node), "ZSCORE");
	call_key(r, "size");
	call_node(r, node);
	err = call_run(r, CALL_READS);
	if (!err)
		*has = reply_number(call_reply(r, 0)) != 0;
	return err;
}

int redis_leave(struct engine *e, const uint8_t *node, bool row)
{
	struct redis *r = redis_of(e);
	struct buffer marks = { 0 }, minutes = { 0 };
	bool has = false;
	int err = redis_may_write(r);

	if (!err)
		err = ask_sessions(r, node, &marks);
	if (!err)
		err = loss_minutes(r, node, &minutes);
	if (!err)
		err = has_bytes(r, node, &has);
	call_clear(r);
	if (!err)
		put_leave(r, node, &marks, &minutes, row && !has);
	if (!err)
		err = call_run(r, CALL_WRITES);
	buffer_free(&marks);
	buffer_free(&minutes);
	return err;
}
