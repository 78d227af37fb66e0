// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "collector/history/groups.h"
#include "collector/history/store.h"
#include "collector/history/write/lane.h"
#include "collector/history/write/move.h"
#include "lib/base/log.h"

/**
 * struct store - the groups, and where marks are handed over
 * @lanes: one a group; more than there are groups: what those have is moved
 * @lane_count: of them
 * @groups: that nodes are spread over
 * @folders: of lanes
 * @move: of nodes to their groups
 * @lock: of @outlets
 * @outlets: struct store_mark that are to be handed over, and an eventfd each,
 *           told when some are
 * @outlet_count: of them
 */
struct store {
	struct lane lanes[GROUPS_MAX];
	unsigned int lane_count;
	unsigned int groups;
	char folders[GROUPS_MAX][PATH_MAX];
	struct move *move;
	pthread_mutex_t lock;
	struct {
		struct buffer settled;
		int event;
	} outlets[STORE_OUTLETS_MAX];
	unsigned int outlet_count;
};

static struct lane *lane_of(struct store *s, const uint8_t *node)
{
	return &s->lanes[s->groups == 1 ? 0 : groups_of(node, s->groups)];
}

/* Marks wait to be handed over. */
static void settle(void *context, struct buffer *queue)
{
	struct store *s = context;
	uint8_t *at = queue->data;
	uint64_t told = 0; /* a bit for each outlet */
	struct queued *r;
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	while ((r = queued_next(&at, queue->data + queue->used))) {
		if (!r->marked)
			continue;
		told |= UINT64_C(1) << r->mark.outlet;
		/* Without memory the sender asks again after a while. */
		buffer_put(&s->outlets[r->mark.outlet].settled, &r->mark,
			   sizeof(r->mark));
	}
	pthread_mutex_unlock(&s->lock);
	for (i = 0; i < s->outlet_count; i++)
		if (told >> i & 1)
			eventfd_write(s->outlets[i].event, 1);
}

int store_add_outlet(struct store *s)
{
	int event;

	if (s->outlet_count == STORE_OUTLETS_MAX)
		return -ENOSPC;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return -errno;
	s->outlets[s->outlet_count].event = event;
	return (int)s->outlet_count++;
}

/* What is for all is each one's part of it, but for the size: that is all groups'. */
static struct store_policy share(const struct store_policy *policy)
{
	struct store_policy one = *policy;

	if (one.groups > 1)
		one.memory_max /= one.groups;
	return one;
}

static int open_lane(struct store *s, const char *folder,
		     const struct store_policy *policy)
{
	unsigned int group = s->lane_count;
	struct lane *l = &s->lanes[group];
	int err = groups_folder(s->folders[group], folder, group);

	l->settle = settle;
	l->context = s;
	if (err)
		log_error("history: the name of its folder is too long");
	else
		err = lane_open(l, s->folders[group], policy);
	s->lane_count += !err;
	return err;
}

static int open_lanes(struct store *s, const char *folder,
		      const struct store_policy *policy)
{
	const struct store_policy one = share(policy);
	unsigned int folders = groups_folders(folder);
	int err = 0;

	s->groups = policy->groups > 1 ? policy->groups : 1;
	while (!err && (s->lane_count < s->groups || s->lane_count < folders))
		err = open_lane(s, folder, &one);
	if (err || s->lane_count == 1)
		return err;
	err = move_small(s->lanes, s->lane_count, s->groups);
	if (!err)
		err = groups_set(folder, s->groups);
	if (err)
		log_error("history: it can't be spread over %u groups: %s",
			  s->groups, strerror(-err));
	return err;
}

static int start_lanes(struct store *s)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < s->lane_count; i++)
		err = lane_start(&s->lanes[i]);
	if (!err && s->lane_count > 1)
		err = move_start(&s->move, s->lanes, s->lane_count, s->groups);
	return err;
}

int store_open(struct store **store, const char *folder,
	       const struct store_policy *policy)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	pthread_mutex_init(&s->lock, NULL);
	err = store_add_outlet(s);
	if (err < 0)
		log_error("history: no eventfd: %s", strerror(-err));
	else
		err = open_lanes(s, folder, policy);
	if (!err)
		err = start_lanes(s);
	if (!err)
		*store = s;
	else
		store_close(s);
	return err;
}

void store_keep(struct store *s, const struct store_policy *policy)
{
	struct store_policy one = *policy;
	unsigned int i;

	one.groups = s->groups; /* until it is opened again */
	one = share(&one);
	for (i = 0; i < s->lane_count; i++)
		lane_keep(&s->lanes[i], &one);
}

