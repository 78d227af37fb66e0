// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/database.h"
#include "collector/entry.h"
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
 * @last: where the next entry is hung in
 * @stats: shown by store_stats()
 */
struct store {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct database *database;
	uint64_t keep_ns;
	bool stop;
	struct entry *first;
	struct entry **last;
	struct store_stats stats;
};

/* Wait a while, or until the end; take everything that is queued. */
static struct entry *take_queue(struct store *s, bool *stop)
{
	struct timespec until;
	struct entry *first;
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

static uint64_t count(const struct entry *e)
{
	uint64_t n = 0;

	for (; e; e = e->next)
		n++;
	return n;
}

static void free_all(struct entry *e)
{
	struct entry *next;

	for (; e; e = next) {
		next = e->next;
		free(e);
	}
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

static void write_all(struct store *s, const struct entry *first)
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
	struct entry *first;
	bool stop;

	do {
		first = take_queue(s, &stop);
		write_all(s, first);
		free_all(first);
	} while (!stop);
	return NULL;
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
	err = database_open(&s->database, folder);
	if (err)
		goto free_store;
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
free_store:
	free(s);
	return err;
}

void store_put(struct store *s, const struct store_node *node,
	       const struct wire_table *table)
{
	struct entry *e = entry_new(node, table);

	pthread_mutex_lock(&s->lock);
	if (!e || s->stats.queued_bytes + e->size > QUEUE_BYTES_MAX) {
		s->stats.dropped++;
		pthread_mutex_unlock(&s->lock);
		free(e);
		return;
	}
	*s->last = e;
	s->last = &e->next;
	s->stats.queued++;
	s->stats.queued_bytes += e->size;
	pthread_mutex_unlock(&s->lock);
}

void store_stats(struct store *s, struct store_stats *stats)
{
	pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	pthread_mutex_unlock(&s->lock);
}

void store_close(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	database_close(s->database);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
