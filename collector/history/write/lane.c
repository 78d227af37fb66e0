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

#include "collector/history/write/lane.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/cond.h"
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

/* Whether a wait of a second took far longer: this process was stopped. */
static bool was_stopped(uint64_t since_ns)
{
	return clock_mono_ns() - since_ns > STOPPED_NS;
}

/* Return 0 if there is much to write, or the end; or an error: time is up. */
static int wait_for_work(struct lane *l)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WRITE_EVERY_S;
	while (!l->stop && !err && !l->claimed &&
	       l->queue.used < QUEUE_BYTES_MANY)
		err = pthread_cond_timedwait(&l->wake, &l->lock, &until);
	return err;
}

/* After a stop the workers have a while to say whose frames are not to be kept:
 * lane_withdraw(). Change an empty queue for the full one. */
static void take_queue(struct lane *l, struct buffer *queue, bool wait,
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
	pthread_mutex_lock(&l->lock);
	do {
		since_ns = clock_mono_ns();
	} while (wait && wait_for_work(l) && was_stopped(since_ns));
	*stop = l->stop;
	*queue = l->queue;
	l->queue = empty;
	l->writer.policy = l->policy;
	l->writer.now_ns = l->now_ns;
	l->writer.others = l->others;
	l->stats.queued = 0;
	l->stats.queued_bytes = 0;
	pthread_mutex_unlock(&l->lock);
}

