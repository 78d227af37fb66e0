// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "collector/batch.h"
#include "collector/database.h"
#include "collector/store.h"
#include "lib/clock.h"
#include "lib/log.h"

enum store_limits {
	QUEUE_BYTES_MAX = 64 << 20,
	WRITE_EVERY_S = 1,
};

/**
 * struct store - the queue between the main thread and the writer
 * @lock: of everything below but @database and @keep_ns
 * @wake: told when @stop is set
 * @thread: the writer
 * @database: the writer's own while it runs
 * @keep_ns: constant
 * @stop: set once
 * @first: queue
 * @last: where the next batch is hung in
 * @settled: batches whose marks are to be handed over
 * @last_settled: where the next one is hung in
 * @event: eventfd, told when some are
 * @stats: shown by store_stats()
 */
struct store {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct database *database;
	uint64_t keep_ns;
	bool stop;
	struct batch *first;
	struct batch **last;
	struct batch *settled;
	struct batch **last_settled;
	int event;
	struct store_stats stats;
};

/* Wait a while, or until the end; take everything that is queued. */
static struct batch *take_queue(struct store *s, bool *stop)
{
	struct timespec until;
	struct batch *first;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WRITE_EVERY_S;
	pthread_mutex_lock(&s->lock);
	while (!s->stop && !err)
		err = pthread_cond_timedwait(&s->wake, &s->lock, &until);
	*stop = s->stop;
	first = s->first;
	s->first = NULL;
	s->last = &s->first;
	s->stats.queued = 0;
	s->stats.queued_bytes = 0;
	pthread_mutex_unlock(&s->lock);
	return first;
}

static uint64_t count(const struct batch *b)
{
	const struct entry *e;
	uint64_t n = 0;

	for (; b; b = b->next)
		for (e = b->marked ? NULL : b->first; e; e = e->next)
			n++;
	return n;
}

/* What nobody waits for is freed; marks wait to be handed over. */
static void settle(struct store *s, struct batch *b)
{
	struct batch *next;

	for (; b; b = next) {
		next = b->next;
		if (!b->marked) {
			batch_free(b);
			continue;
		}
		batch_clear(b);
		b->next = NULL;
		pthread_mutex_lock(&s->lock);
		*s->last_settled = b;
		s->last_settled = &b->next;
		pthread_mutex_unlock(&s->lock);
	}
	eventfd_write(s->event, 1);
}

/* One line when it begins and one when it ends, however long it lasts. */
static void tell(bool was_failing, int err, const char *problem)
{
	if (err && !was_failing)
		log_error(
			"history: %s; samples are not kept until this is mended",
			problem);
	if (!err && was_failing)
		log_info("history is written again");
}

static void write_all(struct store *s, struct batch *first)
{
	uint64_t rows = 0, expired = 0, horizon_ns;
	bool failing = s->stats.failing; /* only this thread writes it */
	int err = database_write(s->database, first, &rows);

	tell(failing, err, database_problem(s->database));
	horizon_ns = clock_real_ns();
	horizon_ns = horizon_ns > s->keep_ns ? horizon_ns - s->keep_ns : 0;
	database_expire(s->database, horizon_ns, &expired);
	pthread_mutex_lock(&s->lock);
	s->stats.failing = err;
	s->stats.written += rows;
	s->stats.expired += expired;
	if (err)
		s->stats.dropped += count(first);
	pthread_mutex_unlock(&s->lock);
}

static void *writer(void *argument)
{
	struct store *s = argument;
	struct batch *first;
	bool stop;

	do {
		first = take_queue(s, &stop);
		write_all(s, first);
		settle(s, first);
	} while (!stop);
	return NULL;
}

/* Sessions of former runs are settled marks from the beginning. */
static void known(void *context, const struct store_mark *m)
{
	struct store *s = context;
	struct batch *b = batch_new();

	if (!b)
		return;
	b->mark = *m;
	*s->last_settled = b;
	s->last_settled = &b->next;
}

static void init_lock(struct store *s)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attributes);
	pthread_condattr_destroy(&attributes);
}

int store_open(struct store **store, const char *folder, uint64_t keep_ns)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->keep_ns = keep_ns;
	s->last = &s->first;
	s->last_settled = &s->settled;
	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->event < 0) {
		err = -errno;
		log_error("history: no eventfd: %s", strerror(-err));
		goto free_store;
	}
	err = database_open(&s->database, folder);
	if (err)
		goto close_event;
	database_sessions(s->database, known, s);
	eventfd_write(s->event, 1);
	init_lock(s);
	err = -pthread_create(&s->thread, NULL, writer, s);
	if (err) {
		log_error("history: no thread: %s", strerror(-err));
		goto close_database;
	}
	*store = s;
	return 0;

close_database:
	database_close(s->database);
close_event:
	close(s->event);
free_store:
	free(s);
	return err;
}

/* A marked batch that was let in by store_full() is not refused any more. */
bool store_full(struct store *s)
{
	bool full;

	pthread_mutex_lock(&s->lock);
	full = s->stats.queued_bytes > QUEUE_BYTES_MAX;
	pthread_mutex_unlock(&s->lock);
	return full;
}

void store_submit(struct store *s, struct batch *b)
{
	bool full;

	pthread_mutex_lock(&s->lock);
	full = !b->marked && s->stats.queued_bytes + b->size > QUEUE_BYTES_MAX;
	if (full) {
		s->stats.dropped += count(b);
	} else {
		*s->last = b;
		s->last = &b->next;
		s->stats.queued++;
		s->stats.queued_bytes += b->size;
	}
	pthread_mutex_unlock(&s->lock);
	if (full)
		batch_free(b);
}

void store_put(struct store *s, const struct store_node *node,
	       const struct wire_table *table)
{
	struct batch *b = batch_new();

	if (b && !batch_put(b, node, table)) {
		store_submit(s, b);
		return;
	}
	free(b);
	pthread_mutex_lock(&s->lock);
	s->stats.dropped++;
	pthread_mutex_unlock(&s->lock);
}

int store_fd(const struct store *s)
{
	return s->event;
}

void store_settled(struct store *s,
		   void (*settled)(void *context, const struct store_mark *m),
		   void *context)
{
	struct batch *b, *next;
	eventfd_t events;

	if (eventfd_read(s->event, &events))
		return;
	pthread_mutex_lock(&s->lock);
	b = s->settled;
	s->settled = NULL;
	s->last_settled = &s->settled;
	pthread_mutex_unlock(&s->lock);
	for (; b; b = next) {
		next = b->next;
		settled(context, &b->mark);
		batch_free(b);
	}
}

void store_stats(struct store *s, struct store_stats *stats)
{
	pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	pthread_mutex_unlock(&s->lock);
}

static void forget(void *context, const struct store_mark *m)
{
}

void store_close(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	store_settled(s, forget, NULL);
	close(s->event);
	database_close(s->database);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
