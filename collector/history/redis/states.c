// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of nodes beside their samples. */
#include <errno.h>

#include "collector/history/redis/node.h"
#include "collector/history/redis/ops.h"

/* Losses of a minute. */
#define COUNT_MAX (INT64_C(1) << 40)

static int by_minute(const void *a, const void *b)
{
	const struct node_minute *x = a, *y = b;

	return x->minute < y->minute ? -1 : x->minute > y->minute;
}

/* What nobody wrote is not more than can be added up. */
static int64_t count_of(char **at)
{
	int64_t count = strtoll(*at, at, 10);

	return count < 0 ? 0 : count > COUNT_MAX ? COUNT_MAX : count;
}

static void read_minute(const redisReply *minute, const redisReply *counts,
			struct node_minute *m)
{
	char *at = counts->str;
	int i;

	m->minute = strtoull(minute->str, NULL, 10);
	for (i = 0; i < LOSS_CAUSES; i++)
		m->count[i] = count_of(&at);
}

static int read_losses(const redisReply *pairs, struct buffer *minutes)
{
	struct node_minute m;
	size_t i;
	int err = 0;

	for (i = 0; !err && i + 1 < pairs->elements; i += 2) {
		read_minute(pairs->element[i], pairs->element[i + 1], &m);
		err = buffer_put(minutes, &m, sizeof(m));
	}
	if (minutes->used)
		qsort(minutes->data, minutes->used / sizeof(m), sizeof(m),
		      by_minute);
	return err;
}

static void tell_losses(const struct buffer *minutes,
			const struct history_losses_query *q,
			engine_found_loss *found, void *context)
{
	const struct node_minute *m = (const struct node_minute *)minutes->data;
	const struct node_minute *end = m + minutes->used / sizeof(*m);
	uint64_t step = q->step_ns / HISTORY_LOSS_STEP_NS;
	uint64_t from = q->from_ns / HISTORY_LOSS_STEP_NS;
	uint64_t to = (q->to_ns - 1) / HISTORY_LOSS_STEP_NS;
	struct history_loss loss;
	uint64_t at;
	int i;

	while (m < end && m->minute < from)
		m++;
	while (m < end && m->minute <= to) {
		at = m->minute / step;
		loss = (struct history_loss){ .real_ns = at * step *
							 HISTORY_LOSS_STEP_NS };
		for (; m < end && m->minute <= to && m->minute / step == at;
		     m++)
			for (i = 0; i < LOSS_CAUSES; i++)
				loss.count[i] += m->count[i];
		found(context, &loss);
	}
}

int loss_minutes(struct redis *r, const uint8_t *node, struct buffer *minutes)
{
	char hex[NODE_HEX_SIZE];
	int err;

	handle_hex(node, hex);
	call_clear(r);
	call_begin(r, bucket_of(r, node), "HGETALL");
	call_key(r, "loss:%s", hex);
	err = call_run(r, CALL_READS);
	return err ? err : read_losses(call_reply(r, 0), minutes);
}

int redis_losses(struct engine *e, const struct history_losses_query *q,
		 engine_found_loss *found, void *context)
{
	struct buffer minutes = { 0 };
	int err;

	if (q->step_ns < HISTORY_LOSS_STEP_NS)
		return -EINVAL;
	err = loss_minutes(redis_of(e), q->node, &minutes);
	if (!err)
		tell_losses(&minutes, q, found, context);
	buffer_free(&minutes);
	return err;
}

/* One of a reply that stays until all is told. */
struct state {
	const char *node;
	const char *data;
	size_t size;
	uint64_t real_ns;
};

static int by_age(const void *a, const void *b)
{
	const struct state *x = a, *y = b;

	return x->real_ns > y->real_ns ? -1 : x->real_ns < y->real_ns;
}

static int by_node(const void *a, const void *b)
{
	return memcmp(((const struct state *)a)->node,
		      ((const struct state *)b)->node, WIRE_ID_SIZE);
}

