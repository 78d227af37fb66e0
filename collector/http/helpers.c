// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "collector/http/connection.h"
#include "collector/http/helpers.h"
#include "lib/base/log.h"

static void question_free(struct question *q)
{
	q->helpers->questions -= !q->resting;
	reply_release(&q->reply);
	free(q);
}

static bool is_served(const struct helpers *h, const struct question *q)
{
	unsigned int i;

	for (i = 0; i < HELPERS; i++)
		if (h->all[i].question &&
		    !memcmp(h->all[i].question->key, q->key, sizeof(q->key)))
			return true;
	return false;
}

/* The first one of an address that no helper is at; else the first one. */
static struct question *pick_waiting(struct helpers *h)
{
	struct question **at = &h->waiting, *q;

	while (*at && is_served(h, *at))
		at = &(*at)->next;
	if (!*at)
		at = &h->waiting;
	q = *at;
	*at = q->next;
	if (h->last == &q->next)
		h->last = at;
	return q;
}

static struct question *take_waiting(struct helper *one)
{
	struct helpers *h = one->helpers;
	struct question *q;

	pthread_mutex_lock(&h->lock);
	while (!h->waiting && !h->stop)
		pthread_cond_wait(&h->wake, &h->lock);
	q = h->stop ? NULL : pick_waiting(h);
	one->question = q;
	pthread_mutex_unlock(&h->lock);
	return q;
}

/* Before the question is given up: others look at it. */
static void end_question(struct helper *one)
{
	pthread_mutex_lock(&one->helpers->lock);
	one->question = NULL;
	pthread_mutex_unlock(&one->helpers->lock);
}

static void put_answered(struct helpers *h, struct question *q)
{
	pthread_mutex_lock(&h->lock);
	q->next = h->answered;
	h->answered = q;
	pthread_mutex_unlock(&h->lock);
	eventfd_write(h->wake_fd, 1);
}

static void *help(void *argument)
{
	struct helper *one = argument;
	struct question *q;

	while ((q = take_waiting(one))) {
		api_get(&one->api, &q->request, &q->reply);
		end_question(one);
		put_answered(one->helpers, q);
	}
	return NULL;
}

static int start_helper(struct helpers *h, struct helper *one,
			const struct api *api, const char *folder)
{
	int err;

	one->helpers = h;
	one->api = *api;
	one->api.history = NULL;
	if (folder) {
		err = history_open(&one->api.history, folder, api->store);
		if (err)
			return err;
	}
	err = pthread_create(&one->thread, NULL, help, one);
	if (!err)
		return 0;
	log_error("a thread for questions: %s", strerror(err));
	if (one->api.history)
		history_close(one->api.history);
	return -err;
}

/* Those that are answered: their connections go on. */
static void collect_answers(struct watch *watch)
{
	struct helpers *h = (struct helpers *)watch;
	struct question *q, *next;
	eventfd_t times;

	eventfd_read(h->wake_fd, &times);
	pthread_mutex_lock(&h->lock);
	q = h->answered;
	h->answered = NULL;
	pthread_mutex_unlock(&h->lock);
	for (; q; q = next) {
		next = q->next;
		q->answered = true;
		if (q->connection)
			MHD_resume_connection(q->connection->handle);
		else
			question_free(q);
	}
}

int helpers_open(struct helpers *h, const struct api *api, const char *folder)
{
	int err;

	*h = (struct helpers){ .answers.ready = collect_answers,
			       .last = &h->waiting };
	h->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (h->wake_fd < 0) {
		err = -errno;
		log_error("an eventfd for answers: %s", strerror(errno));
		return err;
	}
	h->open = true;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	for (h->running = 0; h->running < HELPERS; h->running++) {
		err = start_helper(h, &h->all[h->running], api, folder);
		if (err)
			return err;
	}
	return 0;
}

/* No connection is there any more. */
static void free_list(struct question *q)
{
	struct question *next;

	for (; q; q = next) {
		next = q->next;
		question_free(q);
	}
}

