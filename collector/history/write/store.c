// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "collector/history/store.h"
#include "collector/history/write/writer.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum store_sizes {
	QUEUE_BYTES_MAX = 64 << 20,
	QUEUE_BYTES_MANY = 8 << 20, /* to be written at once */
	QUEUE_BYTES_KEPT = 64 << 10,
	LOSSES_BYTES_MAX = 16 << 20,
	NODES_BYTES_MAX = 64 << 20,
	WRITE_EVERY_S = 1,
};

#define STOPPED_NS UINT64_C(2000000000)

/**
 * struct store - the queue between those who receive and the writer
 * @lock: of everything below but @writer
 * @wake: told when @stop is set, or much is queued
 * @thread: the writer
 * @writer: the thread's own, but for its open frames
 * @stop: set once
 * @queue: struct queued, each followed by its payload
 * @losses: struct store_loss that are to be written
 * @nodes: struct stored_node that are to be written
 * @recovered: the writer has read what is not folded
 * @ready: told when it has
 * @outlets: struct store_mark that are to be handed over, and an eventfd each,
 *           told when some are
 * @outlet_count: of them
 * @stats: shown by store_stats()
 * @now_ns: likewise, see store_expire()
 * @policy: for the writer, from its next write on
 * @alive_ns: when the writer came round last, monotonic; atomic
 * @ended: it came to an end before it was told to; atomic
 */
struct store {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct writer writer;
	bool stop;
	struct buffer queue;
	struct buffer losses;
	struct buffer nodes;
	bool recovered;
	pthread_cond_t ready;
	struct {
		struct buffer settled;
		int event;
	} outlets[STORE_OUTLETS_MAX];
	unsigned int outlet_count;
	struct store_stats stats;
	uint64_t now_ns;
	struct store_policy policy;
	uint64_t alive_ns;
	bool ended;
};

/* Whether a wait of a second took far longer: this process was stopped. */
static bool was_stopped(uint64_t since_ns)
{
	return clock_mono_ns() - since_ns > STOPPED_NS;
}

/* Return 0 if there is much to write, or the end; or an error: time is up. */
static int wait_for_work(struct store *s)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WRITE_EVERY_S;
	while (!s->stop && !err && s->queue.used < QUEUE_BYTES_MANY)
		err = pthread_cond_timedwait(&s->wake, &s->lock, &until);
	return err;
}

/* After a stop the workers have a while to say whose frames are not to be kept:
 * store_withdraw(). Change an empty queue for the full one. */
static void take_queue(struct store *s, struct buffer *queue, bool wait,
		       bool *stop)
{
	struct buffer empty = *queue;
	uint64_t since_ns;

	/* Memory of a rush is given back once it is over. */
	if (empty.room > QUEUE_BYTES_KEPT && empty.used < empty.room / 8) {
		buffer_free(&empty);
		malloc_trim(0);
	}
	empty.used = 0;
	pthread_mutex_lock(&s->lock);
	do {
		since_ns = clock_mono_ns();
	} while (wait && wait_for_work(s) && was_stopped(since_ns));
	*stop = s->stop;
	*queue = s->queue;
	s->queue = empty;
	s->writer.policy = s->policy;
	s->writer.now_ns = s->now_ns;
	s->stats.queued = 0;
	s->stats.queued_bytes = 0;
	pthread_mutex_unlock(&s->lock);
}

