// SPDX-License-Identifier: GPL-2.0-or-later
/* Which buckets this handle writes, where several collectors do. */
#include <errno.h>
#include <stdio.h>

#include "collector/history/redis/lease.h"
#include "collector/history/redis/ops.h"

/* Whoever is told of nodes of a claim. */
struct telling {
	struct redis *r;
	const struct engine_claim *c;
};

/* Numbers of the log's last rows are the replies of redis_own(). */
static void learn_numbers(struct redis *r, const bool *gained)
{
	unsigned int b;

	for (b = 0; b < BUCKETS; b++) {
		if (!gained[b])
			continue;
		r->newest[b] = reply_number(bucket_reply(r, b)->element[0]);
		r->trimmed[b] = 0;
		r->known[b] = false;
		if (r->newest[b] > r->engine.last_log)
			r->engine.last_log = r->newest[b];
	}
	r->bytes_known = false;
}

/* Rows of a log that was lost are folded: no number comes again. */
static void tell_node(void *context, const struct engine_node *n)
{
	const struct telling *t = context;

	if (n->folded > t->r->engine.last_log)
		t->r->engine.last_log = n->folded;
	t->c->node(t->c->context, n);
}

/* What the one before did not end, and the nodes that are there. */
static int learn_nodes(struct redis *r, const bool *gained,
		       const struct engine_claim *c)
{
	struct telling t = { r, c };
	unsigned int b;
	size_t at = 0;
	int err;

	call_clear(r);
	for (b = 0; b < BUCKETS; b++) {
		if (!gained[b])
			continue;
		call_begin(r, b, "GET");
		call_key(r, "work");
		call_begin(r, b, "HGETALL");
		call_key(r, "node");
	}
	err = call_run(r, CALL_READS);
	for (b = 0; !err && b < BUCKETS; b++) {
		const redisReply *work;

		if (!gained[b])
			continue;
		work = call_reply(r, at++);
		snprintf(r->before[b], WORK_SIZE, "%s",
			 work->type == REDIS_REPLY_STRING ? work->str : "");
		rows_tell_nodes(call_reply(r, at++), tell_node, &t);
	}
	return err;
}

/* Whether others had some of those that it has: what is known of them is of before. */
static bool were_taken(struct redis *r, const bool *gained)
{
	unsigned int b;
	bool any = false;

	for (b = 0; b < BUCKETS; b++) {
		if (r->taken[b] && r->mine[b] && !gained[b]) {
			r->mine[b] = false;
			any = true;
		}
		r->taken[b] = false;
	}
	return any;
}

static int take(struct redis *r, const bool *gained,
		const struct engine_claim *c)
{
	int err = redis_own(r);

	if (err)
		return err;
	if (were_taken(r, gained))
		return -EAGAIN;
	learn_numbers(r, gained);
	err = learn_nodes(r, gained, c);
	return err ? err : redis_logs_of(r, gained, c->log, c->context);
}

/* All are taken anew: what another process sent by an older epoch is refused from then on,
 * before anything is read.
 */
int redis_claim(struct engine *e, const struct engine_claim *c)
{
	struct redis *r = redis_of(e);
	bool gained[BUCKETS];
	unsigned int b;
	int err;

	if (e->unsettled)
		return -EIO;
	for (b = 0; b < BUCKETS; b++) {
		gained[b] = c->slices[b] && !r->mine[b];
		r->mine[b] = c->slices[b];
	}
	handle_rank(r);
	r->epoch = c->epoch;
	r->turn = 0;
	err = take(r, gained, c);
	for (b = 0; err && b < BUCKETS; b++)
		r->mine[b] = r->mine[b] && !gained[b];
	handle_rank(r);
	return err;
}
