// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/frames/frame_log.h"
#include "collector/history/frames/open.h"
#include "collector/history/groups.h"

void open_init(struct open_table *t)
{
	memset(t, 0, sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
	t->youngest = &t->oldest;
}

void open_exit(struct open_table *t)
{
	struct open_node *n, *next;
	size_t i;

	for (i = 0; i < OPEN_BUCKETS; i++) {
		for (n = t->buckets[i]; n; n = next) {
			next = n->next;
			buffer_free(&n->frames);
			free(n);
		}
	}
	pthread_mutex_destroy(&t->lock);
}

/* FNV-1a */
static struct open_node **bucket(const struct open_table *t, const uint8_t *uid)
{
	uint32_t hash = 2166136261;
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		hash = (hash ^ uid[i]) * 16777619;
	return (struct open_node **)&t
		->buckets[(hash ^ hash >> 16) % OPEN_BUCKETS];
}

static struct open_node *find(const struct open_table *t, const uint8_t *uid)
{
	struct open_node *n = *bucket(t, uid);

	while (n && memcmp(n->uid, uid, WIRE_ID_SIZE))
		n = n->next;
	return n;
}

struct open_node *open_get(struct open_table *t, const uint8_t *uid)
{
	struct open_node *n = find(t, uid), **chain = bucket(t, uid);

	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	memcpy(n->uid, uid, WIRE_ID_SIZE);
	n->next = *chain;
	*chain = n;
	return n;
}

struct open_node *open_own(struct open_table *t, const uint8_t *uid)
{
	struct open_node *n = find(t, uid);

	if (n)
		return n;
	pthread_mutex_lock(&t->lock);
	n = open_get(t, uid);
	pthread_mutex_unlock(&t->lock);
	return n;
}

void open_note(struct open_table *t, const uint8_t *uid, const void *note)
{
	struct open_node *n = open_own(t, uid);

	if (n)
		n->noted = note;
}

const void *open_noted(const struct open_table *t, const uint8_t *uid)
{
	const struct open_node *n = find(t, uid);

	return n ? n->noted : NULL;
}

static bool is_large(const struct open_node *n)
{
	return n->frames.used >= OPEN_LARGE;
}

bool open_is_apart(const struct open_node *n, uint64_t now_ns)
{
	uint64_t gaps_ns;

	if (!is_large(n))
		return false;
	gaps_ns = (n->last_ns - n->since_ns) / n->count * OPEN_GAPS;
	return n->frames.used >= OPEN_FULL ||
	       now_ns - n->last_ns >=
		       (gaps_ns > OPEN_QUIET_NS ? gaps_ns : OPEN_QUIET_NS);
}

unsigned int open_count_apart(const struct open_table *t, uint64_t now_ns)
{
	const struct open_node *n;
	unsigned int count = 0;

	for (n = t->large ? t->oldest : NULL; n; n = n->younger)
		count += open_is_apart(n, now_ns);
	return count;
}

static int append(struct open_table *t, const struct kept_frame *f,
		  uint64_t log, uint64_t mono_ns)
{
	struct open_node *n = open_get(t, f->node);
	size_t size = sizeof(*f) + f->size;
	bool was_large;
	int err;

	if (!n)
		return -ENOMEM;
	if (log <= n->folded)
		return 0;
	if (!n->frames.used) {
		n->first_log = log;
		n->logged = t->logged;
		n->since_ns = mono_ns;
		n->count = 0;
		n->younger = NULL;
		n->before = t->youngest;
		*t->youngest = n;
		t->youngest = &n->younger;
	}
	t->bytes += size;
	n->last_ns = mono_ns;
	n->count++;
	was_large = is_large(n);
	err = buffer_put(&n->frames, f, size);
	t->large += !was_large && is_large(n);
	return err;
}

int open_log(struct open_table *t, uint64_t id, const void *data, size_t size,
	     uint64_t mono_ns, uint64_t *missing)
{
	const struct kept_frame *f;
	struct frame_walk walk;
	int err = 0;

	frame_walk_begin(&walk, data, size);
	pthread_mutex_lock(&t->lock);
	while (!err && (f = frame_walk_next(&walk)))
		err = append(t, f, id, mono_ns);
	t->logged += size;
	pthread_mutex_unlock(&t->lock);
	*missing += frame_walk_missing(&walk);
	return err;
}

void open_pop(struct open_table *t, struct open_node *n, uint64_t folded)
{
	pthread_mutex_lock(&t->lock);
	*n->before = n->younger;
	if (n->younger)
		n->younger->before = n->before;
	else
		t->youngest = n->before;
	t->large -= is_large(n);
	t->bytes -= n->frames.used;
	buffer_free(&n->frames);
	n->folded = folded;
	pthread_mutex_unlock(&t->lock);
}

void open_leave(struct open_table *t, const bool *slices)
{
	struct open_node *n;
	size_t i;

	for (i = 0; i < OPEN_BUCKETS; i++) {
		for (n = t->buckets[i]; n; n = n->next) {
			if (slices[groups_slice(n->uid)])
				continue;
			n->asked = false;
			if (n->frames.used)
				open_pop(t, n, n->folded);
		}
	}
}

int open_copy(struct open_table *t, const uint8_t *uid, struct buffer *to)
{
	const struct open_node *n;
	int err = 0;

	pthread_mutex_lock(&t->lock);
	n = find(t, uid);
	if (n)
		err = buffer_put(to, n->frames.data, n->frames.used);
	pthread_mutex_unlock(&t->lock);
	return err;
}