static void tell_states(struct state *s, size_t count, size_t most,
			history_state *found, void *context)
{
	size_t i;

	if (count)
		qsort(s, count, sizeof(*s), by_node);
	for (i = 0; i < count && i < most; i++)
		found(context, (const uint8_t *)s[i].node, s[i].data,
		      s[i].size);
}

static int add_account(struct buffer *all, const redisReply *node,
		       const redisReply *value)
{
	struct state s = { .node = node->str };

	if (node->len != WIRE_ID_SIZE || value->len < 8)
		return 0;
	s.real_ns = handle_get64(value->str);
	s.data = value->str + 8;
	s.size = (size_t)value->len - 8;
	return buffer_put(all, &s, sizeof(s));
}

int redis_accounts(struct engine *e, size_t count, history_state *found,
		   void *context)
{
	struct redis *r = redis_of(e);
	int err = call_each(r, "HGETALL", "account", NULL);
	struct buffer all = { 0 };
	size_t i, b, n;

	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *pairs = bucket_reply(r, b);

		for (i = 0; !err && i + 1 < pairs->elements; i += 2)
			err = add_account(&all, pairs->element[i],
					  pairs->element[i + 1]);
	}
	n = all.used / sizeof(struct state);
	if (n > count)
		qsort(all.data, n, sizeof(struct state), by_age);
	if (!err)
		tell_states((struct state *)all.data, n < count ? n : count,
			    SIZE_MAX, found, context);
	buffer_free(&all);
	return err;
}

/* The ids after one, of all buckets, the first @count; their values are asked for then, as
 * those of all would not fit into memory.
 */
static int find_ids(struct redis *r, const uint8_t *after, size_t count,
		    struct buffer *ids)
{
	int err = call_each(r, "HKEYS", "latest", NULL);
	struct state s = { .size = 0 };
	size_t b, i;

	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *keys = bucket_reply(r, b);

		for (i = 0; !err && i < keys->elements; i++) {
			s.node = keys->element[i]->str;
			if (keys->element[i]->len == WIRE_ID_SIZE &&
			    memcmp(s.node, after, WIRE_ID_SIZE) > 0)
				err = buffer_put(ids, &s, sizeof(s));
		}
	}
	if (!err && ids->used)
		qsort(ids->data, ids->used / sizeof(s), sizeof(s), by_node);
	if (ids->used > count * sizeof(s))
		ids->used = count * sizeof(s);
	return err;
}

int redis_latest(struct engine *e, const uint8_t *after, size_t count,
		 history_state *found, void *context)
{
	struct redis *r = redis_of(e);
	struct buffer ids = { 0 };
	struct state *s;
	uint8_t *nodes = NULL;
	size_t i, n;
	int err = find_ids(r, after, count, &ids);

	n = ids.used / sizeof(*s);
	s = (struct state *)ids.data;
	if (!err && n) {
		nodes = malloc(n * WIRE_ID_SIZE);
		err = nodes ? 0 : -ENOMEM;
	}
	for (i = 0; !err && i < n; i++)
		memcpy(nodes + i * WIRE_ID_SIZE, s[i].node, WIRE_ID_SIZE);
	call_clear(r);
	for (i = 0; !err && i < n; i++) {
		call_begin(r, bucket_of(r, nodes + i * WIRE_ID_SIZE), "HGET");
		call_key(r, "latest");
		call_node(r, nodes + i * WIRE_ID_SIZE);
	}
	if (!err)
		err = call_run(r, CALL_READS);
	for (i = 0; !err && i < n; i++)
		if (call_reply(r, i)->type == REDIS_REPLY_STRING)
			found(context, nodes + i * WIRE_ID_SIZE,
			      call_reply(r, i)->str,
			      (size_t)call_reply(r, i)->len);
	free(nodes);
	buffer_free(&ids);
	return err;
}
