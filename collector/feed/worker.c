// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "collector/agents/relay.h"
#include "collector/feed/ask.h"
#include "collector/feed/listen.h"
#include "collector/feed/worker.h"
#include "collector/history/store.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

enum {
	LOOP_ENTRIES = 256,
	POLLED_ENTRIES = 2 * STREAMS_MAX + 8,
};

#define TICK_NS UINT64_C(1000000000)

_Static_assert((int)WORKERS_MAX <= (int)STORE_OUTLETS_MAX,
	       "an outlet for each worker");

unsigned int workers_count(uint64_t wanted)
{
	uint64_t count = wanted;
	cpu_set_t cpus;

	if (!count && !sched_getaffinity(0, sizeof(cpus), &cpus))
		count = (uint64_t)CPU_COUNT(&cpus) / WORKER_CPUS;
	if (!count)
		return 1;
	return count < WORKERS_MAX ? (unsigned int)count : WORKERS_MAX;
}

static void stopped(struct loop_op *op, int result, uint32_t flags)
{
	struct worker *w = (struct worker *)op;

	w->ended = true;
	w->loop.stop = true;
}

static void asked(struct loop_op *op, int result, uint32_t flags)
{
	struct worker *w = container_of(op, struct worker, ask);
	eventfd_t times;

	eventfd_read(w->ask_fd, &times);
	ask_nodes(&w->streams);
	loop_poll(&w->loop, op, w->ask_fd, POLLIN);
}

static void tick(struct loop_op *op, int result, uint32_t flags)
{
	struct worker *w = container_of(op, struct worker, timer);

	store_relaxed(&w->alive_ns, clock_mono_ns());
	loop_timeout(&w->loop, &w->timer, w->alive_ns + TICK_NS);
	streams_tick(&w->streams);
	ingest_tick(&w->ingest);
}

static int open_loop(struct worker *w, bool polled)
{
	int err = polled ? -EPERM : loop_init(&w->loop, LOOP_ENTRIES);

	if (!err)
		return 0;
	if (!polled)
		log_info("no io_uring (%s); going on with ppoll()",
			 strerror(-err));
	err = loop_init_polled(&w->loop, POLLED_ENTRIES);
	if (err)
		log_error("no event loop: %s", strerror(-err));
	return err;
}

/* The outlet of the store that gives it its marks: the first worker has outlet 0. */
static int open_outlet(struct worker *w, struct feed *feed, unsigned int number)
{
	int outlet = number ? store_add_outlet(feed->store) : 0;

	if (outlet < 0)
		return outlet;
	w->ingest.outlet = (unsigned int)outlet;
	w->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (w->stop_fd < 0)
		return -errno;
	w->ask_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->ask_fd >= 0)
		return 0;
	outlet = -errno;
	close(w->stop_fd);
	return outlet;
}

/* Closes the sockets, too, if it fails. */
static int worker_open(struct worker *w, struct feed *feed, unsigned int number,
		       const struct listen_pair *pair, bool polled,
		       const struct places_limit *limit)
{
	int err = open_loop(w, polled);

	if (err)
		goto close_pair;
	err = ingest_init(&w->ingest, feed);
	if (!err)
		err = open_outlet(w, feed, number);
	if (err) {
		log_error("no room for a worker: %s", strerror(-err));
		goto exit_ingest;
	}
	err = receive_open(&w->receive, &w->loop, &w->ingest, pair->udp);
	if (err)
		goto close_stop;
	streams_open(&w->streams, &w->loop, &w->ingest, pair->tcp, limit);
	w->stop.done = stopped;
	w->ask.done = asked;
	w->timer.done = tick;
	w->alive_ns = clock_mono_ns();
	loop_poll(&w->loop, &w->stop, w->stop_fd, POLLIN);
	loop_poll(&w->loop, &w->ask, w->ask_fd, POLLIN);
	if (feed->relay)
		relay_listen(feed->relay, w->ask_fd);
	loop_timeout(&w->loop, &w->timer, clock_mono_ns() + TICK_NS);
	return 0;

close_stop:
	close(w->stop_fd);
	close(w->ask_fd);
exit_ingest:
	ingest_exit(&w->ingest);
	loop_exit(&w->loop);
close_pair:
	close(pair->udp);
	close(pair->tcp);
	return err;
}

static void worker_close(struct worker *w)
{
	streams_close(&w->streams);
	receive_close(&w->receive);
	close(w->stop_fd);
	close(w->ask_fd);
	ingest_exit(&w->ingest);
	loop_exit(&w->loop);
}

static void close_all(struct workers *w, unsigned int count)
{
	while (count--)
		worker_close(&w->all[count]);
	free(w->all);
	w->all = NULL;
}

/* The first ones to @opened are workers, the rest sockets. */
static void give_up(struct workers *w, unsigned int opened,
		    const struct listen_pair *pairs)
{
	unsigned int i;

	for (i = opened + 1; i < w->count; i++) {
		close(pairs[i].udp);
		close(pairs[i].tcp);
	}
	close_all(w, opened);
}

/* The kernel spreads connections evenly, also those of one address. */
static struct places_limit limit_of_one(const struct workers *w)
{
	struct places_limit l = w->limit;
	unsigned int most = STREAMS_MAX - STREAMS_SPARE;

	l.connections = (l.connections + w->count - 1) / w->count;
	if (l.connections > most)
		l.connections = most;
	l.per_address = (l.per_address + w->count - 1) / w->count;
	l.half_max /= w->count;
	return l;
}

int workers_open(struct workers *w, struct feed *feed, struct address *address,
		 bool polled)
{
	struct listen_pair pairs[WORKERS_MAX];
	struct places_limit limit = limit_of_one(w);
	unsigned int i;
	int err;

	w->all = calloc(w->count, sizeof(w->all[0]));
	if (!w->all) {
		log_error("no memory for --workers %u", w->count);
		return -ENOMEM;
	}
	err = listen_feed(pairs, address, w->count, "--listen");
	if (err) {
		close_all(w, 0);
		return err;
	}
	for (i = 0; i < w->count; i++) {
		err = worker_open(&w->all[i], feed, i, &pairs[i], polled,
				  &limit);
		if (err) {
			give_up(w, i, pairs);
			return err;
		}
		if (i)
			w->all[i - 1].ingest.next = &w->all[i].ingest;
	}
	return 0;
}

static void *run_worker(void *argument)
{
	struct worker *w = argument;
	int err = loop_run(&w->loop);

	if (w->ended)
		return NULL;
	if (err)
		log_error("taking frames: %s", strerror(-err));
	kill(getpid(), SIGTERM);
	return NULL;
}

int workers_start(struct workers *w)
{
	int err;

	for (w->running = 0; w->running < w->count; w->running++) {
		struct worker *one = &w->all[w->running];

		err = pthread_create(&one->thread, NULL, run_worker, one);
		if (!err)
			continue;
		log_error("a thread for --workers: %s", strerror(err));
		return -err;
	}
	return 0;
}

bool workers_alive(const struct workers *w, uint64_t since_ns)
{
	unsigned int i;

	for (i = 0; i < w->count; i++)
		if (load_relaxed(&w->all[i].alive_ns) < since_ns)
			return false;
	return true;
}

void workers_close(struct workers *w)
{
	unsigned int i;

	for (i = 0; i < w->running; i++)
		eventfd_write(w->all[i].stop_fd, 1);
	for (i = 0; i < w->running; i++)
		pthread_join(w->all[i].thread, NULL);
	close_all(w, w->count);
}
