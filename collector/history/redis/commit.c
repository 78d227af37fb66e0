// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes is committed: marks, what is known of nodes, losses, rows of the log, by a
 * script a bucket.
 */
#include <errno.h>
#include <stdio.h>

#include "collector/history/frames/frame_log.h"
#include "collector/history/redis/lease.h"
#include "collector/history/redis/ops.h"

enum {
	FIELD_SIZE = WIRE_ID_SIZE + 8,
	COUNTS_SIZE = LOSS_CAUSES * 21,
};

/* Which of what a commit has are a bucket's: numbers, bucket by bucket. */
struct sorted {
	size_t begin[BUCKETS + 1];
	uint32_t *at;
};

/**
 * struct parcels - a commit by buckets
 * @c: all of it
 * @marks: in it
 * @accounts: states with one
 * @values: states with such
 * @losses: in it
 */
struct parcels {
	const struct engine_commit *c;
	struct sorted marks;
	struct sorted accounts;
	struct sorted values;
	struct sorted losses;
};

typedef const uint8_t *item_node(const struct engine_commit *c, size_t i);

static const uint8_t *node_of_mark(const struct engine_commit *c, size_t i)
{
	return c->marks[i].node;
}

static const uint8_t *node_of_account(const struct engine_commit *c, size_t i)
{
	return c->states[i].account_size ? c->states[i].node : NULL;
}

static const uint8_t *node_of_values(const struct engine_commit *c, size_t i)
{
	return c->states[i].values_size ? c->states[i].node : NULL;
}

static const uint8_t *node_of_loss(const struct engine_commit *c, size_t i)
{
	return c->losses[i].node;
}

/* @room: for @count numbers, and as many buckets. Return whether all are its own: what is
 * another collector's would be taken for kept, and be nowhere.
 */
static bool sort(const struct redis *r, struct sorted *s,
		 const struct engine_commit *c, size_t count,
		 item_node *node_of, uint32_t *room)
{
	uint32_t *buckets = room + count;
	size_t i, sum = 0, next[BUCKETS] = { 0 };
	bool own = true;

	s->at = room;
	for (i = 0; i < count; i++) {
		const uint8_t *node = node_of(c, i);

		buckets[i] = node ? bucket_of(r, node) : BUCKETS;
		if (!node)
			continue;
		next[buckets[i]]++;
		own = own && r->mine[buckets[i]];
	}
	for (i = 0; i < BUCKETS; i++) {
		s->begin[i] = sum;
		sum += next[i];
		next[i] = s->begin[i];
	}
	s->begin[BUCKETS] = sum;
	for (i = 0; i < count; i++)
		if (buckets[i] < BUCKETS)
			s->at[next[buckets[i]]++] = (uint32_t)i;
	return own;
}

static int sort_all(struct redis *r, struct parcels *p)
{
	const struct engine_commit *c = p->c;
	size_t all = c->mark_count + 2 * c->state_count + c->loss_count;
	uint32_t *room;
	bool own;

	r->order.used = 0;
	if (buffer_reserve(&r->order, 2 * all * sizeof(*room) + 1))
		return -ENOMEM;
	room = (uint32_t *)r->order.data;
	own = sort(r, &p->marks, c, c->mark_count, node_of_mark, room);
	room += 2 * c->mark_count;
	sort(r, &p->accounts, c, c->state_count, node_of_account, room);
	room += 2 * c->state_count;
	sort(r, &p->values, c, c->state_count, node_of_values, room);
	room += 2 * c->state_count;
	sort(r, &p->losses, c, c->loss_count, node_of_loss, room);
	return own ? 0 : handle_fail(r, "a session is another collector's");
}

/* A row a bucket, with its nodes' frames. */
static int split_log(struct redis *r, const struct engine_blob *log)
{
	const struct kept_frame *f;
	struct frame_walk walk;
	unsigned int b;
	int err = 0;

	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1))
		r->rows[b].used = 0;
	if (!log->size)
		return 0;
	frame_walk_begin(&walk, log->data, log->size);
	while (!err && (f = frame_walk_next(&walk))) {
		struct kept_frame copy;

		memcpy(&copy, f, sizeof(copy));
		b = bucket_of(r, copy.node);
		if (!r->mine[b])
			return handle_fail(r, "a frame is another collector's");
		if (!r->rows[b].used)
			err = frame_log_begin(&r->rows[b]);
		if (!err)
			err = frame_log_put(&r->rows[b], &copy, f + 1);
	}
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1))
		if (r->rows[b].used)
			err = frame_log_finish(&r->rows[b]);
	return err;
}

