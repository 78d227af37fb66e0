/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions whose answers take long (history, all nodes) are worked out by a few
 * threads, so that neither frames nor other questions wait for them.
 *
 *   connection, suspended: helpers_ask() ---> waiting ---> a helper: api_get()
 *        ^                                                        |
 *        `--- resumed, by @answers <--- answered <----------------'
 *
 * Whose questions take long does not keep both from others: an address that one is at
 * waits for those of others.
 */
#ifndef KTACH_COLLECTOR_HTTP_HELPERS_H
#define KTACH_COLLECTOR_HTTP_HELPERS_H

#include <pthread.h>

#include "collector/api/api.h"
#include "collector/http/connection.h"
#include "collector/http/watch.h"

struct helpers;

enum helpers_limits {
	HELPERS = 2,
	HELPERS_QUESTIONS_MAX = 128, /* under way */
	HELPERS_ADDRESS_MAX = 32, /* of an address */
	QUESTION_PATH_SIZE = 1024,
	QUESTION_TAGS_SIZE = 256,
	QUESTION_PAGE_SIZE = REPLY_NEXT_SIZE,
};

/**
 * struct question - one of them
 * @next: in its list
 * @helpers: who answer
 * @connection: whose it is; NULL: that has gone
 * @key: of its address
 * @request: points into the following
 * @path: of it
 * @tags: of it
 * @page: of it, of a stream that goes on
 * @reply: the answer
 * @answered: it is there
 * @resting: it is, and a stream sends it: nobody works on it
 * @texts: query and body of it
 */
struct question {
	struct question *next;
	struct helpers *helpers;
	struct connection *connection;
	uint8_t key[CONNECTION_KEY_SIZE];
	struct request request;
	char path[QUESTION_PATH_SIZE];
	char tags[QUESTION_TAGS_SIZE];
	char page[QUESTION_PAGE_SIZE];
	struct reply reply;
	bool answered;
	bool resting;
	char texts[];
};

/* A thread, what it answers from, and the question that it is at; NULL: none. */
struct helper {
	struct helpers *helpers;
	struct api api;
	const struct question *question;
	pthread_t thread;
};

/**
 * struct helpers - all of them
 * @answers: of @wake_fd, for the connections' loop
 * @wake_fd: an eventfd, told when one is answered
 * @open: helpers_open() was called
 * @lock: of the lists and @stop
 * @wake: told when a question waits, or at the end
 * @waiting: in the order that they came in, which is that in which they are taken, but
 *           for those of an address that another helper is at
 * @last: where the next one is hung in
 * @answered: to be collected
 * @questions: under way, the connections' thread's
 * @stop: set once
 * @all: @running of them run
 */
struct helpers {
	struct watch answers;
	int wake_fd;
	bool open;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct question *waiting;
	struct question **last;
	struct question *answered;
	unsigned int questions;
	bool stop;
	struct helper all[HELPERS];
	unsigned int running;
};

/**
 * helpers_open() - start them
 * @h: filled
 * @api: as theirs, but for the history: each reads @folder by itself
 * @folder: NULL: there is none
 *
 * Return: 0, or -errno after a message.
 */
int helpers_open(struct helpers *h, const struct api *api, const char *folder);

/* End the threads; the rest once all connections have gone. */
void helpers_stop(struct helpers *h);
void helpers_close(struct helpers *h);

/* Hand a copy of a request over. NULL: too many wait, or memory is short. */
struct question *helpers_ask(struct helpers *h, struct connection *connection,
			     const struct request *request);

/* One that no helper answers: whoever does, calls helpers_give(), in any thread, once.
 * Until then it is there, whatever becomes of its connection.
 */
struct question *helpers_hold(struct helpers *h, struct connection *connection,
			      const struct request *request);
void helpers_give(struct question *q, const struct reply *reply);

/* A stream sends the answer: others may ask meanwhile. */
void helpers_rest(struct question *q);

/* Ask for what is behind the answer, which is given up. False: too many wait. */
bool helpers_go_on(struct question *q);

/* Its connection needs it no more, answered or not. */
void helpers_forget(struct question *q);

#endif /* KTACH_COLLECTOR_HTTP_HELPERS_H */
