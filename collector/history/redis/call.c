// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/history/redis/answer.h"
#include "collector/history/redis/call.h"
#include "collector/history/redis/resp.h"
#include "collector/history/redis/server.h"
#include "lib/base/clock.h"

/* A master that died is replaced meanwhile, or the next round has to try. */
#define RUN_NS UINT64_C(5000000000)
#define NAP_NS 20000000
/* A replica that is busy with much; one that is gone costs it in each round. */
#define WAIT_MS "2000"

enum {
	ROUNDS_MAX = 8, /* without a nap: servers that send on in a circle */
};

static struct call *calls_of(const struct redis *r)
{
	return (struct call *)r->calls.data;
}

void call_clear(struct redis *r)
{
	size_t i, count = call_count(r);

	for (i = 0; i < count; i++)
		freeReplyObject(calls_of(r)[i].reply);
	r->calls.used = r->args.used = 0;
	r->held.used = 0;
	r->no_memory = false;
}

static struct call *last(struct redis *r)
{
	return r->calls.used ? &calls_of(r)[call_count(r) - 1] : NULL;
}

static void begin(struct redis *r, unsigned int bucket, const char *name,
		  int script)
{
	const struct call c = { .bucket = bucket,
				.from = r->args.used,
				.to = r->args.used,
				.script = script,
				.name = name,
				.asked = -1,
				.server = -1 };

	if (buffer_put(&r->calls, &c, sizeof(c)))
		r->no_memory = true;
}

void call_begin(struct redis *r, unsigned int bucket, const char *command)
{
	begin(r, bucket, command, -1);
	call_text(r, command);
}

void call_script(struct redis *r, unsigned int bucket, enum script script,
		 unsigned int keys)
{
	begin(r, bucket, NULL, script);
	call_number(r, keys);
}

void call_put(struct redis *r, const void *data, size_t size)
{
	struct call *c = last(r);

	if (r->no_memory || !c || resp_put(&r->args, data, size)) {
		r->no_memory = true;
		return;
	}
	c->argc++;
	c->to = r->args.used;
}

void call_text(struct redis *r, const char *text)
{
	call_put(r, text, strlen(text));
}

void call_number(struct redis *r, uint64_t number)
{
	char text[24];

	call_put(r, text,
		 (size_t)snprintf(text, sizeof(text), "%llu",
				  (unsigned long long)number));
}

void call_node(struct redis *r, const uint8_t *node)
{
	call_put(r, node, WIRE_ID_SIZE);
}

void call_key(struct redis *r, const char *format, ...)
{
	struct call *c = last(r);
	char key[KEY_SIZE];
	va_list args;
	int size;

	if (!c)
		return;
	size = snprintf(key, sizeof(key), "%s:{%s}:", r->place.prefix,
			r->tags[c->bucket]);
	va_start(args, format);
	size += vsnprintf(key + size, sizeof(key) - (size_t)size, format, args);
	va_end(args);
	call_put(r, key, (size_t)size);
}

void call_hour_key(struct redis *r, int what, const uint8_t *node,
		   uint64_t hour)
{
	char hex[NODE_HEX_SIZE];

	handle_hex(node, hex);
	call_key(r, "%s:%s:%llu", hours_name[what], hex,
		 (unsigned long long)hour);
}

/* What "own" has, as long as nobody has taken it since. */
void apply_token(struct redis *r)
{
	char token[TOKEN_SIZE];

	handle_token(r, token);
	call_text(r, token);
}

void apply_begin(struct redis *r, unsigned int bucket, unsigned int keys)
{
	call_script(r, bucket, SCRIPT_APPLY, keys + 1);
	call_key(r, "own");
}

void apply_command(struct redis *r, const char *command, unsigned int key,
		   unsigned int count)
{
	call_text(r, command);
	call_number(r, key);
	call_number(r, count);
}

