// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/history/redis/call.h"
#include "collector/history/redis/lease.h"
#include "collector/history/redis/resp.h"
#include "collector/history/redis/server.h"
#include "lib/base/clock.h"

enum {
	BOOT_SIZE = 37,
	START_FIELD = 22, /* of /proc/PID/stat */
};

/* When a process began, in ticks since the host did; 0: there is none. */
static unsigned long long began(pid_t pid)
{
	unsigned long long start = 0;
	char path[32], line[1024];
	const char *at;
	size_t got;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	got = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[got] = '\0';
	at = strrchr(line, ')');
	for (i = 2; at && i < START_FIELD; i++)
		at = strchr(at + 1, ' ');
	if (at)
		sscanf(at, "%llu", &start);
	return start;
}

/* This boot of this host, and this space of process ids. */
static void where_am_i(char boot[BOOT_SIZE], unsigned long long *space)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	struct stat st;

	snprintf(boot, BOOT_SIZE, "-");
	if (f) {
		if (fscanf(f, "%36s", boot) != 1)
			snprintf(boot, BOOT_SIZE, "-");
		fclose(f);
	}
	*space = stat("/proc/self/ns/pid", &st) ? 0 : st.st_ino;
}

/* "HOST PID START BOOT SPACE RANDOM" */
static void name_holder(struct redis *r)
{
	char host[65] = "?", boot[BOOT_SIZE];
	unsigned long long space;
	uint64_t random = 0;

	gethostname(host, sizeof(host) - 1);
	where_am_i(boot, &space);
	(void)!getrandom(&random, sizeof(random), 0);
	snprintf(r->holder, sizeof(r->holder), "%s %d %llu %s %llu %016" PRIx64,
		 host, getpid(), began(getpid()), boot, space, random);
}

/* Whether it ran here, and does not any more. */
static bool is_dead(const char *holder)
{
	char boot[BOOT_SIZE], its_boot[BOOT_SIZE];
	unsigned long long space, its_space, start;
	int pid;

	where_am_i(boot, &space);
	return sscanf(holder, "%*s %d %llu %36s %llu", &pid, &start, its_boot,
		      &its_space) == 4 &&
	       boot[0] != '-' && !strcmp(boot, its_boot) && space &&
	       space == its_space && began(pid) != start;
}

void lease_tell(const char *holder, char *text, size_t size)
{
	int pid = 0;

	if (sscanf(holder, "%*s %d", &pid) == 1)
		snprintf(text, size, "%.*s, process %d",
			 (int)strcspn(holder, " "), holder, pid);
	else
		snprintf(text, size, "another collector");
}

/* Return as lease_take(). */
static int try_lock(struct redis *r, const char *dead, char *holder,
		    size_t size, long long *left_ms)
{
	const redisReply *reply;
	int err;

	call_clear(r);
	call_script(r, BUCKET_CONTROL, SCRIPT_LOCK, 2);
	call_key(r, "lock");
	call_key(r, "epoch");
	call_text(r, r->holder);
	call_number(r, LEASE_MS);
	call_text(r, dead);
	err = call_run(r, CALL_WRITES);
	if (err)
		return err;
	reply = call_reply(r, 0);
	if (reply->type != REDIS_REPLY_ARRAY)
		return 0;
	if (reply->elements != 2 ||
	    reply->element[0]->type != REDIS_REPLY_STRING)
		return handle_fail(r, "its answer for the lock is none");
	snprintf(holder, size, "%s", reply->element[0]->str);
	*left_ms = reply->element[1]->integer;
	return -EBUSY;
}

/* One whose answer was lost is ours all the same. */
int lease_take(struct redis *r, char *holder, size_t size, long long *left_ms)
{
	const redisReply *reply;
	char dead[160];
	int err;

	if (!r->holder[0])
		name_holder(r);
	err = try_lock(r, "", holder, size, left_ms);
	if (err == -EBUSY && is_dead(holder)) {
		snprintf(dead, sizeof(dead), "%s", holder);
		err = try_lock(r, dead, holder, size, left_ms);
	}
	if (err)
		return err;
	reply = call_reply(r, 0);
	r->epoch = reply_number(reply);
	r->renewed_ns = clock_mono_ns();
	return 0;
}

int lease_renew(struct redis *r)
{
	uint64_t now = clock_mono_ns();
	bool unsettled = r->engine.unsettled;
	unsigned int copies = r->copies;
	int err;

	if (r->gone)
		return -ENOENT;
	if (r->fleet)
		return 0;
	if (now - r->renewed_ns < LEASE_RENEW_MS * UINT64_C(1000000))
		return 0;
	call_clear(r);
	call_script(r, BUCKET_CONTROL, SCRIPT_RENEW, 1);
	call_key(r, "lock");
	call_text(r, r->holder);
	call_number(r, LEASE_MS);
	r->copies = 1; /* may be lost: it says nothing of what is kept */
	err = call_run(r, CALL_WRITES);
	r->copies = copies;
	r->engine.unsettled = unsettled || r->gone;
	if (!err)
		r->renewed_ns = now;
	return err;
}

void lease_release(struct redis *r)
{
	if (!r->epoch || r->gone || r->fleet)
		return;
	call_clear(r);
	call_script(r, BUCKET_CONTROL, SCRIPT_RELEASE, 1);
	call_key(r, "lock");
	call_text(r, r->holder);
	call_run(r, CALL_WRITES);
}

/* Sent now, so that it is there should this process be killed; nobody waits for it, and
 * without it one that is killed tries once more.
 */
static void note(struct redis *r, const char *text)
{
	struct server *s = server_of(r, r->work_bucket);
	char key[KEY_SIZE];
	struct link *l;

	if (!s || !s->link.up)
		return;
	l = &s->link;
	snprintf(key, sizeof(key), "%s:{%s}:work", r->place.prefix,
		 r->tags[r->work_bucket]);
	if (resp_begin(&l->out, 3) || resp_put(&l->out, "SET", 3) ||
	    resp_put(&l->out, key, strlen(key)) ||
	    resp_put(&l->out, text, strlen(text)) ||
	    link_expect(l, LINK_NOBODY))
		link_fail(l, "memory is short");
	else
		link_move(l, NULL, NULL);
}

/* "TRIES NODE HOUR" */
static unsigned long long tries_of(const char *text, const char *what)
{
	const char *rest = strchr(text, ' ');

	return rest && !strcmp(rest + 1, what) ? strtoull(text, NULL, 10) : 0;
}

uint64_t lease_begin(struct engine *e, const uint8_t *node, int64_t hour)
{
	struct redis *r = redis_of(e);
	char hex[NODE_HEX_SIZE], what[64];
	unsigned long long tries;

	handle_hex(node, hex);
	snprintf(what, sizeof(what), "%s %" PRId64, hex, hour);
	r->work_bucket = r->fleet ? bucket_of(r, node) : BUCKET_CONTROL;
	tries = tries_of(r->before[r->work_bucket], what) + 1;
	snprintf(r->work, sizeof(r->work), "%llu %s", tries, what);
	note(r, r->work);
	return tries;
}

void lease_end(struct engine *e)
{
	struct redis *r = redis_of(e);
	const char *was = strchr(r->work, ' '),
		   *before = strchr(r->before[r->work_bucket], ' ');

	if (was && before && !strcmp(was, before))
		r->before[r->work_bucket][0] = '\0';
	r->work[0] = '\0';
	note(r, "");
}
