// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "collector/history/redis/inspect.h"
#include "collector/history/redis/lease.h"
#include "collector/history/redis/ops.h"
#include "collector/history/redis/redis.h"
#include "collector/history/redis/server.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"

#define LAYOUT "ktach 1"
#define LAYOUT_FLEET LAYOUT " fleet"
#define TELL_EVERY_NS UINT64_C(60000000000)
#define TRY_EVERY_NS 500000000

static int read_password(struct redis *r)
{
	int err = r->place.password_file[0] ?
			  place_password(&r->place, r->password,
					 sizeof(r->password)) :
			  0;

	return err ? handle_fail(r, "password-file '%s': %s",
				 r->place.password_file,
				 err == -ENODATA ? "its first line is empty" :
						   strerror(-err)) :
		     0;
}

static void close_handle(struct engine *e)
{
	struct redis *r = redis_of(e);
	unsigned int b;

	if (r->writing)
		lease_release(r);
	call_clear(r);
	server_free_all(r);
	for (b = 0; b < BUCKETS; b++)
		buffer_free(&r->rows[b]);
	buffer_free(&r->args);
	buffer_free(&r->calls);
	buffer_free(&r->order);
	explicit_bzero(r->password, sizeof(r->password));
	free(r);
}

static int make_handle(struct redis **made, const char *text, bool writing,
		       bool fleet)
{
	struct redis *r = calloc(1, sizeof(*r));
	const char *problem;

	if (!r)
		return -ENOMEM;
	problem = place_parse(&r->place, text, PLACE_REDIS);
	if (problem) {
		log_error("history: '%s': %s", text, problem);
		free(r);
		return -EINVAL;
	}
	snprintf(r->text, sizeof(r->text), "%s", text);
	r->engine.ops = &redis_ops;
	r->writing = writing;
	r->stale = true;
	r->held.most = LINK_HELD_MAX;
	r->copies = r->place.copies ? r->place.copies : 1;
	memset(r->owner, 0xff, sizeof(r->owner));
	slot_tag(BUCKET_CONTROL, BUCKETS_ALONE, r->tags[BUCKET_CONTROL]);
	r->slots[BUCKET_CONTROL] = slot_of(r->tags[BUCKET_CONTROL]);
	r->work_bucket = BUCKET_CONTROL;
	(void)!getrandom(&r->who, sizeof(r->who), 0);
	handle_spread(r, fleet ? BUCKETS : BUCKETS_ALONE);
	r->fleet = fleet;
	if (fleet) {
		r->engine.slices = r->mine;
		memset(r->mine, 0, sizeof(r->mine));
		handle_rank(r);
	}
	*made = r;
	return 0;
}

/* Signals are blocked until the collector serves: whoever wants it to end while it waits
 * has sent one.
 */
static bool is_wanted(void)
{
	sigset_t set;

	sigpending(&set);
	return !sigismember(&set, SIGTERM) && !sigismember(&set, SIGINT);
}

/**
 * struct patience - while the history can't be opened
 * @told: what was said last
 * @told_ns: when
 */
struct patience {
	char told[256];
	uint64_t told_ns;
};

/* Wait a moment. Return 0, or -ECANCELED. */
static int wait_for(struct redis *r, struct patience *p)
{
	const struct timespec moment = { 0, TRY_EVERY_NS };
	uint64_t now = clock_mono_ns();

	if (strcmp(p->told, r->problem) || now - p->told_ns > TELL_EVERY_NS) {
		log_warn(
			"history '%s': %s; waiting for it, until then no frame is taken or acknowledged",
			r->text, r->problem);
		memcpy(p->told, r->problem, sizeof(p->told));
		p->told_ns = now;
	}
	notify("EXTEND_TIMEOUT_USEC=30000000");
	nanosleep(&moment, NULL);
	return is_wanted() ? 0 : -ECANCELED;
}

/* Whoever reads learns from it how nodes are spread; who writes has to be of its kind. */
static bool fits_layout(struct redis *r, const char *layout)
{
	bool fleet = !strcmp(layout, LAYOUT_FLEET);

	if (!fleet && strcmp(layout, LAYOUT) != 0) {
		handle_fail(
			r,
			"its keys are of another version of this program, or of another program: name another prefix");
		return false;
	}
	if (!r->writing)
		handle_spread(r, fleet ? BUCKETS : BUCKETS_ALONE);
	else if (fleet != r->fleet)
		handle_fail(
			r, "%s",
			fleet ? "several collectors write to it: be one of them with --members, or name another prefix" :
				"it is of one collector that writes alone: name another prefix for several ones");
	return !r->writing || fleet == r->fleet;
}