int call_each(struct redis *r, const char *command, const char *key, ...)
{
	const char *text;
	unsigned int b;
	va_list texts;

	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		call_begin(r, b, command);
		call_key(r, "%s", key);
		va_start(texts, key);
		while ((text = va_arg(texts, const char *)))
			call_text(r, text);
		va_end(texts);
	}
	return call_run(r, CALL_READS);
}

/* --- sending ------------------------------------------------------------- */

static int put_asking(struct link *l)
{
	int err = resp_begin(&l->out, 1);

	if (!err)
		err = resp_put(&l->out, "ASKING", 6);
	return err ? err : link_expect(l, LINK_NOBODY);
}

static int put_call(struct redis *r, struct link *l, const struct call *c,
		    int number)
{
	const unsigned int more = c->script < 0 ? 0 : 2;
	int err = c->asked < 0 ? 0 : put_asking(l);

	if (!err)
		err = resp_begin(&l->out, c->argc + more);
	if (!err && more)
		err = resp_put(&l->out, "EVALSHA", 7);
	if (!err && more)
		err = resp_put(&l->out, r->sha[c->script], 40);
	if (!err)
		err = buffer_put(&l->out, r->args.data + c->from,
				 c->to - c->from);
	return err ? err : link_expect(l, number);
}

static int put_wait(struct redis *r, struct link *l)
{
	char copies[12];
	int err = resp_begin(&l->out, 3);

	snprintf(copies, sizeof(copies), "%u", r->copies - 1);
	if (!err)
		err = resp_put(&l->out, "WAIT", 4);
	if (!err)
		err = resp_put(&l->out, copies, strlen(copies));
	if (!err)
		err = resp_put(&l->out, WAIT_MS, strlen(WAIT_MS));
	return err ? err : link_expect(l, LINK_WAIT);
}

/* Where it is to go; it stays ready if that can't be told, or not be reached. */
static int send_one(struct redis *r, size_t number)
{
	struct call *c = &calls_of(r)[number];
	struct server *s = c->asked < 0 ? server_of(r, c->bucket) :
					  r->servers[c->asked];

	if (!s) {
		handle_fail(r, "slot %u of the cluster is with nobody",
			    r->slots[c->bucket]);
		r->stale = true;
		return 0;
	}
	if (server_connect(r, s)) {
		server_doubt(r, s);
		c->asked = -1;
		return 0;
	}
	if (put_call(r, &s->link, c, (int)number))
		return -ENOMEM;
	for (c->server = 0; r->servers[c->server] != s;)
		c->server++;
	c->state = CALL_SENT;
	s->waits = true;
	return 0;
}

static int send_ready(struct redis *r, enum call_kind kind)
{
	size_t i, count = call_count(r);
	int k, err = 0;

	for (k = 0; k < r->server_count; k++)
		r->servers[k]->waits = false;
	for (i = 0; !err && i < count; i++)
		if (calls_of(r)[i].state == CALL_READY)
			err = send_one(r, i);
	for (k = 0; !err && kind == CALL_WRITES && r->copies > 1 &&
		    k < r->server_count;
	     k++)
		if (r->servers[k]->waits)
			err = put_wait(r, &r->servers[k]->link);
	return err;
}

/* --- receiving ----------------------------------------------------------- */

struct run {
	struct redis *r;
	bool shortage; /* too few replicas have it */
	long long have;
	size_t moved; /* replies that came */
};

static void take(void *context, int whose, redisReply *reply)
{
	struct run *run = context;
	struct call *c;

	run->moved++;
	if (whose == LINK_WAIT) {
		if (reply->type != REDIS_REPLY_INTEGER ||
		    reply->integer + 1 < run->r->copies) {
			run->shortage = true;
			run->have = reply->type == REDIS_REPLY_INTEGER ?
					    reply->integer + 1 :
					    0;
		}
		freeReplyObject(reply);
		return;
	}
	c = &calls_of(run->r)[whose];
	c->reply = reply;
	c->state = CALL_DONE;
}

