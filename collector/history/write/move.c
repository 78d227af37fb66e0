// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/history/groups.h"
#include "collector/history/write/move.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* The thread works a fifth of the time, so that those who write hardly notice. */
enum {
	REST = 4,
};

#define LOOK_EVERY_NS UINT64_C(1000000000)
#define REST_MIN_NS UINT64_C(100000)

/* A node that is not in its group. */
struct stranger {
	struct engine_node n;
	char name[WIRE_TEXT_MAX + 1];
	char version[WIRE_TEXT_MAX + 1];
};

/**
 * struct move - the thread that moves chunks
 * @thread: it
 * @lanes: all
 * @count: of them
 * @groups: that nodes are spread over
 * @nodes: struct stranger of a group
 * @group: this one
 * @moved: hours, of all nodes
 * @stop: set once; atomic
 */
struct move {
	pthread_t thread;
	struct lane *lanes;
	unsigned int count;
	unsigned int groups;
	struct buffer nodes;
	unsigned int group;
	uint64_t moved;
	bool stop;
};

/* What is known of a node beside its samples, from one engine to the other. */
struct small {
	struct engine *from;
	struct engine *to;
	unsigned int group;
	unsigned int groups;
	struct buffer strangers; /* ids */
};

static void note_stranger(void *context, const uint8_t *node)
{
	struct small *s = context;

	if (groups_of(node, s->groups) != s->group)
		buffer_put(&s->strangers, node, WIRE_ID_SIZE);
}

static int is_anything(void *context, const struct engine_commit *c)
{
	return 1;
}

static int take_small(void *context, const struct engine_commit *c)
{
	const struct small *s = context;

	return s->to->ops->commit(s->to, c);
}

/* Anything there came with all else: the kill was before it was deleted here. */
static int move_one_small(struct small *s, const uint8_t *node)
{
	int ret = s->to->ops->small(s->to, node, is_anything, NULL);

	if (!ret)
		ret = s->from->ops->small(s->from, node, take_small, s);
	return ret < 0 ? ret : s->from->ops->leave(s->from, node, false);
}

int move_small(struct lane *lanes, unsigned int count, unsigned int groups)
{
	struct small s = { .groups = groups };
	const uint8_t *node;
	int err = 0;

	for (; !err && s.group < count; s.group++) {
		s.from = lanes[s.group].writer.e;
		s.strangers.used = 0;
		err = s.from->ops->everybody(s.from, note_stranger, &s);
		for (node = s.strangers.data;
		     !err && node < s.strangers.data + s.strangers.used;
		     node += WIRE_ID_SIZE) {
			s.to = lanes[groups_of(node, groups)].writer.e;
			err = move_one_small(&s, node);
		}
	}
	buffer_free(&s.strangers);
	return err;
}

static bool is_stopped(const struct move *m)
{
	return load_relaxed(&m->stop);
}

static void rest(const struct move *m, uint64_t ns)
{
	const struct timespec step = { 0, 10000000 };

	while (ns > REST_MIN_NS && !is_stopped(m)) {
		struct timespec t = { 0, (long)ns };

		if (ns > (uint64_t)step.tv_nsec)
			t = step;
		nanosleep(&t, NULL);
		ns -= (uint64_t)t.tv_nsec;
	}
}

static int copy_part(void *context, const void *data, size_t size)
{
	struct buffer *parts = context;
	struct engine_part p = { .hour = 0 };
	int err = outbox_copy(&p.data, data, size);

	if (!err)
		err = buffer_put(parts, &p, sizeof(p));
	if (err)
		free((void *)p.data.data);
	return err;
}

static int copy_chunk(void *context, const void *data, size_t size)
{
	return outbox_copy(context, data, size);
}

/**
 * struct hour - of a node, on its way
 * @parts: struct engine_part; chunks of samples, too, where there is one already
 * @chunks: what was merged
 */
struct hour {
	struct buffer parts;
	struct engine_merge chunks;
};