/* What is there is of this program, or nothing is. Return 0, -EPROTO, or -EIO. */
static int check_layout(struct redis *r)
{
	const redisReply *reply;
	int err;

	call_clear(r);
	call_begin(r, BUCKET_CONTROL, "GET");
	call_key(r, "layout");
	err = call_run(r, CALL_READS);
	if (err)
		return err;
	reply = call_reply(r, 0);
	if (reply->type == REDIS_REPLY_NIL && r->writing)
		return 0;
	if (reply->type == REDIS_REPLY_NIL)
		handle_fail(r, "there is no history with this prefix");
	else if (fits_layout(r, reply->type == REDIS_REPLY_STRING ? reply->str :
								    ""))
		return 0;
	return -EPROTO;
}

static int put_layout(struct redis *r)
{
	call_clear(r);
	call_begin(r, BUCKET_CONTROL, "SET");
	call_key(r, "layout");
	call_text(r, r->fleet ? LAYOUT_FLEET : LAYOUT);
	call_begin(r, BUCKET_CONTROL, "GET");
	call_key(r, "work");
	return call_run(r, CALL_WRITES);
}

/* A newer epoch than the lock's: that is of a server which has lost some. */
static int own_newest(struct redis *r)
{
	uint64_t newest = 0;
	size_t i;

	for (i = 0; i < call_count(r); i++) {
		const redisReply *reply = call_reply(r, i);
		uint64_t has;

		if (!reply || reply->type != REDIS_REPLY_ERROR ||
		    strncmp(reply->str, SCRIPT_FENCED " ",
			    sizeof(SCRIPT_FENCED)))
			continue;
		has = strtoull(reply->str + sizeof(SCRIPT_FENCED), NULL, 10);
		newest = has > newest ? has : newest;
	}
	if (!newest)
		return -EIO;
	r->gone = false;
	r->epoch = newest + 1;
	call_clear(r);
	call_begin(r, BUCKET_CONTROL, "SET");
	call_key(r, "epoch");
	call_number(r, r->epoch);
	return call_run(r, CALL_WRITES);
}

int redis_own(struct redis *r)
{
	char token[TOKEN_SIZE];
	unsigned int b;
	int err;

	handle_token(r, token);
	call_clear(r);
	for (b = bucket_next(r, 0); b < BUCKETS; b = bucket_next(r, b + 1)) {
		call_script(r, b, SCRIPT_OWN, 2);
		call_key(r, "own");
		call_key(r, "log");
		call_number(r, r->epoch);
		call_text(r, token);
	}
	err = call_run(r, CALL_WRITES);
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		const redisReply *reply = bucket_reply(r, b);

		if (reply->elements != 2)
			return handle_fail(r,
					   "its answer for an owner is none");
		/* One that writes alone has its lock for that. */
		if (r->fleet && !handle_is_own(r, reply->element[1]->str))
			r->taken[b] = true;
	}
	return err;
}

static int own_all(struct redis *r)
{
	int err = redis_own(r);
	unsigned int b;

	if (err == -ENOENT) {
		err = own_newest(r);
		if (!err)
			err = redis_own(r);
	}
	for (b = bucket_next(r, 0); !err && b < BUCKETS;
	     b = bucket_next(r, b + 1)) {
		uint64_t last = reply_number(bucket_reply(r, b)->element[0]);

		r->newest[b] = last;
		if (last > r->engine.last_log)
			r->engine.last_log = last;
	}
	return err;
}

/* --- open for writing ---------------------------------------------------- */

static void refuse_second(struct redis *r, const char *holder)
{
	char who[128];

	lease_tell(holder, who, sizeof(who));
	log_error(
		"history '%s': %s writes to it; end that one or name another prefix with --history",
		r->text, who);
}

/* One that lives renews it, one that does not lets it run out. Return 0, -EBUSY after a
 * message, -EIO or -ECANCELED.
 */