/* What was sent over a connection that is no more. */
static void give_up(struct redis *r, int server, enum call_kind kind)
{
	size_t i, count = call_count(r);

	for (i = 0; i < count; i++) {
		struct call *c = &calls_of(r)[i];

		if (c->state != CALL_SENT || c->server != server)
			continue;
		c->state = kind == CALL_WRITES ? CALL_LOST : CALL_READY;
		c->asked = -1;
	}
	server_doubt(r, r->servers[server]);
}

/* Until all replies are there, or time is up: then connections are of no use. */
static void exchange(struct run *run, enum call_kind kind, uint64_t until)
{
	struct redis *r = run->r;
	struct pollfd fds[SERVERS_MAX];
	int i, n;

	for (;;) {
		uint64_t now = clock_mono_ns();

		for (i = n = 0; i < r->server_count; i++) {
			struct link *l = &r->servers[i]->link;

			if (!link_is_busy(l))
				continue;
			if (now >= until)
				link_fail(l, "no answer within 5 s");
			else
				link_move(l, take, run);
			if (!l->up) {
				give_up(r, i, kind);
				if (kind == CALL_WRITES)
					run->shortage = run->shortage ||
							r->copies > 1;
				continue;
			}
			if (!link_is_busy(l))
				continue;
			fds[n].fd = l->fd;
			fds[n++].events =
				(short)(POLLIN |
					(link_is_full(l) ? POLLOUT : 0));
		}
		if (!n)
			return;
		poll(fds, (nfds_t)n, (int)((until - now) / 1000000 + 1));
	}
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* "MOVED 3999 127.0.0.1:6381" */
static void redirect(struct redis *r, struct call *c, const char *text)
{
	const char *host = strrchr(text, ' ');
	char name[PLACE_HOST_SIZE];
	int to;

	if (!host)
		return;
	if (host[1] == ':')
		snprintf(name, sizeof(name), "%.*s%s",
			 (int)strcspn(r->servers[c->server]->host, ":"),
			 r->servers[c->server]->host, host + 1);
	else
		snprintf(name, sizeof(name), "%s", host + 1);
	to = server_get(r, name);
	if (to < 0)
		return;
	if (*text == 'A')
		c->asked = to;
	else
		r->owner[r->slots[c->bucket]] = (int16_t)to;
}

/* Nothing was done, and it is to be sent again. @nap: later. */
static bool is_again(struct redis *r, struct call *c, const char *text,
		     bool *nap)
{
	static const char *const later[] = { "TRYAGAIN ", "LOADING ",
					     "CLUSTERDOWN ", "MASTERDOWN ",
					     "BUSY " };
	size_t i;

	if (begins(text, "MOVED ") || begins(text, "ASK ")) {
		c->asked = -1;
		redirect(r, c, text);
		return true;
	}
	if (begins(text, "NOSCRIPT ")) {
		r->servers[c->server]->loaded = false;
		return true;
	}
	*nap = true;
	if (begins(text, "READONLY ")) {
		r->stale = true;
		return true;
	}
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (!begins(text, later[i]))
			continue;
		c->asked = -1;
		r->stale = r->stale || *text == 'C' || *text == 'M';
		return true;
	}
	return false;
}