static size_t count_of(const struct sorted *s, unsigned int bucket)
{
	return s->begin[bucket + 1] - s->begin[bucket];
}

#define EACH(i, sorted, bucket) \
	for (i = (sorted)->begin[bucket]; i < (sorted)->begin[bucket + 1]; i++)

static void put_field(struct redis *r, const struct engine_mark *m)
{
	uint8_t field[FIELD_SIZE];

	memcpy(field, m->node, WIRE_ID_SIZE);
	handle_put64(field + WIRE_ID_SIZE, m->session);
	call_put(r, field, sizeof(field));
}

static void put_before(struct redis *r, const struct engine_mark *m)
{
	uint8_t before[8];

	handle_put64(before, m->before);
	call_put(r, before, m->known ? sizeof(before) : 0);
}

static void put_mark(struct redis *r, const struct engine_mark *m,
		     uint64_t real_ns)
{
	uint8_t value[16];

	handle_put64(value, m->sequence);
	handle_put64(value + 8, real_ns);
	put_field(r, m);
	call_put(r, value, sizeof(value));
}

static void put_marks(struct redis *r, const struct parcels *p,
		      unsigned int bucket)
{
	const struct engine_mark *marks = p->c->marks;
	size_t i;

	EACH(i, &p->marks, bucket)
	put_field(r, &marks[p->marks.at[i]]);
	EACH(i, &p->marks, bucket)
	put_before(r, &marks[p->marks.at[i]]);
	EACH(i, &p->marks, bucket)
	put_mark(r, &marks[p->marks.at[i]], p->c->real_ns);
}

/* The time goes in front of the bytes. */
static void put_account(struct redis *r, const struct store_node *n)
{
	uint8_t value[n->account_size + 8];

	handle_put64(value, n->real_ns);
	memcpy(value + 8, n->account, n->account_size);
	call_node(r, n->node);
	call_put(r, value, sizeof(value));
}

static void put_states(struct redis *r, const struct parcels *p,
		       unsigned int bucket)
{
	const struct store_node *states = p->c->states;
	size_t i;

	EACH(i, &p->accounts, bucket)
	put_account(r, &states[p->accounts.at[i]]);
	EACH(i, &p->values, bucket)
	{
		const struct store_node *n = &states[p->values.at[i]];

		call_node(r, n->node);
		call_put(r, n->values, n->values_size);
	}
}

static void put_loss(struct redis *r, const struct store_loss *l)
{
	char counts[COUNTS_SIZE], member[MEMBER_SIZE];
	int i, size = 0;

	for (i = 0; i < LOSS_CAUSES; i++)
		size += snprintf(counts + size, sizeof(counts) - (size_t)size,
				 i ? " %lld" : "%lld", (long long)l->count[i]);
	handle_member(l->node, l->minute, member);
	call_number(r, l->minute);
	call_text(r, counts);
	call_text(r, member);
}

/* The node's sessions, where this one is not known. */
static size_t put_session_keys(struct redis *r, const struct parcels *p,
			       unsigned int bucket, bool keys)
{
	char hex[NODE_HEX_SIZE];
	uint8_t session[8];
	size_t i, count = 0;

	EACH(i, &p->marks, bucket)
	{
		const struct engine_mark *m = &p->c->marks[p->marks.at[i]];

		if (m->known)
			continue;
		count++;
		handle_hex(m->node, hex);
		handle_put64(session, m->session);
		if (keys)
			call_key(r, "sessions:%s", hex);
		else
			call_put(r, session, sizeof(session));
	}
	return count;
}

static size_t count_new(const struct parcels *p, unsigned int bucket)
{
	size_t i, count = 0;

	EACH(i, &p->marks, bucket)
	count += !p->c->marks[p->marks.at[i]].known;
	return count;
}

