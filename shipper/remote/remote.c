// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clean.h"
#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"
#include "shipper/remote/remote.h"

enum {
	FRAME_ROOM = WIRE_HEADER_SIZE + WIRE_REQUEST_HEAD + REMOTE_PIECE +
		     WIRE_SEAL_SIZE,
};

static void receive_piece(struct call *c);

static void end_call(struct call *c)
{
	if (c->busy) {
		c->ending = true;
		shutdown(c->fd, SHUT_RDWR);
		return;
	}
	if (list_has(&c->word.link))
		return; /* until it is said */
	if (c->fd >= 0)
		close(c->fd);
	free(c->text);
	free(c->answer);
	c->fd = -1;
	c->text = NULL;
	c->answer = NULL;
	c->ending = false;
}

static bool is_free(const struct call *c)
{
	return c->fd < 0 && !c->answer;
}

static void said(struct word *w, bool left)
{
	struct call *c = container_of(w, struct call, word);

	if (!left || c->last || c->ending)
		end_call(c);
	else
		receive_piece(c);
}

/* @size bytes of an answer are in place. */
static void say_piece(struct call *c, size_t size, bool last)
{
	struct output *o = c->remote->output;
	uint8_t *payload = c->answer + WIRE_HEADER_SIZE;

	payload[0] = (uint8_t)c->service;
	payload[1] = last ? WIRE_PIECE_LAST : WIRE_PIECE_MORE;
	c->last = last;
	size = wire_message(c->answer, WIRE_ANSWER, o->sender, c->id,
			    clock_real_ns(), NULL, WIRE_REQUEST_HEAD + size);
	c->word.data = c->answer;
	c->word.size = seal_frame(&o->sealing.seal, c->answer, size);
	if (!c->remote->say(c->remote->carrier, &c->word))
		end_call(c);
}

static char *piece_of(struct call *c)
{
	return (char *)c->answer + WIRE_HEADER_SIZE + WIRE_REQUEST_HEAD;
}

static void say_error(struct call *c, const char *why, int err)
{
	int size = snprintf(piece_of(c), REMOTE_PIECE, "error %s: %s\n", why,
			    strerror(err));

	say_piece(c, (size_t)size, true);
}

static void received(struct loop_op *op, int result, uint32_t flags)
{
	struct call *c = container_of(op, struct call, op);

	c->busy = false;
	if (c->ending)
		end_call(c);
	else
		say_piece(c, result > 0 ? (size_t)result : 0, result <= 0);
}

static void receive_piece(struct call *c)
{
	c->busy = true;
	c->op.done = received;
	loop_recv(c->remote->loop, &c->op, c->fd, piece_of(c), REMOTE_PIECE);
}

static void send_text(struct call *c);

static void sent(struct loop_op *op, int result, uint32_t flags)
{
	struct call *c = container_of(op, struct call, op);

	c->busy = false;
	c->sent += result > 0 ? (size_t)result : 0;
	if (c->ending) {
		end_call(c);
	} else if (result <= 0) {
		say_error(c, "ktach-agentd does not take the request", -result);
	} else if (c->sent < c->size) {
		send_text(c);
	} else {
		free(c->text);
		c->text = NULL;
		receive_piece(c);
	}
}

static void send_text(struct call *c)
{
	c->busy = true;
	c->op.done = sent;
	loop_send(c->remote->loop, &c->op, c->fd, c->text + c->sent,
		  c->size - c->sent);
}

/* On this host that does not wait, unless very many do. */
static int connect_call(struct call *c)
{
	const struct sockaddr_un *to = &c->remote->address;

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (const struct sockaddr *)to, sizeof(*to)) ||
	    fcntl(c->fd, F_SETFL, 0)) /* the loop's sockets wait */
		return errno;
	return 0;
}

/* Two lines become one, if the second one has something. */
static void end_text(char *text)
{
	char *end = text + strcspn(text, "\n");

	if (*end && end[1] && end[1] != '\n')
		*end = ' ';
	text[strcspn(text, "\n")] = '\0';
}

/* "freeze WHO", and perhaps a line that says why: the only request that it takes. */
static void ask_flight(struct call *c)
{
	static const char verb[] = "freeze ";
	const size_t size = sizeof(verb) - 1;
	char text[INCIDENT_TEXT_SIZE], answer[FLIGHT_REPLY_SIZE];

	if (c->size <= size || memcmp(c->text, verb, size)) {
		snprintf(answer, sizeof(answer),
			 "error not a request: freeze WHO\n");
	} else {
		snprintf(text, sizeof(text), "%.*s", (int)(c->size - size),
			 c->text + size);
		end_text(text);
		clean_string(text);
		flight_freeze(c->remote->flight, INCIDENT_COLLECTOR, text,
			      answer);
	}
	strcpy(piece_of(c), answer);
	say_piece(c, strlen(answer), true);
}

static void begin_call(struct call *c, const struct wire_frame *f)
{
	size_t size = (size_t)(f->end - f->at) - WIRE_REQUEST_HEAD;
	int err;

	c->answer = malloc(FRAME_ROOM);
	c->text = malloc(size);
	if (!c->answer || !c->text) {
		end_call(c);
		return;
	}
	memcpy(c->text, f->at + WIRE_REQUEST_HEAD, size);
	c->size = size;
	c->sent = 0;
	c->id = f->sequence;
	c->service = f->at[0];
	if (c->service == WIRE_SERVICE_FLIGHT) {
		ask_flight(c);
		return;
	}
	err = connect_call(c);
	if (err)
		say_error(c, "ktach-agentd does not answer", err);
	else
		send_text(c);
}

static bool serves(const struct remote *r, uint8_t service)
{
	return service == WIRE_SERVICE_AGENTS ||
	       (service == WIRE_SERVICE_FLIGHT && r->flight);
}

void remote_take(struct remote *r, const struct wire_frame *f)
{
	size_t size = (size_t)(f->end - f->at);
	int i = 0;

	if (size <= WIRE_REQUEST_HEAD || !serves(r, f->at[0]) ||
	    size > WIRE_REQUEST_HEAD + WIRE_REQUEST_MAX)
		return;
	while (i < REMOTE_CALLS && !is_free(&r->calls[i]))
		i++;
	if (i < REMOTE_CALLS)
		begin_call(&r->calls[i], f);
	else
		log_warn("more than %d requests at once", REMOTE_CALLS);
}

bool remote_is_there(const struct remote *r)
{
	return !access(r->address.sun_path, F_OK);
}

void remote_open(struct remote *r, struct loop *loop, struct output *output,
		 const char *folder)
{
	int i;

	*r = (struct remote){ .loop = loop, .output = output };
	r->address.sun_family = AF_UNIX;
	snprintf(r->address.sun_path, sizeof(r->address.sun_path),
		 "%s/remote.sock", folder);
	for (i = 0; i < REMOTE_CALLS; i++) {
		r->calls[i].remote = r;
		r->calls[i].fd = -1;
		r->calls[i].word.said = said;
	}
}

void remote_leave(struct remote *r)
{
	int i;

	for (i = 0; i < REMOTE_CALLS; i++)
		if (!is_free(&r->calls[i]))
			end_call(&r->calls[i]);
}

void remote_close(struct remote *r)
{
	int i;

	for (i = 0; i < REMOTE_CALLS; i++) {
		struct call *c = &r->calls[i];

		if (c->fd >= 0)
			close(c->fd);
		free(c->text);
		free(c->answer);
	}
}