static int judge_one(struct redis *r, struct call *c, bool *nap)
{
	const char *text;

	if (c->state != CALL_DONE)
		return 0;
	if (c->reply->type != REDIS_REPLY_ERROR)
		return answer_fits(c) ?
			       0 :
			       handle_fail(r, "%s: its answer to %s is none",
					   r->servers[c->server]->host,
					   c->name ? c->name : "a script");
	text = c->reply->str;
	if (begins(text, SCRIPT_FENCED) && r->fleet) {
		r->fenced[c->bucket] = true;
		r->engine.unsettled = true; /* settling leaves them */
		return handle_fail(r,
				   "partitions are another collector's by now");
	}
	if (begins(text, SCRIPT_FENCED)) {
		handle_fail(r, "another collector writes to it by now");
		r->gone = true;
		r->engine.unsettled = true; /* then the writer asks, and ends */
		return -ENOENT;
	}
	if (begins(text, SCRIPT_CHANGED)) {
		handle_fail(r, "a session's mark was changed");
		return -EAGAIN;
	}
	handle_fail(r, "%s: %s", r->servers[c->server]->host, text);
	if (!is_again(r, c, text, nap))
		return -EIO;
	freeReplyObject(c->reply);
	c->reply = NULL;
	c->state = CALL_READY;
	return 0;
}

/* Return how many are to be sent, or an error. */
static int judge(struct redis *r, bool *nap)
{
	size_t i, count = call_count(r);
	int err = 0, one, ready = 0;

	for (i = 0; i < count; i++) {
		struct call *c = &calls_of(r)[i];

		one = judge_one(r, c, nap);
		err = one && (!err || one == -ENOENT) ? one : err;
		ready += c->state == CALL_READY;
		*nap = *nap || (c->state == CALL_READY && c->server < 0);
	}
	return err ? err : ready;
}

/* After NOSCRIPT, on a connection that is at rest. */
static void reload_scripts(struct redis *r)
{
	int i;

	for (i = 0; i < r->server_count; i++)
		if (r->servers[i]->link.up && !r->servers[i]->loaded)
			link_fail(&r->servers[i]->link, "scripts are gone");
}

static bool is_any(const struct redis *r, enum call_state state)
{
	size_t i, count = call_count(r);

	for (i = 0; i < count; i++)
		if (calls_of(r)[i].state == state &&
		    (state != CALL_DONE ||
		     calls_of(r)[i].reply->type != REDIS_REPLY_ERROR))
			return true;
	return false;
}

static int finish(struct redis *r, const struct run *run, int ret,
		  enum call_kind kind)
{
	bool lost = is_any(r, CALL_LOST);

	if (run->shortage && !lost)
		handle_fail(
			r,
			"%lld of %u servers have what was written: start replicas again, or allow copies=1",
			run->have, r->copies);
	if (!ret && !lost && !run->shortage)
		return 0;
	if (kind == CALL_WRITES &&
	    (lost || run->shortage || is_any(r, CALL_DONE)))
		r->engine.unsettled = true;
	return ret < 0 ? ret : -EIO;
}

/* Memory is short in the middle of it: replies that come now are nobody's. */
static int drop_all(struct redis *r, enum call_kind kind)
{
	int i;

	for (i = 0; i < r->server_count; i++)
		if (r->servers[i]->link.up)
			link_fail(&r->servers[i]->link, "memory is short");
	r->engine.unsettled = r->engine.unsettled || kind == CALL_WRITES;
	return -ENOMEM;
}

int call_run(struct redis *r, enum call_kind kind)
{
	const struct timespec pause = { 0, NAP_NS };
	uint64_t until = clock_mono_ns() + RUN_NS;
	struct run run = { .r = r };
	unsigned int rounds = 0;
	bool nap = false;
	int ret;

	if (r->no_memory)
		return -ENOMEM;
	if (!call_count(r))
		return 0;
	do {
		if (nap)
			nanosleep(&pause, NULL);
		nap = false;
		reload_scripts(r);
		if (server_learn(r) && !r->server_count) {
			nap = true;
			ret = 1;
			continue;
		}
		if (send_ready(r, kind))
			return drop_all(r, kind);
		exchange(&run, kind, until);
		ret = judge(r, &nap);
		if (ret > 0 && (!run.moved || ++rounds > ROUNDS_MAX))
			nap = true;
		run.moved = 0;
	} while (ret > 0 && clock_mono_ns() < until);
	return finish(r, &run, ret, kind);
}
