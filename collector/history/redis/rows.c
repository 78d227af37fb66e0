// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked of nodes and their hours. */
#include <errno.h>
#include <stdio.h>

#include "collector/history/redis/node.h"
#include "collector/history/redis/ops.h"
#include "lib/base/clean.h"

enum {
	NODE_HEAD = 24, /* bytes before the name */
};

static void copy_text(char text[WIRE_TEXT_MAX + 1], const char *from,
		      size_t size)
{
	snprintf(text, WIRE_TEXT_MAX + 1, "%.*s", (int)size, from);
	clean_string(text);
}

int node_read(const redisReply *reply, struct node_row *n)
{
	const char *text, *line;
	size_t size;

	memset(n, 0, sizeof(*n));
	if (reply->type != REDIS_REPLY_STRING || reply->len < NODE_HEAD)
		return -ENOENT;
	n->first_ns = handle_get64(reply->str);
	n->last_ns = handle_get64(reply->str + 8);
	n->folded = handle_get64(reply->str + 16);
	text = reply->str + NODE_HEAD;
	size = (size_t)reply->len - NODE_HEAD;
	line = memchr(text, '\n', size);
	if (!line)
		return 0;
	copy_text(n->name, text, (size_t)(line - text));
	copy_text(n->version, line + 1, size - (size_t)(line + 1 - text));
	return 0;
}

void node_put(struct redis *r, const struct node_row *n)
{
	char value[NODE_HEAD + 2 * (WIRE_TEXT_MAX + 1)];
	int size;

	handle_put64((uint8_t *)value, n->first_ns);
	handle_put64((uint8_t *)value + 8, n->last_ns);
	handle_put64((uint8_t *)value + 16, n->folded);
	size = snprintf(value + NODE_HEAD, sizeof(value) - NODE_HEAD, "%s\n%s",
			n->name, n->version);
	call_put(r, value, NODE_HEAD + (size_t)size);
}

/* Field and value, again and again: of HGETALL, or of HSCAN's second element. */
void rows_tell_nodes(const redisReply *pairs, engine_found_node *found,
		     void *context)
{
	struct node_row row;
	size_t i;

	for (i = 0; i + 1 < pairs->elements; i += 2) {
		struct engine_node n;

		if (pairs->element[i]->len != WIRE_ID_SIZE ||
		    node_read(pairs->element[i + 1], &row))
			continue;
		memcpy(n.id, pairs->element[i]->str, WIRE_ID_SIZE);
		n.name = row.name;
		n.version = row.version;
		n.first_ns = row.first_ns;
		n.last_ns = row.last_ns;
		n.folded = row.folded;
		found(context, &n);
	}
}

int redis_nodes(struct engine *e, engine_found_node *found, void *context)
{
	struct redis *r = redis_of(e);
	int err = call_each(r, "HGETALL", "node", NULL);
	unsigned int b;

	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1))
		rows_tell_nodes(bucket_reply(r, b), found, context);
	return err;
}

int redis_find(struct engine *e, const uint8_t *node, struct engine_node *n)
{
	struct redis *r = redis_of(e);
	struct node_row row;
	int err;

	call_clear(r);
	call_begin(r, bucket_of(r, node), "HGET");
	call_key(r, "node");
	call_node(r, node);
	err = call_run(r, CALL_READS);
	if (!err)
		err = node_read(call_reply(r, 0), &row);
	if (err)
		return err;
	memcpy(n->id, node, WIRE_ID_SIZE);
	n->name = n->version = "";
	n->first_ns = row.first_ns;
	n->last_ns = row.last_ns;
	n->folded = row.folded;
	return 0;
}

int redis_parts(struct engine *e, const struct engine_key *key,
		engine_found_blob *found, void *context)
{
	struct redis *r = redis_of(e);
	const redisReply *reply;
	size_t i;
	int err;

	call_clear(r);
	call_begin(r, bucket_of(r, key->node), "LRANGE");
	call_hour_key(r, ENGINE_PARTS, key->node, key->hour);
	call_text(r, "0");
	call_text(r, "-1");
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	reply = call_reply(r, 0);
	for (i = 0; !err && i < reply->elements; i++)
		err = found(context, reply->element[i]->str,
			    (size_t)reply->element[i]->len);
	return err;
}

int redis_chunk(struct engine *e, enum tier tier, const struct engine_key *key,
		engine_found_blob *found, void *context)
{
	struct redis *r = redis_of(e);
	const redisReply *reply;
	int err;

	call_clear(r);
	call_begin(r, bucket_of(r, key->node), "GET");
	call_hour_key(r, (int)tier, key->node, key->hour);
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	reply = call_reply(r, 0);
	if (reply->type != REDIS_REPLY_STRING)
		return -ENOENT;
	return found(context, reply->str, (size_t)reply->len);
}