void helpers_stop(struct helpers *h)
{
	unsigned int i;

	if (!h->open)
		return;
	pthread_mutex_lock(&h->lock);
	h->stop = true;
	pthread_cond_broadcast(&h->wake);
	pthread_mutex_unlock(&h->lock);
	for (i = 0; i < h->running; i++) {
		pthread_join(h->all[i].thread, NULL);
		if (h->all[i].api.history)
			history_close(h->all[i].api.history);
	}
	h->running = 0;
}

void helpers_close(struct helpers *h)
{
	if (!h->open)
		return;
	free_list(h->waiting);
	free_list(h->answered);
	close(h->wake_fd);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
}

static void copy_request(struct question *q, const struct request *request)
{
	size_t query = strlen(request->query) + 1;

	strcpy(q->path, request->path);
	memcpy(q->texts, request->query, query);
	snprintf(q->tags, sizeof(q->tags), "%s", request->tags);
	q->request = *request;
	q->request.path = q->path;
	q->request.query = q->texts;
	q->request.tags = q->tags;
	q->request.claims = NULL;
	q->request.address = "";
	if (!request->body)
		return;
	memcpy(q->texts + query, request->body, request->body_size);
	q->request.body = q->texts + query;
}

static struct question *make_question(const struct request *request)
{
	size_t size = strlen(request->query) + 1 + request->body_size + 1;
	struct question *q;

	if (strlen(request->path) >= sizeof(q->path))
		return NULL;
	q = calloc(1, sizeof(*q) + size);
	if (q)
		copy_request(q, request);
	return q;
}

/* Of one address, unless it is a proxy's: then others have to get a turn. */
static bool is_address_full(const struct connection *c)
{
	const struct connection *other;
	unsigned int n = 0;

	for (other = c->all->first; other && !c->proxy; other = other->next)
		n += other->exchange.question &&
		     !other->exchange.question->resting &&
		     !memcmp(other->key, c->key, sizeof(c->key));
	return n >= HELPERS_ADDRESS_MAX;
}

static void put_waiting(struct helpers *h, struct question *q)
{
	h->questions++;
	q->next = NULL;
	pthread_mutex_lock(&h->lock);
	*h->last = q;
	h->last = &q->next;
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
}

/* Of a connection that may ask one more. */
static struct question *open_question(struct helpers *h,
				      struct connection *connection,
				      const struct request *request)
{
	struct question *q;

	if (h->questions == HELPERS_QUESTIONS_MAX ||
	    is_address_full(connection))
		return NULL;
	q = make_question(request);
	if (!q)
		return NULL;
	q->helpers = h;
	q->connection = connection;
	memcpy(q->key, connection->key, sizeof(q->key));
	return q;
}

struct question *helpers_ask(struct helpers *h, struct connection *connection,
			     const struct request *request)
{
	struct question *q = open_question(h, connection, request);

	if (q)
		put_waiting(h, q);
	return q;
}

struct question *helpers_hold(struct helpers *h, struct connection *connection,
			      const struct request *request)
{
	struct question *q = open_question(h, connection, request);

	if (q)
		h->questions++;
	return q;
}

void helpers_give(struct question *q, const struct reply *reply)
{
	q->reply = *reply;
	reply_finish(&q->reply, &q->request);
	put_answered(q->helpers, q);
}

void helpers_rest(struct question *q)
{
	q->resting = true;
	q->helpers->questions--;
}

bool helpers_go_on(struct question *q)
{
	struct helpers *h = q->helpers;

	if (h->questions == HELPERS_QUESTIONS_MAX ||
	    is_address_full(q->connection))
		return false;
	snprintf(q->page, sizeof(q->page), "%s", q->reply.next);
	q->request.page = q->page;
	reply_release(&q->reply);
	q->answered = false;
	q->resting = false;
	put_waiting(h, q);
	return true;
}

/* A helper may be at it: then it is freed once that has finished. */
void helpers_forget(struct question *q)
{
	if (!q)
		return;
	q->connection = NULL;
	if (q->answered)
		question_free(q);
}