static void free_hour(struct hour *h)
{
	struct engine_fold parts = {
		.parts = (struct engine_part *)h->parts.data,
		.part_count = h->parts.used / sizeof(*parts.parts)
	};

	outbox_free_fold(&parts); /* and the buffer's memory with it */
	outbox_free_merge(&h->chunks);
}

static int read_hour(struct engine *e, const struct engine_key *key,
		     struct hour *h)
{
	int tier, err = e->ops->parts(e, key, copy_part, &h->parts);

	h->chunks.key = *key;
	for (tier = 0; !err && tier < TIERS; tier++) {
		err = e->ops->chunk(e, (enum tier)tier, key, copy_chunk,
				    &h->chunks.chunks[tier]);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static int is_there(void *context, const void *data, size_t size)
{
	return 1;
}

/* Where an hour has samples in both places, those that come are parts of it, from which
 * its rollups are made again. What has none there stays as it is.
 */
static int fit_hour(struct engine *e, struct hour *h)
{
	int tier, ret;

	for (tier = 0; tier < TIERS; tier++) {
		struct engine_blob *chunk = &h->chunks.chunks[tier];

		ret = e->ops->chunk(e, (enum tier)tier, &h->chunks.key,
				    is_there, NULL);
		if (ret == -ENOENT || !chunk->size)
			continue;
		if (ret < 0)
			return ret;
		if (tier == TIER_RAW &&
		    copy_part(&h->parts, chunk->data, chunk->size))
			return -ENOMEM;
		free((void *)chunk->data);
		*chunk = (struct engine_blob){ NULL, 0 };
	}
	return 0;
}

static int put_hour(struct engine *e, const struct engine_node *n,
		    struct hour *h)
{
	struct engine_part *parts;
	struct engine_fold fold = { .name = n->name,
				    .version = n->version,
				    .first_ns = n->first_ns,
				    .last_ns = n->last_ns };
	size_t i;
	int err = fit_hour(e, h);

	parts = (struct engine_part *)h->parts.data;
	fold.parts = parts;
	fold.part_count = h->parts.used / sizeof(*parts);
	for (i = 0; i < fold.part_count; i++)
		parts[i].hour = h->chunks.key.hour;
	memcpy(fold.node, n->id, WIRE_ID_SIZE);
	if (!err)
		err = e->ops->fold(e, &fold, 1);
	return err ? err : e->ops->merge(e, &h->chunks, 1);
}

/* What came meanwhile is of no hour that is over, but for parts that are late: those stay
 * for the next round.
 */
static int drop_hour(struct engine *e, const struct hour *h, size_t parts)
{
	struct engine_drop drop = { .node = h->chunks.key.node,
				    .from = h->chunks.key.hour,
				    .to = h->chunks.key.hour + 1,
				    .most = 1 };
	int tier, ret = 0;

	for (tier = 0; ret >= 0 && tier < TIERS; tier++) {
		drop.tier = tier;
		ret = e->ops->drop(e, &drop);
	}
	drop.tier = ENGINE_PARTS;
	drop.most = (unsigned int)parts;
	if (ret >= 0 && parts)
		ret = e->ops->drop(e, &drop);
	return ret < 0 ? ret : 0;
}

static bool is_empty(const struct hour *h)
{
	int tier;

	for (tier = 0; tier < TIERS; tier++)
		if (h->chunks.chunks[tier].size)
			return false;
	return !h->parts.used;
}

/* The old place is held all the while, so that nothing is merged there; the new one
 * while it is written. Never the other way round: only this thread holds two.
 */
static int move_hour(struct move *m, const struct engine_node *n, uint64_t hour)
{
	struct lane *from = &m->lanes[m->group];
	struct lane *to = &m->lanes[groups_of(n->id, m->groups)];
	struct engine *e = from->writer.e;
	struct engine_key key = { .hour = hour };
	struct hour h = { .chunks = { .parts = 0 } };
	size_t parts;
	int err;

	memcpy(key.node, n->id, WIRE_ID_SIZE);
	pthread_mutex_lock(&from->busy);
	err = read_hour(e, &key, &h);
	parts = h.parts.used / sizeof(struct engine_part);
	if (!err && !is_empty(&h)) {
		pthread_mutex_lock(&to->busy);
		err = put_hour(to->writer.e, n, &h);
		pthread_mutex_unlock(&to->busy);
		if (!err)
			err = drop_hour(e, &h, parts);
		m->moved += !err;
	}
	pthread_mutex_unlock(&from->busy);
	free_hour(&h);
	return err;
}

static int next_hour(struct move *m, const struct engine_node *n,
		     uint64_t *hour)
{
	struct lane *from = &m->lanes[m->group];
	int err;

	pthread_mutex_lock(&from->busy);
	err = from->writer.e->ops->next(from->writer.e, n->id, *hour, hour);
	pthread_mutex_unlock(&from->busy);
	return err;
}

/* The row of a node goes once it has nothing any more, not even frames. */
static int leave(struct move *m, const struct engine_node *n)
{
	struct lane *from = &m->lanes[m->group];
	struct writer *w = &from->writer;
	const struct open_node *open;
	int err = 0;

	pthread_mutex_lock(&from->busy);
	open = open_own(&w->open, n->id);
	if (open && !open->frames.used)
		err = w->e->ops->leave(w->e, n->id, true);
	pthread_mutex_unlock(&from->busy);
	return err;
}

static int move_node(struct move *m, const struct engine_node *n)
{
	uint64_t hour = tier_hour(n->first_ns), last = tier_hour(n->last_ns);
	int err = next_hour(m, n, &hour);

	while (!err && hour <= last && !is_stopped(m)) {
		uint64_t began = clock_mono_ns();

		err = move_hour(m, n, hour++);
		rest(m, REST * (clock_mono_ns() - began));
		if (!err)
			err = next_hour(m, n, &hour);
	}
	return err || is_stopped(m) ? err : leave(m, n);
}

static void note_node(void *context, const struct engine_node *n)
{
	struct move *m = context;
	struct stranger s = { .n = *n };

	snprintf(s.name, sizeof(s.name), "%s", n->name);
	snprintf(s.version, sizeof(s.version), "%s", n->version);
	if (groups_of(n->id, m->groups) != m->group)
		buffer_put(&m->nodes, &s, sizeof(s));
}

/* All of a group's that are not its own. Return how many there were, or an error. */
static int move_group(struct move *m)
{
	struct lane *from = &m->lanes[m->group];
	struct stranger *s;
	int i, count, err;

	m->nodes.used = 0;
	pthread_mutex_lock(&from->busy);
	err = from->writer.e->ops->nodes(from->writer.e, note_node, m);
	pthread_mutex_unlock(&from->busy);
	s = (struct stranger *)m->nodes.data;
	count = (int)(m->nodes.used / sizeof(*s));
	for (i = 0; !err && i < count && !is_stopped(m); i++) {
		s[i].n.name = s[i].name;
		s[i].n.version = s[i].version;
		err = move_node(m, &s[i].n);
	}
	return err ? err : count;
}

/* What failed is tried again, as what is not folded yet. */
static void *run(void *argument)
{
	struct move *m = argument;
	int left = 1, ret;

	pthread_setname_np(pthread_self(), "history-move");
	while (left && !is_stopped(m)) {
		left = 0;
		for (m->group = 0; m->group < m->count && !is_stopped(m);
		     m->group++) {
			ret = move_group(m);
			left |= ret != 0;
		}
		if (left)
			rest(m, LOOK_EVERY_NS);
	}
	if (m->moved && !left)
		log_info(
			"history: all nodes are in their groups: %llu hours of them were moved",
			(unsigned long long)m->moved);
	return NULL;
}

int move_start(struct move **move, struct lane *lanes, unsigned int count,
	       unsigned int groups)
{
	struct move *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->lanes = lanes;
	m->count = count;
	m->groups = groups;
	err = -pthread_create(&m->thread, NULL, run, m);
	if (err) {
		log_error("history: no thread: %s", strerror(-err));
		free(m);
		return err;
	}
	*move = m;
	return 0;
}

void move_stop(struct move *m)
{
	store_relaxed(&m->stop, true);
	pthread_join(m->thread, NULL);
	buffer_free(&m->nodes);
	free(m);
}
