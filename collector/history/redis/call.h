/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands for a server, many at once. Each is sent to the server that has its bucket's slot,
 * to another one if that says so (MOVED, ASK), and again while a cluster is not ready:
 * but what may have been done once is not sent again, unless it only reads.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_CALL_H
#define KTACH_COLLECTOR_HISTORY_REDIS_CALL_H

#include "collector/history/redis/handle.h"
#include "collector/history/redis/reply.h"

/* How calls are run. */
enum call_kind {
	CALL_READS,
	CALL_WRITES, /* they are in as many servers as copies says */
};

/* Forget what was; its replies, too. */
void call_clear(struct redis *r);

/* Begin one; its arguments follow. */
void call_begin(struct redis *r, unsigned int bucket, const char *command);

/* The same of a script with so many keys. */
void call_script(struct redis *r, unsigned int bucket, enum script script,
		 unsigned int keys);
void call_put(struct redis *r, const void *data, size_t size);
void call_text(struct redis *r, const char *text);
void call_number(struct redis *r, uint64_t number);
void call_node(struct redis *r, const uint8_t *node);

/* "PREFIX:{TAG}:" and what is formatted, of the call's bucket. */
void call_key(struct redis *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The key of a node's hour. */
void call_hour_key(struct redis *r, int what, const uint8_t *node,
		   uint64_t hour);

/* Begin SCRIPT_APPLY with so many keys beside "own"; they follow, then apply_token(), then
 * commands: each with its key's number, "own" being 1, and as many arguments.
 */
void apply_begin(struct redis *r, unsigned int bucket, unsigned int keys);
void apply_token(struct redis *r);
void apply_command(struct redis *r, const char *command, unsigned int key,
		   unsigned int count);

/* How many there are; the reply of one. */
static inline size_t call_count(const struct redis *r)
{
	return r->calls.used / sizeof(struct call);
}

static inline redisReply *call_reply(const struct redis *r, size_t at)
{
	return ((const struct call *)r->calls.data)[at].reply;
}

/**
 * call_run() - send all, and get their replies
 * @r: the handle
 * @kind: what they do
 *
 * Return: 0, each has a reply that is no error; -EIO; -EAGAIN or -ENOENT as a script
 * refused. r->engine.unsettled is set if some may have been done though not all were.
 */
int call_run(struct redis *r, enum call_kind kind);

/* The same command for a key of each of its own buckets, and the texts behind it, up to a
 * NULL; the replies are bucket_reply()'s. Return as call_run().
 */
int call_each(struct redis *r, const char *command, const char *key, ...)
	__attribute__((sentinel));

/* That of one of its own buckets, if each of these has one call. */
static inline redisReply *bucket_reply(const struct redis *r,
				       unsigned int bucket)
{
	return call_reply(r, r->rank[bucket]);
}

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_CALL_H */
