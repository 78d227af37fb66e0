// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "host/probe.h"
#include "lib/base/clock.h"
#include "lib/base/cond.h"

enum {
	STACK_BYTES = 128 << 10,
	NSEC_PER_MSEC = 1000000,
	NSEC_PER_SEC = 1000000000,
};

/* What a thread takes first. */
enum order {
	TRUSTED,
	DOUBTFUL,
	DOUBTFUL_SLOW,
	ORDERS
};

/* How long trusted calls are waited for, and doubtful ones: then they are slow. */
static const uint64_t quick_ns[] = {
	(uint64_t)PROBE_TRUSTED_MS * NSEC_PER_MSEC,
	(uint64_t)PROBE_QUICK_MS *NSEC_PER_MSEC,
};

/* Calls that wait for a thread, in order. */
struct probe_queue {
	struct probe *first;
	struct probe **last;
};

static void probe_queue_init(struct probe_queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void probe_queue_put(struct probe_queue *q, struct probe *p)
{
	p->next = NULL;
	*q->last = p;
	q->last = &p->next;
}

/* The first one; the queue is not empty. */
static struct probe *probe_queue_take(struct probe_queue *q)
{
	struct probe *p = q->first;

	q->first = p->next;
	if (!q->first)
		q->last = &q->first;
	return p;
}

/* One that is in it. */
static void probe_queue_remove(struct probe_queue *q, struct probe *p)
{
	struct probe **at = &q->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (q->last == &p->next)
		q->last = at;
}

/**
 * struct probe_pool - what the threads and their owner share
 * @lock: for all of it
 * @changed: something was answered, a queue was emptied, or it is over
 * @users: the owner and the threads: the last one frees it
 * @deadline_ns: what a call may take
 * @patience_ns: after which another thread helps; so short that they all are at
 *               work before the deadline
 * @fd: a timer, see probe_pool_fd()
 * @threads: that there are
 * @doubtful: calls under way that are
 * @queues: of calls
 * @round: of probe_wait()
 * @unanswered: quick ones of this round, trusted and doubtful
 * @pending: of any round
 * @begun_ns: when the last call was asked for, or began
 * @armed: the timer is set, or went off and was not heard yet
 * @late: the owner has gone on, without all answers
 * @standby: a thread waits for its time to help
 * @closed: by the owner
 */
struct probe_pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint32_t users;
	uint64_t deadline_ns;
	uint64_t patience_ns;
	int fd;
	uint32_t threads;
	uint32_t doubtful;
	struct probe_queue queues[ORDERS];
	uint64_t round;
	uint32_t unanswered[2];
	uint32_t pending;
	uint64_t begun_ns;
	bool armed;
	bool late;
	bool standby;
	bool closed;
};

static struct probe_queue *queue_of(struct probe_pool *pool,
				    const struct probe *p)
{
	return &pool->queues[!p->doubtful ? TRUSTED :
			     p->slow	  ? DOUBTFUL_SLOW :
					    DOUBTFUL];
}

/* The first queue that a thread may take something from, or NULL. */
static struct probe_queue *next_queue(struct probe_pool *pool)
{
	int i, orders = ORDERS;

	if (pool->doubtful >= PROBE_THREADS - PROBE_THREADS_TRUSTED)
		orders = DOUBTFUL;
	for (i = 0; i < orders; i++)
		if (pool->queues[i].first)
			return &pool->queues[i];
	return NULL;
}

static void set_timer(struct probe_pool *pool, uint64_t after_ns)
{
	const struct itimerspec when = {
		.it_value = { (time_t)(after_ns / NSEC_PER_SEC),
			      (long)(after_ns % NSEC_PER_SEC) },
	};

	timerfd_settime(pool->fd, 0, &when, NULL);
	pool->armed = after_ns;
}

