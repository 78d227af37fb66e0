// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/place.h"
#include "collector/fleet/membership.h"
#include "collector/fleet/members.h"
#include "collector/history/store.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	LEASE_S = 3,
	TURN_MS = 200,
};

#define KEEP_NS UINT64_C(1000000000)
#define AGAIN_NS UINT64_C(500000000)
#define STATE_NS UINT64_C(3000000000)
#define TELL_NS UINT64_C(60000000000)

/**
 * struct membership - this member, and what it knows of the others
 * @setup: who it is
 * @place: etcd's servers
 * @etcd: the client, the thread's
 * @store: told what is its own
 * @thread: does all
 * @leaving: its lease is to end now; atomic
 * @lease: its; 0: none
 * @joined: its key is there by that lease
 * @watching: changes are told
 * @epoch: revision of what is known
 * @keep_ns: when it was kept alive last; monotonic, as the others
 * @again_ns: not before that it is tried again
 * @state_ns: when its state was told last
 * @told: what the log was told of etcd last; "": all is well
 * @told_ns: when
 * @members: all, as the thread knows them
 * @lock: of the following
 * @shown: all, when @owners were found
 * @owners: of slices
 */
struct membership {
	struct membership_setup setup;
	struct place place;
	struct etcd *etcd;
	struct store *store;
	pthread_t thread;
	bool leaving;
	uint64_t lease;
	bool joined;
	bool watching;
	uint64_t epoch;
	uint64_t keep_ns;
	uint64_t again_ns;
	uint64_t state_ns;
	char told[320];
	uint64_t told_ns;
	struct members members;
	pthread_mutex_t lock;
	struct members shown;
	uint8_t owners[GROUPS_SLICES];
};

/* The first time, and now and then. */
static void complain(struct membership *f, const char *what, const char *so)
{
	uint64_t now = clock_mono_ns();

	if (!strcmp(f->told, what) && now - f->told_ns < TELL_NS)
		return;
	log_warn("members '%s': %s; %s", f->setup.servers, what, so);
	snprintf(f->told, sizeof(f->told), "%s", what);
	f->told_ns = now;
}

static void is_well(struct membership *f)
{
	if (f->told[0])
		log_info("members '%s': it answers again", f->setup.servers);
	f->told[0] = '\0';
}

static void failed(struct membership *f)
{
	f->again_ns = clock_mono_ns() + AGAIN_NS;
	complain(f, etcd_problem(f->etcd),
		 f->joined ? "until it answers partitions stay where they are" :
			     "until it answers this collector takes no frames");
}

/* --- what is known ------------------------------------------------------- */

static bool is_me(const struct membership *f, const struct member *m)
{
	return f->lease && m->there && m->lease == f->lease &&
	       !strcmp(m->id, f->setup.id);
}

/* Work out from the list who owns which slice, and tell the store which ones
 * are ours.
 */
static void claim(struct membership *f)
{
	bool slices[GROUPS_SLICES];
	unsigned int i, count = 0, there = 0;

	pthread_mutex_lock(&f->lock);
	f->shown = f->members;
	members_owners(&f->shown, f->owners);
	for (i = 0; i < GROUPS_SLICES; i++) {
		slices[i] = f->owners[i] != MEMBERS_NOBODY &&
			    is_me(f, &f->shown.list[f->owners[i]]);
		count += slices[i];
	}
	pthread_mutex_unlock(&f->lock);
	for (i = 0; i < f->members.count; i++)
		there += f->members.list[i].there;
	log_debug("%u members, epoch %llu: %u of %d partitions are ours", there,
		  (unsigned long long)f->epoch,
		  count * (GROUPS_PARTITIONS / GROUPS_SLICES),
		  GROUPS_PARTITIONS);
	store_claim(f->store, f->epoch, slices);
}

static void change(void *context, const struct etcd_key *k)
{
	struct membership *f = context;

	members_change(&f->members, f->place.prefix, k);
	if (k->changed > f->epoch)
		f->epoch = k->changed;
}

/* Read all members, then watch for changes. The old list is kept until the new
 * one is whole.
 */
static int learn(struct membership *f)
{
	char prefix[MEMBERS_KEY_SIZE];
	struct members before = f->members;
	uint64_t revision = 0;
	int err;

	members_key(prefix, f->place.prefix, "", "");
	f->members.count = 0;
	err = etcd_range(f->etcd, prefix, change, f, &revision);
	if (!err)
		err = etcd_watch(f->etcd, prefix, revision + 1);
	if (err) {
		f->members = before;
		return err;
	}
	f->epoch = revision;
	f->watching = true;
	claim(f);
	return 0;
}

/* --- being there --------------------------------------------------------- */

static char *describe(const struct membership *f)
{
	json_t *all = json_pack("{ss ss ss}", "feed", f->setup.feed, "http",
				f->setup.http, "version", KTACH_VERSION);
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;

	json_decref(all);
	return text;
}

static int put_member(struct membership *f)
{
	char key[MEMBERS_KEY_SIZE], *text = describe(f);
	int err;

	if (!text)
		return -ENOMEM;
	members_key(key, f->place.prefix, "member/", f->setup.id);
	err = etcd_put_new(f->etcd, key, text, f->lease);
	free(text);
	return err;
}