static void put_keys(struct redis *r, const struct parcels *p, unsigned int b)
{
	static const char *const names[] = { "own",    "mark", "account",
					     "latest", "log",  "losses" };
	char hex[NODE_HEX_SIZE];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		call_key(r, "%s", names[i]);
	put_session_keys(r, p, b, true);
	EACH(i, &p->losses, b)
	{
		handle_hex(p->c->losses[p->losses.at[i]].node, hex);
		call_key(r, "loss:%s", hex);
	}
}

/* Rows before that are not there any more are trimmed with the first commit after. */
static void put_trim(struct redis *r, unsigned int bucket)
{
	if (r->trim > r->trimmed[bucket])
		call_number(r, r->trim);
	else
		call_text(r, "");
}

static void put_parcel(struct redis *r, const struct parcels *p, unsigned int b,
		       uint64_t number)
{
	size_t news = count_new(p, b), losses = count_of(&p->losses, b), i;

	call_script(r, b, SCRIPT_COMMIT, (unsigned int)(6 + news + losses));
	put_keys(r, p, b);
	apply_token(r);
	put_trim(r, b);
	call_number(r, number);
	call_put(r, r->rows[b].data, r->rows[b].used);
	call_number(r, count_of(&p->marks, b));
	call_number(r, count_of(&p->accounts, b));
	call_number(r, count_of(&p->values, b));
	call_number(r, news);
	call_number(r, losses);
	put_marks(r, p, b);
	put_states(r, p, b);
	put_session_keys(r, p, b, false);
	EACH(i, &p->losses, b)
	put_loss(r, &p->c->losses[p->losses.at[i]]);
}

static bool is_any(const struct redis *r, const struct parcels *p,
		   unsigned int b)
{
	return r->rows[b].used || count_of(&p->marks, b) ||
	       count_of(&p->accounts, b) || count_of(&p->values, b) ||
	       count_of(&p->losses, b);
}

static void note_done(struct redis *r, uint64_t number)
{
	size_t i;

	for (i = 0; i < call_count(r); i++) {
		unsigned int b = ((struct call *)r->calls.data)[i].bucket;

		r->trimmed[b] = r->trim;
		if (r->rows[b].used)
			r->newest[b] = number;
	}
}

/* --- a node's sessions --------------------------------------------------- */

struct mark_age {
	uint64_t real_ns;
	uint8_t session[8];
};

static int by_age(const void *a, const void *b)
{
	const struct mark_age *x = a, *y = b;

	if (x->real_ns != y->real_ns)
		return x->real_ns < y->real_ns ? -1 : 1;
	return memcmp(x->session, y->session, sizeof(x->session));
}

static int ask_ages(struct redis *r, const uint8_t *node, struct buffer *ages)
{
	unsigned int bucket = bucket_of(r, node);
	struct mark_age *m;
	uint8_t field[FIELD_SIZE];
	size_t i, count;
	int err;

	memcpy(field, node, WIRE_ID_SIZE);
	call_clear(r);
	call_begin(r, bucket, "HMGET");
	call_key(r, "mark");
	m = (struct mark_age *)ages->data;
	count = ages->used / sizeof(*m);
	for (i = 0; i < count; i++) {
		memcpy(field + WIRE_ID_SIZE, m[i].session, 8);
		call_put(r, field, sizeof(field));
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count && i < call_reply(r, 0)->elements; i++) {
		const redisReply *v = call_reply(r, 0)->element[i];

		m[i].real_ns = v->type == REDIS_REPLY_STRING && v->len == 16 ?
				       handle_get64(v->str + 8) :
				       0;
	}
	if (!err)
		qsort(m, count, sizeof(*m), by_age);
	return err;
}

static int forget_sessions(struct redis *r, const uint8_t *node,
			   const struct mark_age *m, size_t count)
{
	unsigned int bucket = bucket_of(r, node);
	char hex[NODE_HEX_SIZE];
	uint8_t field[FIELD_SIZE];
	size_t i;

	handle_hex(node, hex);
	memcpy(field, node, WIRE_ID_SIZE);
	call_clear(r);
	apply_begin(r, bucket, 2);
	call_key(r, "mark");
	call_key(r, "sessions:%s", hex);
	apply_token(r);
	for (i = 0; i < count; i++) {
		apply_command(r, "HDEL", 2, 1);
		memcpy(field + WIRE_ID_SIZE, m[i].session, 8);
		call_put(r, field, sizeof(field));
		apply_command(r, "SREM", 3, 1);
		call_put(r, m[i].session, 8);
	}
	return call_run(r, CALL_WRITES);
}