bool store_alive(struct store *s, uint64_t since_ns)
{
	unsigned int i;

	for (i = 0; i < s->lane_count; i++)
		if (!lane_alive(&s->lanes[i], since_ns))
			return false;
	return true;
}

bool store_ended(struct store *s)
{
	unsigned int i;

	for (i = 0; i < s->lane_count; i++)
		if (lane_ended(&s->lanes[i]))
			return true;
	return false;
}

void store_withdraw(struct store *s, uint64_t connection)
{
	unsigned int i;

	for (i = 0; i < s->lane_count; i++)
		lane_withdraw(&s->lanes[i], connection);
}

void store_expire(struct store *s, uint64_t real_ns)
{
	struct store_stats all, one;
	unsigned int i;

	store_stats(s, &all);
	for (i = 0; i < s->lane_count; i++) {
		lane_stats(&s->lanes[i], &one);
		lane_expire(&s->lanes[i], real_ns, all.size - one.size);
	}
}

void store_claim(struct store *s, uint64_t epoch, const bool *slices)
{
	lane_claim(&s->lanes[0], epoch, slices);
}

unsigned int store_term(struct store *s, const uint8_t *node)
{
	return lane_term(&s->lanes[0], node);
}

void store_slices(struct store *s, unsigned int *taken, unsigned int *wanted)
{
	lane_slices(&s->lanes[0], taken, wanted);
}

bool store_full(struct store *s)
{
	return store_load(s) == STORE_FULL;
}

/* Whoever asks does not know yet whose frame it is. */
enum store_load store_load(struct store *s)
{
	enum store_load most = STORE_FREE;
	unsigned int i;

	for (i = 0; i < s->groups; i++) {
		enum store_load load = lane_load(&s->lanes[i]);

		most = load > most ? load : most;
	}
	return most;
}

bool store_put(struct store *s, const struct store_frame *f)
{
	return lane_put(lane_of(s, f->node), f);
}

void store_put_loss(struct store *s, const struct store_loss *loss)
{
	lane_put_loss(lane_of(s, loss->node), loss);
}

bool store_put_node(struct store *s, const struct store_node *node)
{
	return lane_put_node(lane_of(s, node->node), node);
}

int store_fd(const struct store *s, unsigned int outlet)
{
	return s->outlets[outlet].event;
}

void store_settled(struct store *s, unsigned int outlet,
		   void (*settled)(void *context, const struct store_mark *m),
		   void *context)
{
	const struct store_mark *marks;
	struct buffer all;
	eventfd_t events;
	size_t i;

	if (eventfd_read(s->outlets[outlet].event, &events))
		return;
	pthread_mutex_lock(&s->lock);
	all = s->outlets[outlet].settled;
	s->outlets[outlet].settled = (struct buffer){ 0 };
	pthread_mutex_unlock(&s->lock);
	marks = (const struct store_mark *)all.data;
	for (i = 0; i < all.used / sizeof(*marks); i++)
		settled(context, &marks[i]);
	buffer_free(&all);
}

static void add_trouble(struct store_trouble *all,
			const struct store_trouble *one)
{
	all->chunks += one->chunks;
	all->frames += one->frames;
	all->aside += one->aside;
	if (one->aside)
		memcpy(all->node, one->node, sizeof(all->node));
}

static void add_stats(struct store_stats *all, const struct store_stats *one)
{
	all->queued += one->queued;
	all->queued_bytes += one->queued_bytes;
	all->written += one->written;
	all->dropped += one->dropped;
	all->expired += one->expired;
	all->open_bytes += one->open_bytes;
	all->chunks += one->chunks;
	all->size += one->size;
	all->commits += one->commits;
	all->commit_ns += one->commit_ns;
	if (one->commit_last_ns > all->commit_last_ns)
		all->commit_last_ns = one->commit_last_ns;
	add_trouble(&all->trouble, &one->trouble);
	all->failing = all->failing || one->failing;
}

void store_stats(struct store *s, struct store_stats *stats)
{
	struct store_stats one;
	unsigned int i;

	memset(stats, 0, sizeof(*stats));
	for (i = 0; i < s->lane_count; i++) {
		lane_stats(&s->lanes[i], &one);
		add_stats(stats, &one);
	}
}

/* A node that is moved may have some in its old group. */
int store_open_frames(struct store *s, const uint8_t *node, struct buffer *to)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < s->lane_count; i++)
		err = lane_open_frames(&s->lanes[i], node, to);
	return err;
}

void store_close(struct store *s)
{
	unsigned int i;

	if (s->move)
		move_stop(s->move);
	for (i = 0; i < s->lane_count; i++)
		lane_close(&s->lanes[i]);
	for (i = 0; i < s->outlet_count; i++) {
		close(s->outlets[i].event);
		buffer_free(&s->outlets[i].settled);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}