/* A collector that was killed stays a member until its lease ends. */
static int join(struct membership *f)
{
	int err = f->lease ? 0 : etcd_grant(f->etcd, LEASE_S, &f->lease);

	if (err)
		return err;
	f->keep_ns = clock_mono_ns();
	err = put_member(f);
	if (err == -EEXIST) {
		complain(
			f, "a member with our id is there",
			"if it does not end within seconds, give this one another --member-id");
		f->again_ns = clock_mono_ns() + AGAIN_NS;
		return 0;
	}
	f->joined = !err;
	f->watching = false;
	return err;
}

static void lose_lease(struct membership *f)
{
	if (f->joined)
		log_warn(
			"members '%s': our lease has ended: others have our partitions; being a member anew",
			f->setup.servers);
	f->lease = 0;
	f->joined = false;
}

static int keep(struct membership *f)
{
	uint64_t now = clock_mono_ns();
	int err;

	if (!f->lease || now - f->keep_ns < KEEP_NS)
		return 0;
	err = etcd_keep_alive(f->etcd, f->lease);
	f->keep_ns = now;
	if (err == -ENOENT) {
		lose_lease(f);
		return 0;
	}
	if (!err && f->joined)
		is_well(f);
	return err;
}

static int tell_state(struct membership *f)
{
	uint64_t now = clock_mono_ns();
	char key[MEMBERS_KEY_SIZE], *text = NULL;
	struct store_stats stats;
	unsigned int taken, wanted;
	json_t *all;
	int err;

	if (!f->joined || now - f->state_ns < STATE_NS)
		return 0;
	f->state_ns = now;
	store_slices(f->store, &taken, &wanted);
	store_stats(f->store, &stats);
	all = json_pack("{si si sI sI sI sb}", "taken", (int)taken, "wanted",
			(int)wanted, "epoch", (json_int_t)f->epoch, "queued",
			(json_int_t)stats.queued, "commit_ns",
			(json_int_t)stats.commit_last_ns, "failing",
			stats.failing);
	if (all)
		text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	if (!text)
		return -ENOMEM;
	members_state_key(key, f->place.prefix, f->setup.id);
	err = etcd_put(f->etcd, key, text, f->lease);
	free(text);
	return err;
}

static void look(struct membership *f)
{
	uint64_t epoch = f->epoch;

	if (etcd_wait(f->etcd, TURN_MS, change, f))
		f->watching = false;
	else if (f->epoch != epoch)
		claim(f);
}

static void go_on(struct membership *f)
{
	int err = keep(f);

	if (!err && clock_mono_ns() >= f->again_ns && !f->joined)
		err = join(f);
	if (!err && f->joined && !f->watching && clock_mono_ns() >= f->again_ns)
		err = learn(f);
	if (!err)
		err = tell_state(f);
	if (err)
		failed(f);
	look(f);
}

static void *run(void *context)
{
	struct membership *f = context;

	pthread_setname_np(pthread_self(), "fleet");
	while (!load_relaxed(&f->leaving))
		go_on(f);
	if (f->lease)
		etcd_revoke(f->etcd, f->lease);
	return NULL;
}

int membership_open(struct membership **fleet,
		    const struct membership_setup *setup, struct store *store)
{
	struct membership *f = calloc(1, sizeof(*f));
	int err = f ? 0 : -ENOMEM;

	if (err)
		return err;
	f->setup = *setup;
	f->store = store;
	memset(f->owners, MEMBERS_NOBODY, sizeof(f->owners));
	pthread_mutex_init(&f->lock, NULL);
	place_parse(&f->place, setup->servers, PLACE_ETCD);
	f->etcd = etcd_open(&f->place);
	if (f->etcd)
		err = -pthread_create(&f->thread, NULL, run, f);
	if (f->etcd && !err) {
		*fleet = f;
		return 0;
	}
	log_error("members: no thread or no memory");
	if (f->etcd)
		etcd_close(f->etcd);
	free(f);
	return err ? err : -ENOMEM;
}

void membership_leave(struct membership *f)
{
	if (!f || load_relaxed(&f->leaving))
		return;
	store_relaxed(&f->leaving, true);
	etcd_wake(f->etcd);
	pthread_join(f->thread, NULL);
	pthread_mutex_lock(&f->lock);
	memset(f->owners, MEMBERS_NOBODY, sizeof(f->owners));
	pthread_mutex_unlock(&f->lock);
}

void membership_close(struct membership *f)
{
	if (!f)
		return;
	membership_leave(f);
	etcd_close(f->etcd);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

enum membership_owner membership_owner(struct membership *f,
				       const uint8_t *node, char *where,
				       size_t size)
{
	enum membership_owner whose = MEMBERSHIP_NOBODY;
	const struct member *m;
	uint8_t owner;

	pthread_mutex_lock(&f->lock);
	owner = f->owners[groups_slice(node)];
	if (owner != MEMBERS_NOBODY) {
		m = &f->shown.list[owner];
		whose = strcmp(m->id, f->setup.id) ? MEMBERSHIP_OTHER :
						     MEMBERSHIP_US;
		snprintf(where, size, "%s", m->feed);
	}
	pthread_mutex_unlock(&f->lock);
	return whose;
}