/* The oldest ones go but for STORE_SESSIONS_MAX. */
static int trim_sessions(struct redis *r, const uint8_t *node)
{
	struct buffer ages = { 0 };
	char hex[NODE_HEX_SIZE];
	size_t i, count;
	int err;

	handle_hex(node, hex);
	call_clear(r);
	call_begin(r, bucket_of(r, node), "SMEMBERS");
	call_key(r, "sessions:%s", hex);
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < call_reply(r, 0)->elements; i++) {
		const redisReply *session = call_reply(r, 0)->element[i];
		struct mark_age m = { .real_ns = 0 };

		if (session->len != sizeof(m.session))
			continue;
		memcpy(m.session, session->str, sizeof(m.session));
		err = buffer_put(&ages, &m, sizeof(m));
	}
	count = ages.used / sizeof(struct mark_age);
	if (!err && count > STORE_SESSIONS_MAX)
		err = ask_ages(r, node, &ages);
	if (!err && count > STORE_SESSIONS_MAX)
		err = forget_sessions(r, node, (struct mark_age *)ages.data,
				      count - STORE_SESSIONS_MAX);
	buffer_free(&ages);
	return err;
}

/* Of nodes with too many; those whose answer says so. A failure is no failure of the
 * commit: the next new session does it.
 */
static void trim_all_sessions(struct redis *r, const struct parcels *p)
{
	struct buffer nodes = { 0 };
	size_t i, k, n;

	for (i = 0; i < call_count(r); i++) {
		const redisReply *reply = call_reply(r, i);
		unsigned int b = ((struct call *)r->calls.data)[i].bucket;

		n = 0;
		EACH(k, &p->marks, b)
		{
			const struct engine_mark *m =
				&p->c->marks[p->marks.at[k]];

			if (m->known || reply->type != REDIS_REPLY_ARRAY ||
			    n >= reply->elements)
				continue;
			if (reply->element[n++]->integer > STORE_SESSIONS_MAX)
				buffer_put(&nodes, m->node, WIRE_ID_SIZE);
		}
	}
	for (i = 0; i < nodes.used; i += WIRE_ID_SIZE)
		if (i + WIRE_ID_SIZE >= nodes.used ||
		    memcmp(nodes.data + i, nodes.data + i + WIRE_ID_SIZE,
			   WIRE_ID_SIZE))
			trim_sessions(r, nodes.data + i);
	buffer_free(&nodes);
}

int redis_commit(struct engine *e, const struct engine_commit *c)
{
	struct redis *r = redis_of(e);
	struct parcels p = { .c = c };
	uint64_t number = e->last_log + 1;
	unsigned int b;
	int err = redis_may_write(r);

	if (!err)
		err = sort_all(r, &p);
	if (!err)
		err = split_log(r, &c->log);
	if (err)
		return err;
	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1))
		if (is_any(r, &p, b))
			put_parcel(r, &p, b, number);
	err = call_run(r, CALL_WRITES);
	if (err)
		return err;
	note_done(r, number);
	e->last_log += c->log.size != 0;
	trim_all_sessions(r, &p);
	return 0;
}

int redis_mark(struct engine *e, const uint8_t *node, uint64_t session,
	       uint64_t *stored)
{
	const struct engine_mark m = { .session = session };
	struct redis *r = redis_of(e);
	struct engine_mark whose = m;
	const redisReply *reply;
	int err;

	memcpy(whose.node, node, WIRE_ID_SIZE);
	call_clear(r);
	call_begin(r, bucket_of(r, node), "HGET");
	call_key(r, "mark");
	put_field(r, &whose);
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	reply = call_reply(r, 0);
	if (reply->type != REDIS_REPLY_STRING || reply->len != 16)
		return -ENOENT;
	*stored = handle_get64(reply->str);
	return 0;
}