/* Marks wait to be handed over. */
static void settle(struct store *s, struct buffer *queue)
{
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

/* One line when it begins and one when it ends, however long it lasts. */
static void tell(bool was_failing, bool failing, const char *problem)
{
	if (failing && !was_failing)
		log_error(
			"history: %s; samples are not kept until this is mended",
			problem);
	if (!failing && was_failing)
		log_info("history is written again");
}

static uint64_t count_unmarked(const struct buffer *queue)
{
	uint8_t *at = queue->data;
	struct queued *r;
	uint64_t n = 0;

	while ((r = queued_next(&at, queue->data + queue->used)))
		n += !r->marked;
	return n;
}

/* They are few, and wait until they can be written. */
static int write_losses(struct store *s)
{
	struct buffer losses;
	int err;

	pthread_mutex_lock(&s->lock);
	losses = s->losses;
	s->losses = (struct buffer){ 0 };
	pthread_mutex_unlock(&s->lock);
	err = writer_put_losses(&s->writer, &losses);
	if (!err) {
		buffer_free(&losses);
		return 0;
	}
	pthread_mutex_lock(&s->lock);
	buffer_put(&losses, s->losses.data, s->losses.used);
	buffer_free(&s->losses);
	s->losses = losses;
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* What is not written comes again when it has changed. */
static int write_nodes(struct store *s)
{
	struct buffer nodes;
	int err;

	pthread_mutex_lock(&s->lock);
	nodes = s->nodes;
	s->nodes = (struct buffer){ 0 };
	pthread_mutex_unlock(&s->lock);
	err = writer_put_nodes(&s->writer, &nodes);
	buffer_free(&nodes);
	return err;
}

static void count_commit(struct store_stats *stats, uint64_t took_ns)
{
	stats->commits++;
	stats->commit_ns += took_ns;
	stats->commit_last_ns = took_ns;
}

/* Return 1 if there is more to do than what comes, 0 if not, or an error. */
static int write_all(struct store *s, struct buffer *queue)
{
	struct writer *w = &s->writer;
	bool was_failing = s->stats.failing; /* only this thread writes it */
	uint64_t frames = 0, began_ns = clock_mono_ns(), took_ns;
	int err = writer_write(w, queue, &frames), more = 0;
	bool failing = err || (was_failing && !queue->used);

	took_ns = clock_mono_ns() - began_ns;
	if (!err)
		more = write_losses(s);
	if (!err && !more)
		more = write_nodes(s);
	if (!err && !more)
		more = writer_work(w);
	failing = failing || more < 0;
	if (err == -ENOENT)
		log_error(
			"history: %s: the collector ends; started again, it goes on with what is there",
			writer_problem(w));
	else
		tell(was_failing, failing, writer_problem(w));
	pthread_mutex_lock(&s->lock);
	s->stats.failing = failing;
	s->stats.written += frames;
	s->stats.expired = w->expired;
	s->stats.open_bytes = w->open.bytes;
	s->stats.chunks = w->fold.chunks;
	s->stats.size = w->size;
	s->stats.trouble = w->trouble;
	s->stats.trouble.chunks = w->scrub.damaged + w->fold.damaged;
	if (frames)
		count_commit(&s->stats, took_ns);
	if (err)
		s->stats.dropped += count_unmarked(queue);
	pthread_mutex_unlock(&s->lock);
	return err ? err : more > 0;
}

static void recovered(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->recovered = true;
	pthread_cond_broadcast(&s->ready);
	pthread_mutex_unlock(&s->lock);
}

static void wait_recovered(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->recovered)
		pthread_cond_wait(&s->ready, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

/* Nothing more can be kept: the program ends, and says so by its status. */
static void end(struct store *s)
{
	store_relaxed(&s->ended, true);
	kill(getpid(), SIGTERM);
}

static void *writer(void *argument)
{
	struct buffer queue = { 0 };
	struct store *s = argument;
	int err = writer_recover(&s->writer), more = 0;
	bool stop = err;

	pthread_setname_np(pthread_self(), "history"); /* for top -H */
	recovered(s);
	while (!stop) {
		store_relaxed(&s->alive_ns, clock_mono_ns());
		take_queue(s, &queue, more <= 0, &stop);
		more = write_all(s, &queue);
		settle(s, &queue);
		if (more == -ENOENT) {
			err = more;
			stop = true;
		}
	}
	if (err)
		end(s);
	buffer_free(&queue);
	return NULL;
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

static void free_outlets(struct store *s)
{
	unsigned int i;

	for (i = 0; i < s->outlet_count; i++) {
		close(s->outlets[i].event);
		buffer_free(&s->outlets[i].settled);
	}
}

static void init_lock(struct store *s)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_cond_init(&s->ready, NULL);
}

int store_open(struct store **store, const char *folder,
	       const struct store_policy *policy)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->policy = *policy;
	s->alive_ns = clock_mono_ns();
	err = store_add_outlet(s);
	if (err < 0) {
		log_error("history: no eventfd: %s", strerror(-err));
		goto free_store;
	}
	err = writer_open(&s->writer, folder, policy);
	if (err)
		goto close_outlet;
	init_lock(s);
	err = -pthread_create(&s->thread, NULL, writer, s);
	if (err) {
		log_error("history: no thread: %s", strerror(-err));
		goto close_writer;
	}
	*store = s;
	return 0;

close_writer:
	writer_close(&s->writer);
close_outlet:
	free_outlets(s);
free_store:
	free(s);
	return err;
}

void store_keep(struct store *s, const struct store_policy *policy)
{
	pthread_mutex_lock(&s->lock);
	s->policy = *policy;
	pthread_mutex_unlock(&s->lock);
}

bool store_alive(struct store *s, uint64_t since_ns)
{
	return load_relaxed(&s->alive_ns) >= since_ns;
}

bool store_ended(struct store *s)
{
	return load_relaxed(&s->ended);
}

void store_withdraw(struct store *s, uint64_t connection)
{
	struct queued *r;
	uint8_t *at;

	pthread_mutex_lock(&s->lock);
	at = s->queue.data;
	while ((r = queued_next(&at, s->queue.data + s->queue.used)))
		if (r->marked && r->mark.connection == connection)
			r->withdrawn = true;
	pthread_mutex_unlock(&s->lock);
}

void store_expire(struct store *s, uint64_t real_ns)
{
	pthread_mutex_lock(&s->lock);
	s->now_ns = real_ns;
	pthread_mutex_unlock(&s->lock);
}

/* A marked frame that was let in by store_full() is not refused any more. */
bool store_full(struct store *s)
{
	return store_load(s) == STORE_FULL;
}

enum store_load store_load(struct store *s)
{
	uint64_t bytes;

	pthread_mutex_lock(&s->lock);
	bytes = s->stats.queued_bytes;
	pthread_mutex_unlock(&s->lock);
	if (bytes > QUEUE_BYTES_MAX)
		return STORE_FULL;
	return bytes > QUEUE_BYTES_MAX / 2 ? STORE_BUSY : STORE_FREE;
}

static bool append(struct store *s, const struct store_frame *f)
{
	struct queued r = { .marked = f->mark,
			    .real_ns = clock_real_ns(),
			    .account_size = (uint32_t)f->account_size,
			    .frame = { .time = f->time,
				       .size = (uint32_t)f->size } };
	size_t size =
		sizeof(r) + whole_words(f->size) + whole_words(f->account_size);
	uint8_t *at;

	if (buffer_reserve(&s->queue, size))
		return false;
	memcpy(r.frame.node, f->node, WIRE_ID_SIZE);
	if (f->mark)
		r.mark = *f->mark;
	at = s->queue.data + s->queue.used;
	memcpy(at, &r, sizeof(r));
	if (f->size)
		memcpy(at + sizeof(r), f->data, f->size);
	if (f->account_size)
		memcpy(at + sizeof(r) + whole_words(f->size), f->account,
		       f->account_size);
	s->queue.used += size;
	return true;
}

bool store_put(struct store *s, const struct store_frame *f)
{
	bool put = f->mark;

	pthread_mutex_lock(&s->lock);
	if (!put)
		put = s->queue.used + sizeof(struct queued) + f->size +
			      f->account_size + 16 <=
		      QUEUE_BYTES_MAX;
	if (put)
		put = append(s, f);
	if (put) {
		s->stats.queued++;
		s->stats.queued_bytes = s->queue.used;
		if (s->queue.used >= QUEUE_BYTES_MANY)
			pthread_cond_signal(&s->wake);
	} else if (!f->mark) {
		s->stats.dropped++;
	}
	pthread_mutex_unlock(&s->lock);
	return put;
}

void store_put_loss(struct store *s, const struct store_loss *loss)
{
	pthread_mutex_lock(&s->lock);
	if (s->losses.used < LOSSES_BYTES_MAX)
		buffer_put(&s->losses, loss, sizeof(*loss));
	pthread_mutex_unlock(&s->lock);
}

static int append_node(struct buffer *to, const struct store_node *n)
{
	const struct stored_node head = {
		.real_ns = n->real_ns,
		.account_size = (uint32_t)n->account_size,
		.values_size = (uint32_t)n->values_size,
	};
	size_t size = stored_node_size(&head);
	uint8_t *at;

	if (buffer_reserve(to, size))
		return -ENOMEM;
	at = to->data + to->used;
	memcpy(at, &head, sizeof(head));
	memcpy(at, n->node, WIRE_ID_SIZE);
	at += sizeof(head);
	if (n->account_size)
		memcpy(at, n->account, n->account_size);
	if (n->values_size)
		memcpy(at + n->account_size, n->values, n->values_size);
	to->used += size;
	return 0;
}

bool store_put_node(struct store *s, const struct store_node *n)
{
	bool put;

	pthread_mutex_lock(&s->lock);
	put = s->nodes.used < NODES_BYTES_MAX && !append_node(&s->nodes, n);
	pthread_mutex_unlock(&s->lock);
	return put;
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

void store_stats(struct store *s, struct store_stats *stats)
{
	pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	pthread_mutex_unlock(&s->lock);
}

int store_open_frames(struct store *s, const uint8_t *node, struct buffer *to)
{
	wait_recovered(s);
	return open_copy(&s->writer.open, node, to);
}

void store_close(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	free_outlets(s);
	writer_close(&s->writer);
	buffer_free(&s->queue);
	buffer_free(&s->losses);
	buffer_free(&s->nodes);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->ready);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