static void wait_until(struct probe_pool *pool, uint64_t mono_ns)
{
	const struct timespec at = { (time_t)(mono_ns / NSEC_PER_SEC),
				     (long)(mono_ns % NSEC_PER_SEC) };

	pthread_cond_timedwait(&pool->changed, &pool->lock, &at);
}

/* Called with the lock held, which it lets go. */
static void leave(struct probe_pool *pool)
{
	bool last = !--pool->users;

	pthread_mutex_unlock(&pool->lock);
	if (!last)
		return;
	close(pool->fd);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static bool overdue(const struct probe_pool *pool, const struct probe *p)
{
	return p->state == PROBE_RUNNING &&
	       clock_mono_ns() - p->begun_ns >= pool->deadline_ns;
}

static void forget_probe(struct probe_pool *pool, struct probe *p)
{
	if (p->round == pool->round)
		pool->unanswered[p->doubtful]--;
	pool->pending--;
}

static void begin_probe(struct probe_pool *pool, struct probe *p)
{
	p->state = PROBE_RUNNING;
	p->begun_ns = pool->begun_ns = clock_mono_ns();
	pool->doubtful += p->doubtful;
	if (pool->late && !pool->armed)
		set_timer(pool, pool->deadline_ns);
}

/* The owner that has gone on hears of the last answer that it can expect, and
 * of those that it no longer did.
 */
static void answer(struct probe_pool *pool, struct probe *p)
{
	bool late = overdue(pool, p);

	forget_probe(pool, p);
	pool->doubtful -= p->doubtful;
	p->slow = clock_mono_ns() - p->begun_ns > quick_ns[p->doubtful];
	p->state = PROBE_IDLE;
	if (!pool->unanswered[p->doubtful])
		pthread_cond_broadcast(&pool->changed);
	if (p->dropped)
		p->free(p);
	else if (pool->late && (late || !next_queue(pool)))
		set_timer(pool, 1);
}

static void start_standby(struct probe_pool *pool);

static void work(struct probe_pool *pool)
{
	struct probe_queue *q;

	while (!pool->closed && (q = next_queue(pool))) {
		struct probe *p = probe_queue_take(q);

		begin_probe(pool, p);
		if (!next_queue(pool))
			pthread_cond_broadcast(&pool->changed);
		else if (pool->late)
			start_standby(pool);
		pthread_mutex_unlock(&pool->lock);
		p->run(p);
		pthread_mutex_lock(&pool->lock);
		answer(pool, p);
	}
}

static void *worker(void *arg)
{
	struct probe_pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	work(pool);
	pool->threads--;
	leave(pool);
	return NULL;
}

static void *standby(void *arg)
{
	struct probe_pool *pool = arg;
	uint64_t until = clock_mono_ns() + pool->patience_ns;

	pthread_mutex_lock(&pool->lock);
	while (!pool->closed && next_queue(pool) && clock_mono_ns() < until)
		wait_until(pool, until);
	pool->standby = false;
	work(pool);
	pool->threads--;
	leave(pool);
	return NULL;
}

/* With the lock held. Signals are left to the program's own threads. */
static int start_thread(struct probe_pool *pool, void *(*thread)(void *))
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t id;
	int err = pthread_attr_init(&attr);

	if (err)
		return -err;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&id, &attr, thread, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (err)
		return -err;
	pool->threads++;
	pool->users++;
	return 0;
}

/* Without another thread, those that are there do it, or nobody in time. */
static void start_standby(struct probe_pool *pool)
{
	if (!pool->standby && pool->threads < PROBE_THREADS)
		pool->standby = !start_thread(pool, standby);
}

static int init_lock(struct probe_pool *pool)
{
	int err = pthread_mutex_init(&pool->lock, NULL);

	if (err)
		return -err;
	err = cond_init(&pool->changed);
	if (err)
		pthread_mutex_destroy(&pool->lock);
	return err;
}

