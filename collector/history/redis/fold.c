// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames become parts: a node's row is asked first, as nobody else changes it, then all of the
 * node is changed at once.
 */
#include <errno.h>
#include <stdio.h>

#include "collector/history/redis/hours.h"
#include "collector/history/redis/node.h"
#include "collector/history/redis/ops.h"

static void widen(struct node_row *n, const struct engine_fold *f, bool made)
{
	const bool any = f->first_ns <= f->last_ns;

	if (made)
		n->first_ns = INT64_MAX;
	if (any && f->first_ns < n->first_ns)
		n->first_ns = f->first_ns;
	if (any && f->last_ns > n->last_ns)
		n->last_ns = f->last_ns;
	if (f->log > n->folded)
		n->folded = f->log;
	if (!f->name[0] || (!f->log && n->name[0]))
		return;
	snprintf(n->name, sizeof(n->name), "%s", f->name);
	snprintf(n->version, sizeof(n->version), "%s", f->version);
}

enum {
	KEY_OWN = 1,
	KEY_NODE,
	KEY_SIZE_OF,
	KEY_HOURS,
	KEY_PARTS,
	KEY_PARTBYTES,
	KEY_ASIDES,
	KEY_FRAMES,
	KEY_FIRST, /* of parts */
};

static void put_part(struct redis *r, const struct engine_fold *f, size_t i)
{
	const struct engine_part *p = &f->parts[i];
	char member[MEMBER_SIZE];

	handle_member(f->node, p->hour, member);
	apply_command(r, "RPUSH", (unsigned int)(KEY_FIRST + i), 1);
	call_put(r, p->data.data, p->data.size);
	apply_command(r, "ZADD", KEY_HOURS, 2);
	call_number(r, p->hour);
	call_text(r, member);
	apply_command(r, "ZINCRBY", KEY_PARTS, 2);
	call_text(r, "1");
	call_text(r, member);
	apply_command(r, "ZINCRBY", KEY_PARTBYTES, 2);
	call_number(r, p->data.size);
	call_text(r, member);
	apply_command(r, "ZINCRBY", KEY_SIZE_OF, 2);
	call_number(r, p->data.size);
	call_node(r, f->node);
}

static void put_aside(struct redis *r, const struct engine_fold *f)
{
	const size_t head = sizeof(KTACH_VERSION); /* with a newline */
	char member[MEMBER_SIZE];
	uint8_t *value;

	if (!f->aside.size)
		return;
	value = malloc(head + f->aside.size);
	if (!value) {
		r->no_memory = true;
		return;
	}
	memcpy(value, KTACH_VERSION "\n", head);
	memcpy(value + head, f->aside.data, f->aside.size);
	handle_member(f->node, f->log, member);
	apply_command(r, "HSET", KEY_FRAMES, 2);
	call_text(r, member);
	call_put(r, value, head + f->aside.size);
	apply_command(r, "ZADD", KEY_ASIDES, 2);
	call_number(r, f->real_ns);
	call_text(r, member);
	free(value);
}

static void put_fold(struct redis *r, const struct engine_fold *f,
		     const struct node_row *n)
{
	static const char *const keys[] = { "node",  "size",	  "hours:part",
					    "parts", "partbytes", "asides",
					    "frames" };
	const size_t count = sizeof(keys) / sizeof(keys[0]);
	size_t i;

	apply_begin(r, bucket_of(r, f->node),
		    (unsigned int)(count + f->part_count));
	for (i = 0; i < count; i++)
		call_key(r, "%s", keys[i]);
	for (i = 0; i < f->part_count; i++)
		call_hour_key(r, ENGINE_PARTS, f->node, f->parts[i].hour);
	apply_token(r);
	for (i = 0; i < f->part_count; i++)
		put_part(r, f, i);
	put_aside(r, f);
	apply_command(r, "HSET", KEY_NODE, 2);
	call_node(r, f->node);
	node_put(r, n);
}

static int ask_rows(struct redis *r, const struct engine_fold *folds,
		    size_t count, struct node_row *rows, bool *made)
{
	size_t i;
	int err;

	call_clear(r);
	for (i = 0; i < count; i++) {
		call_begin(r, bucket_of(r, folds[i].node), "HGET");
		call_key(r, "node");
		call_node(r, folds[i].node);
	}
	err = call_run(r, CALL_READS);
	for (i = 0; !err && i < count; i++)
		made[i] = node_read(call_reply(r, i), &rows[i]) != 0;
	return err;
}

static void count_parts(struct redis *r, const struct engine_fold *f)
{
	size_t i;

	for (i = 0; i < f->part_count; i++) {
		hours_add(r, ENGINE_PARTS, bucket_of(r, f->node),
			  f->parts[i].hour);
		r->bytes += f->parts[i].data.size;
	}
}

/* Nodes differ. One that is done already is a call that was made again. */
static int fold_some(struct redis *r, const struct engine_fold *folds,
		     size_t count)
{
	struct node_row *rows = calloc(count, sizeof(*rows));
	bool made[count], aside = false;
	size_t i;
	int err = rows ? ask_rows(r, folds, count, rows, made) : -ENOMEM;

	call_clear(r);
	for (i = 0; !err && i < count; i++) {
		const struct engine_fold *f = &folds[i];

		if (f->log && rows[i].folded >= f->log && !made[i])
			continue;
		widen(&rows[i], f, made[i]);
		put_fold(r, f, &rows[i]);
		count_parts(r, f);
		aside = aside || f->aside.size;
	}
	if (!err)
		err = call_run(r, CALL_WRITES);
	if (err)
		r->bytes_known = false;
	free(rows);
	return err || !aside ? err : aside_trim(r);
}

/* How many from the first on are of nodes that differ. */
static size_t count_different(const struct engine_fold *folds, size_t count)
{
	size_t i, k;

	for (i = 1; i < count; i++)
		for (k = 0; k < i; k++)
			if (!memcmp(folds[i].node, folds[k].node, WIRE_ID_SIZE))
				return i;
	return count;
}

int redis_fold(struct engine *e, const struct engine_fold *folds, size_t count)
{
	struct redis *r = redis_of(e);
	size_t n;
	int err = redis_may_write(r);

	while (!err && count) {
		n = count_different(folds, count);
		err = fold_some(r, folds, n);
		folds += n;
		count -= n;
	}
	return err;
}
