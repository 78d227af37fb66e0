// SPDX-License-Identifier: GPL-2.0-or-later
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "collector/agents/relay.h"
#include "lib/base/container.h"

void relay_init(struct relay *relay)
{
	*relay = (struct relay){ .count = 0 };
	pthread_mutex_init(&relay->lock, NULL);
	list_init(&relay->all);
}

void relay_exit(struct relay *relay)
{
	pthread_mutex_destroy(&relay->lock);
}

void relay_listen(struct relay *relay, int wake_fd)
{
	if (relay->listeners < RELAY_LISTENERS)
		relay->wake[relay->listeners++] = wake_fd;
}

void relay_wake(struct relay *relay)
{
	unsigned int i;

	for (i = 0; i < relay->listeners; i++)
		eventfd_write(relay->wake[i], 1);
}

static struct relay_request *request_of(const struct list *link)
{
	return container_of(link, struct relay_request, link);
}

/* With the lock held. */
static unsigned int count_of(const struct relay *relay, const uint8_t *node)
{
	const struct list *link;
	unsigned int count = 0;

	for (link = relay->all.next; link != &relay->all; link = link->next)
		count += !memcmp(request_of(link)->node, node, WIRE_ID_SIZE);
	return count;
}

bool relay_ask(struct relay *relay, struct relay_request *r)
{
	bool good;

	r->fate = RELAY_NOT_SENT;
	r->answer = NULL;
	r->answer_size = 0;
	r->answer_room = 0;
	r->connection = 0;
	if (!r->service)
		r->service = WIRE_SERVICE_AGENTS;
	randombytes_buf(&r->id, sizeof(r->id));
	pthread_mutex_lock(&relay->lock);
	good = !relay->stopped && relay->count < RELAY_MAX &&
	       count_of(relay, r->node) < RELAY_OF_NODE;
	if (good) {
		list_append(&relay->all, &r->link);
		relay->count++;
	}
	pthread_mutex_unlock(&relay->lock);
	if (good)
		relay_wake(relay);
	return good;
}

void relay_release(struct relay_request *r)
{
	free(r->answer);
	r->answer = NULL;
}

/* With the lock held. */
static void take_out(struct relay *relay, struct relay_request *r,
		     enum relay_fate fate)
{
	list_remove(&r->link);
	relay->count--;
	r->fate = fate;
}

void relay_claim(struct relay *relay, const struct relay_claim *claim)
{
	struct list *link;

	pthread_mutex_lock(&relay->lock);
	for (link = relay->all.next; link != &relay->all; link = link->next) {
		struct relay_request *r = request_of(link);
		uint64_t connection;

		if (r->connection)
			continue;
		connection = claim->find(claim->context, r->node, r->service);
		if (connection && claim->send(claim->context, connection, r))
			r->connection = connection;
	}
	pthread_mutex_unlock(&relay->lock);
}

static struct relay_request *find(struct relay *relay,
				  const struct wire_frame *f)
{
	struct list *link;

	for (link = relay->all.next; link != &relay->all; link = link->next) {
		struct relay_request *r = request_of(link);

		if (r->connection && r->id == f->sequence &&
		    f->at[0] == (uint8_t)r->service &&
		    !memcmp(r->node, f->sender.node, sizeof(r->node)))
			return r;
	}
	return NULL;
}

/* Return 0, or a fate that it has now. */
static enum relay_fate append(struct relay_request *r, const uint8_t *text,
			      size_t size)
{
	size_t room = r->answer_room ? r->answer_room : 1024;
	char *answer = r->answer;

	if (r->answer_size + size >= RELAY_ANSWER_MAX)
		return RELAY_TOO_LARGE;
	while (room <= r->answer_size + size)
		room *= 2;
	if (room > r->answer_room)
		answer = realloc(r->answer, room);
	if (!answer)
		return RELAY_TOO_LARGE;
	r->answer = answer;
	r->answer_room = room;
	memcpy(answer + r->answer_size, text, size);
	r->answer_size += size;
	answer[r->answer_size] = '\0';
	return RELAY_ANSWERED;
}

void relay_answer(struct relay *relay, const struct wire_frame *f)
{
	size_t size = (size_t)(f->end - f->at);
	enum relay_fate fate;
	struct relay_request *r;

	if (!(f->flags & WIRE_SEALED) || size < WIRE_REQUEST_HEAD || !f->at[0])
		return;
	pthread_mutex_lock(&relay->lock);
	r = find(relay, f);
	if (r) {
		fate = append(r, f->at + WIRE_REQUEST_HEAD,
			      size - WIRE_REQUEST_HEAD);
		if (fate != RELAY_ANSWERED || f->at[1] == WIRE_PIECE_LAST)
			take_out(relay, r, fate);
		else
			r = NULL;
	}
	pthread_mutex_unlock(&relay->lock);
	if (r)
		r->done(r);
}

/* The first one that is to end, or NULL. */
static struct relay_request *
next_over(struct relay *relay,
	  bool (*is_over)(const struct relay_request *r, uint64_t value),
	  uint64_t value, enum relay_fate fate)
{
	struct relay_request *r = NULL;
	struct list *link;

	pthread_mutex_lock(&relay->lock);
	for (link = relay->all.next; link != &relay->all; link = link->next)
		if (is_over(request_of(link), value)) {
			r = request_of(link);
			take_out(relay, r,
				 r->connection ? fate : RELAY_NOT_SENT);
			break;
		}
	pthread_mutex_unlock(&relay->lock);
	return r;
}

static bool is_of(const struct relay_request *r, uint64_t connection)
{
	return r->connection == connection;
}

static bool is_late(const struct relay_request *r, uint64_t now_ns)
{
	return now_ns >= r->until_ns;
}

void relay_lost(struct relay *relay, uint64_t connection)
{
	struct relay_request *r;

	while ((r = next_over(relay, is_of, connection, RELAY_LOST)))
		r->done(r);
}

void relay_tick(struct relay *relay, uint64_t now_ns)
{
	struct relay_request *r;

	while ((r = next_over(relay, is_late, now_ns, RELAY_NO_ANSWER)))
		r->done(r);
}

void relay_stop(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->stopped = true;
	pthread_mutex_unlock(&relay->lock);
	relay_tick(relay, UINT64_MAX);
}