int probe_pool_new(struct probe_pool **out, uint64_t deadline_ns)
{
	struct probe_pool *pool = calloc(1, sizeof(*pool));
	int i, err = -ENOMEM;

	if (!pool)
		return err;
	pool->users = 1;
	pool->round = 1; /* 0: nobody waits */
	pool->deadline_ns = deadline_ns;
	pool->patience_ns = deadline_ns / (2 * PROBE_THREADS);
	for (i = 0; i < ORDERS; i++)
		probe_queue_init(&pool->queues[i]);
	pool->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (pool->fd < 0) {
		err = -errno;
		goto free;
	}
	err = init_lock(pool);
	if (err)
		goto close;
	*out = pool;
	return 0;
close:
	close(pool->fd);
free:
	free(pool);
	return err;
}

void probe_pool_free(struct probe_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->closed = true;
	pthread_cond_broadcast(&pool->changed);
	leave(pool);
}

int probe_pool_fd(struct probe_pool *pool)
{
	return pool->fd;
}

void probe_ask(struct probe_pool *pool, struct probe *p)
{
	pthread_mutex_lock(&pool->lock);
	if (p->state == PROBE_IDLE) {
		p->state = PROBE_QUEUED;
		pool->begun_ns = clock_mono_ns();
		p->round = p->slow ? 0 : pool->round;
		probe_queue_put(queue_of(pool, p), p);
		pool->unanswered[p->doubtful] += !p->slow;
		pool->pending++;
	}
	pthread_mutex_unlock(&pool->lock);
}

int probe_go(struct probe_pool *pool)
{
	int err = 0;

	pthread_mutex_lock(&pool->lock);
	if (next_queue(pool) && pool->threads < PROBE_THREADS)
		err = start_thread(pool, worker);
	pthread_mutex_unlock(&pool->lock);
	return err;
}

/* Wait for trusted calls, or doubtful ones. */
static void wait_for(struct probe_pool *pool, bool doubtful)
{
	uint64_t until = clock_mono_ns() + quick_ns[doubtful];

	while (pool->unanswered[doubtful] && pool->threads &&
	       clock_mono_ns() < until)
		wait_until(pool, until);
}

void probe_wait(struct probe_pool *pool)
{
	uint64_t now, overdue_ns;

	pthread_mutex_lock(&pool->lock);
	wait_for(pool, false);
	wait_for(pool, true);
	pool->round++;
	pool->unanswered[false] = pool->unanswered[true] = 0;
	pool->late = pool->pending;
	if (next_queue(pool))
		start_standby(pool);
	/* A timer that is set anew forgets that it went off. */
	now = clock_mono_ns();
	overdue_ns = pool->begun_ns + pool->deadline_ns;
	set_timer(pool, pool->late && now < overdue_ns ? overdue_ns - now : 0);
	pthread_mutex_unlock(&pool->lock);
}

bool probe_pending(struct probe_pool *pool)
{
	bool pending;

	pthread_mutex_lock(&pool->lock);
	pending = pool->late && pool->pending;
	pthread_mutex_unlock(&pool->lock);
	return pending;
}

bool probe_answered(struct probe_pool *pool, const struct probe *p)
{
	bool answered;

	pthread_mutex_lock(&pool->lock);
	answered = p->state == PROBE_IDLE;
	pthread_mutex_unlock(&pool->lock);
	return answered;
}

bool probe_hangs(struct probe_pool *pool, const struct probe *p)
{
	bool hangs;

	pthread_mutex_lock(&pool->lock);
	hangs = overdue(pool, p);
	pthread_mutex_unlock(&pool->lock);
	return hangs;
}

void probe_drop(struct probe_pool *pool, struct probe *p)
{
	pthread_mutex_lock(&pool->lock);
	if (p->state == PROBE_QUEUED) {
		probe_queue_remove(queue_of(pool, p), p);
		forget_probe(pool, p);
		p->state = PROBE_IDLE;
	}
	p->dropped = true;
	if (p->state == PROBE_IDLE)
		p->free(p);
	pthread_mutex_unlock(&pool->lock);
}