/* One line when it begins and one when it ends, however long it lasts. */
static void tell(struct trouble *t, bool failing, const char *problem)
{
	if (failing && trouble_begins(t, clock_mono_ns()))
		log_error(
			"history: %s; samples are not kept until this is mended",
			problem);
	if (!failing && trouble_ends(t, clock_mono_ns()))
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

/* What @from has, of the lane, which is empty then. */
static struct buffer take_buffer(struct lane *l, struct buffer *from)
{
	struct buffer taken;

	pthread_mutex_lock(&l->lock);
	taken = *from;
	*from = (struct buffer){ 0 };
	pthread_mutex_unlock(&l->lock);
	return taken;
}

/* They are few, and wait until they can be written. */
static int write_losses(struct lane *l)
{
	struct buffer losses = take_buffer(l, &l->losses);
	int err = writer_put_losses(&l->writer, &losses);

	if (!err) {
		buffer_free(&losses);
		return 0;
	}
	pthread_mutex_lock(&l->lock);
	buffer_put(&losses, l->losses.data, l->losses.used);
	buffer_free(&l->losses);
	l->losses = losses;
	pthread_mutex_unlock(&l->lock);
	return err;
}

/* What is not written comes again when it has changed. */
static int write_nodes(struct lane *l)
{
	struct buffer nodes = take_buffer(l, &l->nodes);
	int err = writer_put_nodes(&l->writer, &nodes);

	buffer_free(&nodes);
	return err;
}

static void count_commit(struct store_stats *stats, uint64_t took_ns)
{
	stats->commits++;
	stats->commit_ns += took_ns;
	stats->commit_last_ns = took_ns;
}

/* Whose frames are taken from now on. */
static void publish(struct lane *l)
{
	const bool *slices = l->writer.e->slices;
	unsigned int i;

	for (i = 0; slices && i < GROUPS_SLICES; i++) {
		bool was = l->terms[i];

		if (slices[i] == was)
			continue;
		l->term += !was;
		store_relaxed(&l->terms[i], was ? 0 : l->term);
	}
}

/* One that failed is made again in the next round, unless there is a newer one. */
static int claim(struct lane *l)
{
	struct lane_claim c;
	int err;

	pthread_mutex_lock(&l->lock);
	c = l->claim;
	l->claimed = false;
	pthread_mutex_unlock(&l->lock);
	if (!c.fresh)
		return 0;
	err = writer_claim(&l->writer, c.epoch, c.slices);
	publish(l);
	pthread_mutex_lock(&l->lock);
	if (!err && l->claim.epoch == c.epoch)
		l->claim.fresh = false;
	pthread_mutex_unlock(&l->lock);
	return err;
}

/* Return 1 if there is more to do than what comes, 0 if not, or an error. */
static int write_all(struct lane *l, struct buffer *queue)
{
	struct writer *w = &l->writer;
	bool was_failing = l->stats.failing; /* only this thread writes it */
	uint64_t frames = 0, began_ns = clock_mono_ns(), took_ns;
	int claimed = claim(l);
	int err = writer_write(w, queue, &frames), more = 0;
	bool failing = err || claimed || (was_failing && !queue->used);

	took_ns = clock_mono_ns() - began_ns;
	if (!err)
		more = write_losses(l);
	if (!err && !more)
		more = write_nodes(l);
	if (!err && !more)
		more = writer_work(w);
	failing = failing || more < 0;
	publish(l);
	if (err == -ENOENT)
		log_error(
			"history: %s: the collector ends; started again, it goes on with what is there",
			writer_problem(w));
	else
		tell(&l->trouble, failing, writer_problem(w));
	pthread_mutex_lock(&l->lock);
	l->stats.failing = failing;
	l->stats.written += frames;
	l->stats.expired = w->expired;
	l->stats.open_bytes = w->open.bytes;
	l->stats.chunks = w->fold.chunks;
	l->stats.size = w->size;
	l->stats.trouble = w->trouble;
	l->stats.trouble.chunks = w->scrub.damaged + w->fold.damaged;
	if (frames)
		count_commit(&l->stats, took_ns);
	if (err)
		l->stats.dropped += count_unmarked(queue);
	pthread_mutex_unlock(&l->lock);
	return err ? err : more > 0;
}

static void recovered(struct lane *l)
{
	pthread_mutex_lock(&l->lock);
	l->recovered = true;
	pthread_cond_broadcast(&l->ready);
	pthread_mutex_unlock(&l->lock);
}

static void wait_recovered(struct lane *l)
{
	pthread_mutex_lock(&l->lock);
	while (!l->recovered)
		pthread_cond_wait(&l->ready, &l->lock);
	pthread_mutex_unlock(&l->lock);
}

/* Nothing more can be kept: the program ends, and says so by its status. */
static void end(struct lane *l)
{
	store_relaxed(&l->ended, true);
	kill(getpid(), SIGTERM);
}

static void *writer(void *argument)
{
	struct buffer queue = { 0 };
	struct lane *l = argument;
	int err, more = 0;
	bool stop;

	pthread_setname_np(pthread_self(), "history"); /* for top -H */
	pthread_mutex_lock(&l->busy);
	err = writer_recover(&l->writer);
	pthread_mutex_unlock(&l->busy);
	stop = err;
	recovered(l);
	while (!stop) {
		store_relaxed(&l->alive_ns, clock_mono_ns());
		take_queue(l, &queue, more <= 0, &stop);
		pthread_mutex_lock(&l->busy);
		more = write_all(l, &queue);
		pthread_mutex_unlock(&l->busy);
		l->settle(l->context, &queue);
		if (more == -ENOENT) {
			err = more;
			stop = true;
		}
	}
	if (err)
		end(l);
	buffer_free(&queue);
	return NULL;
}

static void init_lock(struct lane *l)
{
	pthread_mutex_init(&l->lock, NULL);
	cond_init(&l->wake);
	pthread_cond_init(&l->ready, NULL);
	pthread_mutex_init(&l->busy, NULL);
}

int lane_open(struct lane *l, const char *folder,
	      const struct store_policy *policy)
{
	int err;

	l->policy = *policy;
	l->fleet = policy->fleet;
	l->alive_ns = clock_mono_ns();
	err = writer_open(&l->writer, folder, policy);
	if (!err)
		init_lock(l);
	return err;
}

int lane_start(struct lane *l)
{
	int err = -pthread_create(&l->thread, NULL, writer, l);

	if (err)
		log_error("history: no thread: %s", strerror(-err));
	l->started = !err;
	return err;
}

void lane_keep(struct lane *l, const struct store_policy *policy)
{
	pthread_mutex_lock(&l->lock);
	l->policy = *policy;
	pthread_mutex_unlock(&l->lock);
}

bool lane_alive(struct lane *l, uint64_t since_ns)
{
	return load_relaxed(&l->alive_ns) >= since_ns;
}

bool lane_ended(struct lane *l)
{
	return load_relaxed(&l->ended);
}

void lane_claim(struct lane *l, uint64_t epoch, const bool *slices)
{
	pthread_mutex_lock(&l->lock);
	if (epoch > l->claim.epoch) {
		l->claim.epoch = epoch;
		l->claim.fresh = true;
		memcpy(l->claim.slices, slices, sizeof(l->claim.slices));
		l->claimed = true;
		pthread_cond_signal(&l->wake);
	}
	pthread_mutex_unlock(&l->lock);
}

unsigned int lane_term(struct lane *l, const uint8_t *node)
{
	return l->fleet ? load_relaxed(&l->terms[groups_slice(node)]) : 1;
}

void lane_slices(struct lane *l, unsigned int *taken, unsigned int *wanted)
{
	unsigned int i;

	*taken = *wanted = 0;
	pthread_mutex_lock(&l->lock);
	for (i = 0; i < GROUPS_SLICES; i++) {
		*taken += load_relaxed(&l->terms[i]) != 0;
		*wanted += l->claim.slices[i];
	}
	pthread_mutex_unlock(&l->lock);
}

void lane_withdraw(struct lane *l, uint64_t connection)
{
	struct queued *r;
	uint8_t *at;

	pthread_mutex_lock(&l->lock);
	at = l->queue.data;
	while ((r = queued_next(&at, l->queue.data + l->queue.used)))
		if (r->marked && r->mark.connection == connection)
			r->withdrawn = true;
	pthread_mutex_unlock(&l->lock);
}

void lane_expire(struct lane *l, uint64_t real_ns, uint64_t others)
{
	pthread_mutex_lock(&l->lock);
	l->now_ns = real_ns;
	l->others = others;
	pthread_mutex_unlock(&l->lock);
}

/* A marked frame that was let in by store_full() is not refused any more. */
enum store_load lane_load(struct lane *l)
{
	uint64_t bytes;

	pthread_mutex_lock(&l->lock);
	bytes = l->stats.queued_bytes;
	pthread_mutex_unlock(&l->lock);
	if (bytes > QUEUE_BYTES_MAX)
		return STORE_FULL;
	return bytes > QUEUE_BYTES_MAX / 2 ? STORE_BUSY : STORE_FREE;
}

static bool append(struct lane *l, const struct store_frame *f)
{
	struct queued r = { .marked = f->mark,
			    .real_ns = clock_real_ns(),
			    .account_size = (uint32_t)f->account_size,
			    .frame = { .time = f->time,
				       .size = (uint32_t)f->size } };
	size_t size =
		sizeof(r) + whole_words(f->size) + whole_words(f->account_size);
	uint8_t *at;

	if (buffer_reserve(&l->queue, size))
		return false;
	memcpy(r.frame.node, f->node, WIRE_ID_SIZE);
	if (f->mark)
		r.mark = *f->mark;
	at = l->queue.data + l->queue.used;
	memcpy(at, &r, sizeof(r));
	if (f->size)
		memcpy(at + sizeof(r), f->data, f->size);
	if (f->account_size)
		memcpy(at + sizeof(r) + whole_words(f->size), f->account,
		       f->account_size);
	l->queue.used += size;
	return true;
}

bool lane_put(struct lane *l, const struct store_frame *f)
{
	bool put = f->mark;

	pthread_mutex_lock(&l->lock);
	if (!put)
		put = l->queue.used + sizeof(struct queued) + f->size +
			      f->account_size + 16 <=
		      QUEUE_BYTES_MAX;
	if (put)
		put = append(l, f);
	if (put) {
		l->stats.queued++;
		l->stats.queued_bytes = l->queue.used;
		if (l->queue.used >= QUEUE_BYTES_MANY)
			pthread_cond_signal(&l->wake);
	} else if (!f->mark) {
		l->stats.dropped++;
	}
	pthread_mutex_unlock(&l->lock);
	return put;
}

void lane_put_loss(struct lane *l, const struct store_loss *loss)
{
	pthread_mutex_lock(&l->lock);
	if (l->losses.used < LOSSES_BYTES_MAX)
		buffer_put(&l->losses, loss, sizeof(*loss));
	pthread_mutex_unlock(&l->lock);
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

bool lane_put_node(struct lane *l, const struct store_node *n)
{
	bool put;

	pthread_mutex_lock(&l->lock);
	put = l->nodes.used < NODES_BYTES_MAX && !append_node(&l->nodes, n);
	pthread_mutex_unlock(&l->lock);
	return put;
}

void lane_stats(struct lane *l, struct store_stats *stats)
{
	pthread_mutex_lock(&l->lock);
	*stats = l->stats;
	pthread_mutex_unlock(&l->lock);
}

int lane_open_frames(struct lane *l, const uint8_t *node, struct buffer *to)
{
	wait_recovered(l);
	return open_copy(&l->writer.open, node, to);
}

static void stop(struct lane *l)
{
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
}

void lane_close(struct lane *l)
{
	if (l->started)
		stop(l);
	writer_close(&l->writer);
	buffer_free(&l->queue);
	buffer_free(&l->losses);
	buffer_free(&l->nodes);
	pthread_cond_destroy(&l->wake);
	pthread_cond_destroy(&l->ready);
	pthread_mutex_destroy(&l->busy);
	pthread_mutex_destroy(&l->lock);
}
