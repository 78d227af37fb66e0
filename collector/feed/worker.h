/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The threads that take frames. Each has an event loop, a UDP socket and its own
 * TCP connections; all share one port, and the kernel gives each sender to one
 * of them. What they share is the feed: a node may come to another one at any
 * time.
 *
 *   port --- SO_REUSEPORT ---> worker: loop, ingest ---.
 *        `-------------------> worker: loop, ingest ---+--> nodes, store
 */
#ifndef KTACH_COLLECTOR_FEED_WORKER_H
#define KTACH_COLLECTOR_FEED_WORKER_H

#include <pthread.h>

#include "collector/feed/ingest.h"
#include "collector/feed/receive.h"
#include "collector/feed/stream.h"
#include "lib/base/address.h"

enum worker_limits {
	WORKERS_MAX = 32,
	WORKER_CPUS = 8, /* one for so many, unless told otherwise */
};

/**
 * struct worker - one thread
 * @stop: operation: a poll of @stop_fd
 * @ask: operation: a poll of @ask_fd
 * @timer: operation: fires each second
 * @stop_fd: an eventfd; readable when it is to end
 * @ask_fd: an eventfd; readable when nodes are to be asked something
 * @ended: it was
 * @loop: its own
 * @ingest: its own
 * @receive: its datagrams
 * @streams: its connections
 * @thread: which
 * @alive_ns: when its timer fired last; of this thread, others look
 */
struct worker {
	struct loop_op stop;
	struct loop_op timer;
	struct loop_op ask;
	int stop_fd;
	int ask_fd;
	bool ended;
	struct loop loop;
	struct ingest ingest;
	struct receive receive;
	struct streams streams;
	pthread_t thread;
	uint64_t alive_ns;
};

/**
 * struct workers - all of them
 * @all: @count of them; their ingests are a chain that begins with the first
 * @limit: what the connections of all may take
 * @running: threads that were started
 */
struct workers {
	struct worker *all;
	unsigned int count;
	struct places_limit limit;
	unsigned int running;
};

/* The number of workers: @wanted; if that is 0, by the number of CPUs. */
unsigned int workers_count(uint64_t wanted);

/**
 * workers_open() - listen for frames; nothing runs yet
 * @w: @count and @limit are set, the rest filled
 * @feed: what they share; its store is there
 * @address: where to listen; its port is known afterwards
 * @polled: on ppoll(), not io_uring
 *
 * Return: 0, or -errno after a message.
 */
int workers_open(struct workers *w, struct feed *feed, struct address *address,
		 bool polled);

/* Run them. Should one fail, it sends this process a SIGTERM. Return 0, or -errno
 * after a message.
 */
int workers_start(struct workers *w);

/* Whether the loop of each has run since a time. */
bool workers_alive(const struct workers *w, uint64_t since_ns);

/* End those that run, and close. */
void workers_close(struct workers *w);

#endif /* KTACH_COLLECTOR_FEED_WORKER_H */
