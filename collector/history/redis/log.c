// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of the log: each bucket has its nodes' frames of a commit under the commit's number. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "collector/history/redis/lease.h"
#include "collector/history/redis/ops.h"

enum {
	ROWS_AT_ONCE = 4, /* all of 64 MB at worst */
};

/* A row's id: its number, and 0, as it was put here. */
struct row_id {
	uint64_t number;
	uint64_t more;
};

/* A row of a bucket's; its bytes are in a reply. */
struct row {
	struct row_id id;
	const char *data;
	size_t size;
};

/**
 * struct reading - rows of all buckets by their numbers
 * @replies: of each bucket, some rows
 * @at: the next one
 * @after: the last one that was told
 * @ended: there are no more
 * @wrong: one does not follow the one before
 */
struct reading {
	redisReply *replies[BUCKETS];
	size_t at[BUCKETS];
	struct row_id after[BUCKETS];
	bool ended[BUCKETS];
	bool wrong;
};

static bool is_after(const struct row_id *a, const struct row_id *b)
{
	return a->number != b->number ? a->number > b->number :
					a->more > b->more;
}

/* Its id. Return false if it has none behind the last one: such rows have no end. */
static bool get_id(const redisReply *e, const struct row_id *after,
		   struct row_id *id)
{
	char *end;

	if (e->elements != 2 || e->element[0]->type != REDIS_REPLY_STRING)
		return false;
	id->number = strtoull(e->element[0]->str, &end, 10);
	id->more = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;
	return is_after(id, after);
}

/* Its bytes; one that has none of ours has none. */
static void get_data(const redisReply *e, struct row *row)
{
	const redisReply *fields = e->element[1];

	row->data = NULL;
	row->size = 0;
	if (row->id.more || fields->type != REDIS_REPLY_ARRAY ||
	    fields->elements != 2 ||
	    fields->element[1]->type != REDIS_REPLY_STRING)
		return;
	row->data = fields->element[1]->str;
	row->size = (size_t)fields->element[1]->len;
}

/* Ask for more of those buckets that have none left here. */
static int fill(struct redis *r, struct reading *g)
{
	unsigned int b, asked[BUCKETS], count = 0, i;
	char after[48];
	int err;

	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		if (g->ended[b] ||
		    (g->replies[b] && g->at[b] < g->replies[b]->elements))
			continue;
		snprintf(after, sizeof(after), "(%" PRIu64 "-%" PRIu64,
			 g->after[b].number, g->after[b].more);
		call_begin(r, b, "XRANGE");
		call_key(r, "log");
		call_text(r, after);
		call_text(r, "+");
		call_text(r, "COUNT");
		call_number(r, ROWS_AT_ONCE);
		asked[count++] = b;
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count; i++) {
		struct call *c = &((struct call *)r->calls.data)[i];

		b = asked[i];
		freeReplyObject(g->replies[b]);
		g->replies[b] = c->reply;
		c->reply = NULL;
		g->at[b] = 0;
		g->ended[b] = !g->replies[b]->elements;
	}
	return err;
}

/* The bucket with the lowest number; BUCKETS: there is none. @more: one has to be asked
 * first.
 */
static unsigned int find_lowest(const struct redis *r, struct reading *g,
				struct row *lowest, bool *more)
{
	unsigned int b, found = BUCKETS;
	const redisReply *e;
	struct row row;

	*more = false;
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		if (g->ended[b])
			continue;
		if (!g->replies[b] || g->at[b] >= g->replies[b]->elements) {
			*more = true;
			return BUCKETS;
		}
		e = g->replies[b]->element[g->at[b]];
		if (!get_id(e, &g->after[b], &row.id)) {
			g->wrong = true;
			return BUCKETS;
		}
		if (found == BUCKETS || is_after(&lowest->id, &row.id)) {
			found = b;
			get_data(e, &row);
			*lowest = row;
		}
	}
	return found;
}

static int tell_rows(struct redis *r, struct reading *g,
		     engine_found_log *found, void *context)
{
	struct row row = { .size = 0 };
	unsigned int b;
	bool more;
	int err = 0;

	while (!err) {
		b = find_lowest(r, g, &row, &more);
		if (more) {
			err = fill(r, g);
			continue;
		}
		if (g->wrong)
			err = handle_fail(r, "rows of the log have no order");
		if (b == BUCKETS)
			break;
		g->at[b]++;
		g->after[b] = row.id;
		if (row.id.number > r->newest[b])
			r->newest[b] = row.id.number;
		if (row.data)
			err = found(context, row.id.number, row.data, row.size);
	}
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1))
		freeReplyObject(g->replies[b]);
	return err;
}

int redis_logs(struct engine *e, engine_found_log *found, void *context)
{
	struct reading g = { .replies = { NULL } };

	return tell_rows(redis_of(e), &g, found, context);
}

int redis_logs_of(struct redis *r, const bool *buckets, engine_found_log *found,
		  void *context)
{
	struct reading g = { .replies = { NULL } };
	unsigned int b;

	for (b = 0; b < BUCKETS; b++)
		g.ended[b] = !buckets[b];
	return tell_rows(r, &g, found, context);
}

/* Whoever asks here is told of rows that a commit left though it failed. */
struct settling {
	struct redis *r;
	engine_found_log *found;
	void *context;
};

static int settle_row(void *context, uint64_t number, const void *data,
		      size_t size)
{
	const struct settling *s = context;

	if (number > s->r->engine.last_log)
		s->r->engine.last_log = number;
	return s->found(s->context, number, data, size);
}

/* What somebody else has taken is that one's. */
static void leave_fenced(struct redis *r)
{
	unsigned int b;

	for (b = 0; b < BUCKETS; b++) {
		r->mine[b] = r->mine[b] && !r->fenced[b] && !r->taken[b];
		r->fenced[b] = r->taken[b] = false;
	}
	handle_rank(r);
}

/* What was sent before is refused from now on, so that what is found is all there is; and
 * it is in as many servers as it has to be.
 */
int redis_settle(struct engine *e, engine_found_log *found, void *context)
{
	struct redis *r = redis_of(e);
	struct settling s = { r, found, context };
	struct reading g = { .replies = { NULL } };
	unsigned int b;
	int err;

	if (r->gone)
		return -ENOENT;
	leave_fenced(r);
	r->turn++;
	err = redis_own(r);
	if (err)
		return err;
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1))
		g.after[b].number = e->last_log;
	err = tell_rows(r, &g, settle_row, &s);
	if (!err)
		e->unsettled = false;
	return err;
}

/* The next commit does it, or redis_trim_now(). */
int redis_trim(struct engine *e, uint64_t first)
{
	struct redis *r = redis_of(e);

	if (first > r->trim)
		r->trim = first;
	return 0;
}

/* Of those buckets that were sent nothing since. */
int redis_trim_now(struct redis *r)
{
	unsigned int b;
	int err;

	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		if (r->trimmed[b] >= r->trim || r->trimmed[b] > r->newest[b])
			continue;
		apply_begin(r, b, 1);
		call_key(r, "log");
		apply_token(r);
		apply_command(r, "XTRIM", 2, 2);
		call_text(r, "MINID");
		call_number(r, r->trim);
	}
	err = call_run(r, CALL_WRITES);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1))
		r->trimmed[b] = r->trim;
	return err;
}