static int take_lock(struct redis *r, struct patience *p)
{
	char holder[160], first[160] = "";
	long long left, before = 0;
	int err;

	for (;;) {
		err = lease_take(r, holder, sizeof(holder), &left);
		if (err != -EBUSY)
			return err;
		if (!strcmp(holder, first) && left > before) {
			refuse_second(r, holder);
			return -EBUSY;
		}
		snprintf(first, sizeof(first), "%s", holder);
		before = left;
		lease_tell(holder, r->problem, sizeof(r->problem) - 64);
		strcat(r->problem,
		       " has it, or died with it less than 20 s ago");
		err = wait_for(r, p);
		if (err)
			return err;
	}
}

/* The file may be corrected meanwhile. */
static int begin_writing(struct redis *r, struct patience *p)
{
	int err = read_password(r);

	if (!err)
		err = server_learn(r);
	if (!err)
		err = inspect_servers(r);
	if (!err)
		err = check_layout(r);
	if (!err && !r->fleet)
		err = take_lock(r, p);
	if (!err && !r->fleet)
		err = own_all(r);
	if (!err)
		err = put_layout(r);
	if (!err && call_reply(r, 1)->type == REDIS_REPLY_STRING)
		snprintf(r->before[BUCKET_CONTROL], WORK_SIZE, "%s",
			 call_reply(r, 1)->str);
	if (!err)
		r->engine.unsettled = false;
	return err;
}

static bool is_final(int err)
{
	return err && err != -EIO && err != -ENOENT && err != -EAGAIN;
}

int redis_open(struct engine **engine, const char *text, bool fleet)
{
	struct patience p = { .told_ns = 0 };
	struct redis *r;
	int err = make_handle(&r, text, true, fleet);

	if (err)
		return err;
	while ((err = begin_writing(r, &p)) && !is_final(err)) {
		r->stale = true;
		r->gone = false;
		err = wait_for(r, &p);
		if (err)
			break;
	}
	if (!err) {
		if (p.told[0])
			log_info("history '%s' is there", r->text);
		inspect_tell(r);
		*engine = &r->engine;
		return 0;
	}
	if (err == -EPROTO || err == -ENOMEM)
		log_error("history '%s': %s", r->text,
			  err == -ENOMEM ? "memory is short" : r->problem);
	close_handle(&r->engine);
	return err;
}

int redis_read(struct engine **engine, const char *text)
{
	struct redis *r;
	int err = make_handle(&r, text, false, false);

	if (err)
		return err;
	err = read_password(r);
	if (!err)
		err = server_learn(r);
	if (!err)
		err = check_layout(r);
	if (!err) {
		*engine = &r->engine;
		return 0;
	}
	log_error("history '%s': %s", r->text, r->problem);
	close_handle(&r->engine);
	return err;
}

/* --- the rest of a handle ------------------------------------------------ */

int redis_may_write(struct redis *r)
{
	if (r->engine.unsettled)
		return -EIO;
	return lease_renew(r);
}

static const char *problem(const struct engine *e)
{
	return ((const struct redis *)e)->problem;
}

/* What is kept is not of one moment anyhow. */
static int hold(struct engine *e)
{
	return 0;
}

static void let_go(struct engine *e)
{
}

static void shrink(struct engine *e)
{
	struct redis *r = redis_of(e);
	unsigned int b;

	call_clear(r);
	buffer_free(&r->args);
	buffer_free(&r->order);
	for (b = 0; b < BUCKETS; b++)
		buffer_free(&r->rows[b]);
}

const struct engine_ops redis_ops = {
	.close = close_handle,
	.problem = problem,
	.commit = redis_commit,
	.settle = redis_settle,
	.claim = redis_claim,
	.mark = redis_mark,
	.retry = redis_retry,
	.trim = redis_trim,
	.fold = redis_fold,
	.ripe = redis_ripe,
	.merge = redis_merge,
	.set_aside = redis_set_aside,
	.begin = lease_begin,
	.end = lease_end,
	.drop = redis_drop,
	.forget = redis_forget,
	.room = redis_room,
	.largest = redis_largest,
	.everybody = redis_everybody,
	.small = redis_small,
	.leave = redis_leave,
	.shrink = shrink,
	.hold = hold,
	.let_go = let_go,
	.nodes = redis_nodes,
	.find = redis_find,
	.logs = redis_logs,
	.parts = redis_parts,
	.chunk = redis_chunk,
	.next = redis_next,
	.walk = redis_walk,
	.losses = redis_losses,
	.accounts = redis_accounts,
	.latest = redis_latest,
};
