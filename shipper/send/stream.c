// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/container.h"
#include "lib/base/log.h"
#include "lib/wire/wire.h"
#include "shipper/send/refused.h"
#include "shipper/send/stream.h"

enum {
	SILENCE_MS = 15000, /* of the peer's TCP: the connection is dead */
};

#define CONNECT_NS UINT64_C(5000000000)
#define STOP_NS UINT64_C(3000000000)
#define SEND_NS UINT64_C(50000000) /* for a send that is under way */

static bool idle(const struct stream *s)
{
	return !s->connecting && !s->sending && !s->receiving && !s->timing;
}

/* What did not leave will not; what was coming does not any more. */
static void end_words(struct stream *s)
{
	struct list *link;

	while ((link = list_first(&s->words))) {
		struct word *w = container_of(link, struct word, link);

		list_remove(link);
		w->said(w, false);
	}
	s->word = NULL;
	large_end(&s->large);
	if (s->deaf)
		s->deaf(s->owner);
}

/* A socket can go when the kernel is through with it. */
static void closed(struct stream *s)
{
	if (s->state != STREAM_CLOSING || !idle(s))
		return;
	end_words(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->state = STREAM_WAITING;
	if (s->route.stopped)
		return;
	if (s->home)
		route_home(&s->route);
	else if (s->moved_to[0])
		route_moved(&s->route, s->what, s->moved_to);
	else
		route_failed(&s->route, s->what, s->err);
	s->home = false;
	s->moved_to[0] = '\0';
}

static void shut(struct stream *s)
{
	s->state = STREAM_CLOSING;
	if (s->connecting)
		loop_cancel(s->loop, &s->connect);
	if (s->sending || s->receiving)
		shutdown(s->fd, SHUT_RDWR);
	if (s->timing)
		loop_cancel(s->loop, &s->timer);
	closed(s);
}

static void failed(struct stream *s, const char *what, int err)
{
	s->what = what;
	s->err = err;
	shut(s);
}

/* Whether frames were sent, and not acknowledged. */
static bool awaits(const struct stream *s)
{
	return s->queue->next != s->queue->first || s->sending;
}

static void await_until(struct stream *s, uint64_t at_ns)
{
	s->timing = true;
	loop_timeout(s->loop, &s->timer, at_ns);
}

/* Nothing new is sent any more; a frame that has begun is. */
static bool is_ending(const struct stream *s)
{
	return (s->stop_by_ns || s->going) && !s->sent;
}

/* A word goes before the next frame, and after one that has begun. */
static void choose_word(struct stream *s)
{
	struct list *link = list_first(&s->words);

	if (!s->word && !s->sent && link)
		s->word = container_of(link, struct word, link);
}

static void send_next(struct stream *s)
{
	struct queue_frame *f = queue_next(s->queue);
	const uint8_t *data = f ? f->data : NULL;
	size_t size = f ? f->size : 0;

	if (s->state != STREAM_UP || s->sending || is_ending(s))
		return;
	choose_word(s);
	if (s->word) {
		data = s->word->data;
		size = s->word->size;
	}
	if (!data)
		return;
	if (!awaits(s))
		s->heard_ns = clock_mono_ns();
	if (!s->timing)
		await_until(s, s->heard_ns + s->patience_ns);
	s->sending = true;
	loop_send(s->loop, &s->send, s->fd, data + s->sent, size - s->sent);
}

bool stream_say(struct stream *s, struct word *word)
{
	if (s->state != STREAM_UP)
		return false;
	list_append(&s->words, &word->link);
	send_next(s);
	return true;
}

/* The next one may be put before this returns. */
static void word_left(struct stream *s)
{
	struct word *w = s->word;

	if (s->sent < w->size)
		return;
	s->word = NULL;
	s->sent = 0;
	list_remove(&w->link);
	w->said(w, true);
}

static void send_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *s = container_of(op, struct stream, send);

	s->sending = false;
	if (s->state == STREAM_CLOSING) {
		closed(s);
		return;
	}
	if (result < 0) {
		failed(s, "cannot send", -result);
		return;
	}
	s->sent += (size_t)result;
	if (s->word) {
		word_left(s);
	} else if (s->sent == queue_next(s->queue)->size) {
		queue_take(s->queue);
		s->sent = 0;
	}
	send_next(s);
}

static void acknowledged(struct stream *s, const struct wire_frame *f)
{
	if (memcmp(f->sender.node, s->output->sender->node, WIRE_ID_SIZE))
		return;
	queue_acknowledge(s->queue, f->sender.session, f->sequence);
	output_trim(s->output);
	route_good(&s->route);
	if (f->at < f->end)
		s->accepts = *f->at;
	s->heard_ns = clock_mono_ns();
}

/* That of the oldest frame, as that goes first. */
static uint32_t oldest_key(const struct stream *s)
{
	const struct queue_frame *first = queue_first(s->queue);

	return first ? wire_key_of(first->data) : s->output->sealing.seal.id;
}

/* What @no_key_text says is told once, so it stays where it is. */
static const char *name_key(struct stream *s)
{
	snprintf(
		s->no_key_text, sizeof(s->no_key_text),
		"it does not know the key %08x of this node's frames: it was withdrawn, or is not there yet; give it the key again, or make one for both with 'ktach-collector key --node'",
		oldest_key(s));
	return s->no_key_text;
}

/* It is about the oldest frame; an older answer is not, nor is one that somebody got
 * who named another key.
 */
static void refused(struct stream *s, const struct wire_frame *f)
{
	const struct queue_frame *first = queue_first(s->queue);
	struct refusal *r = &s->output->refusal;
	uint32_t key = oldest_key(s), present = s->output->sealing.seal.id;

	if (!first || first->session != f->sender.session ||
	    first->sequence != f->sequence || !wire_no_key_is_of(f, key))
		return;
	name_key(s);
	refusal_count(r, key, present);
	s->no_key = true;
	if (key != present && r->count == 1)
		log_warn(
			"%s does not know the key %08x of older frames; after %d attempts they are given up, unless it gets that key again",
			s->route.name, key, REFUSALS_MAX);
}

/* One for another node, or for a session that is over, is not for us. */
static void requested(struct stream *s, const struct wire_frame *f)
{
	const struct wire_sender *us = s->output->sender;

	if (s->request && f->sender.session == us->session &&
	    !memcmp(f->sender.node, us->node, WIRE_ID_SIZE))
		s->request(s->owner, f);
}

static void answered(struct stream *s, const struct wire_frame *f)
{
	if (f->kind == WIRE_ACK)
		acknowledged(s, f);
	else if (f->kind == WIRE_REQUEST)
		requested(s, f);
	else if (f->kind == WIRE_REFUSED)
		s->refusal = refused_read(f, s->moved_to, sizeof(s->moved_to));
	else
		refused(s, f);
}

/* An answer under a key that we don't have is for somebody who has it. */
static bool is_for_others(const struct wire_frame *f)
{
	return f->kind == WIRE_NO_KEY;
}

static void take_hint(struct stream *s, const struct wire_frame *f)
{
	if (wire_no_key_is_of(f, oldest_key(s)))
		s->refusal = name_key(s);
}

/* Forget the first bytes of @in; those of them that are still to come, too. */
static void pass_over(struct stream *s, size_t size)
{
	size_t here = size < s->in_size ? size : s->in_size;

	s->skip = size - here;
	s->in_size -= here;
	memmove(s->in, s->in + here, s->in_size);
}

/* A request that is larger than @in, if somebody takes it. */
static bool begin_large(struct stream *s, size_t size)
{
	if (wire_kind_of(s->in) != WIRE_REQUEST || !s->request ||
	    size > STREAM_REQUEST_MAX ||
	    !large_begin(&s->large, size, s->in, s->in_size))
		return false;
	s->in_size = 0;
	return true;
}

static bool take_large(struct stream *s)
{
	struct large *l = &s->large;
	struct wire_frame f;
	bool good;

	if (l->used < l->size)
		return true;
	good = sealing_answer(&s->output->sealing, &f, l->data, l->size);
	if (good)
		answered(s, &f);
	large_end(l);
	return good;
}

/* Take the whole frames out of @in; false if there is something else. A kind
 * that is not known is dropped, whatever its size: a newer collector sends it.
 */
static bool take_answers(struct stream *s)
{
	struct wire_frame f = { 0 };
	enum wire_error error;
	size_t size;

	while (!(error = wire_size(s->in, s->in_size, &size))) {
		if (!wire_is_known(s->in)) {
			s->unknown++;
			pass_over(s, size);
			continue;
		}
		if (size > s->in_size)
			return size <= sizeof(s->in) || begin_large(s, size);
		if (sealing_is_hint(&s->output->sealing, &f, s->in, size))
			take_hint(s, &f);
		else if (sealing_answer(&s->output->sealing, &f, s->in, size))
			answered(s, &f);
		else if (!is_for_others(&f))
			return false;
		pass_over(s, size);
	}
	return error == WIRE_E_SHORT;
}

static void receive(struct stream *s)
{
	s->receiving = true;
	if (s->large.data)
		loop_recv(s->loop, &s->receive, s->fd,
			  s->large.data + s->large.used,
			  s->large.size - s->large.used);
	else
		loop_recv(s->loop, &s->receive, s->fd, s->in + s->in_size,
			  sizeof(s->in) - s->in_size);
}

/*
 * The last frame of a connection, for a collector that takes it: where the node is
 * to be found from now on. It is sent at once or not at all.
 */
static void tell_leaving(struct stream *s, const char *where)
{
	uint8_t frame[WIRE_HEADER_SIZE + PEER_SIZE + WIRE_SEAL_SIZE];
	const struct output *o = s->output;
	const uint8_t *sealed;
	size_t size;

	if (!(s->accepts & WIRE_ACCEPTS_LEAVING) || s->sending || s->sent)
		return;
	size = wire_message(frame, WIRE_LEAVING, o->sender, o->sequence,
			    clock_real_ns(), where, strlen(where));
	sealed = sealing_frame(&s->output->sealing, frame, &size);
	(void)!send(s->fd, sealed, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A spare is left once it has acknowledged all that it got: what it may have
 * stored otherwise would come to the other one, too.
 */
static bool goes_home(struct stream *s)
{
	if (!s->going || awaits(s))
		return false;
	tell_leaving(s, route_preferred(&s->route));
	s->home = true;
	shut(s);
	return true;
}

static void go_home_or_on(struct stream *s)
{
	if (!goes_home(s))
		receive(s);
}

static void receive_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *s = container_of(op, struct stream, receive);

	s->receiving = false;
	if (s->state == STREAM_CLOSING) {
		closed(s);
		return;
	}
	if (result <= 0) {
		failed(s, "connection lost", result ? -result : ECONNRESET);
		return;
	}
	if (s->large.data)
		s->large.used += (size_t)result;
	else
		s->in_size += (size_t)result;
	pass_over(s, s->skip);
	if (s->large.data ? !take_large(s) : !take_answers(s))
		failed(s, "this is no ktach collector", EPROTO);
	else if (s->no_key || s->refusal)
		failed(s, s->no_key ? s->no_key_text : s->refusal, 0);
	else
		go_home_or_on(s);
}

static void connect_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *s = container_of(op, struct stream, connect);

	s->connecting = false;
	if (s->state == STREAM_CLOSING) {
		closed(s);
		return;
	}
	if (s->timing && result < 0)
		loop_cancel(s->loop, &s->timer);
	if (result < 0) {
		failed(s, "cannot connect",
		       result == -ECANCELED ? ETIMEDOUT : -result);
		return;
	}
	s->connects++;
	if (s->last != s->route.current || s->route.named[0] ||
	    s->connects == 1)
		s->output->anew = true;
	s->last = s->route.current;
	s->state = STREAM_UP;
	s->sent = 0;
	s->in_size = 0;
	s->skip = 0;
	s->no_key = false;
	s->refusal = NULL;
	s->moved_to[0] = '\0';
	s->accepts = 0;
	s->going = false;
	queue_rewind(s->queue);
	output_give_up(s->output);
	receive(s);
	send_next(s);
}

/* When it goes on, it finds the word among what it has not read yet. */
static void leave_hung(struct stream *s)
{
	const char *next = route_next(&s->route);

	if (next)
		tell_leaving(s, next);
	failed(s,
	       "it takes frames and acknowledges none: it hangs, or cannot write its history",
	       0);
}

/*
 * A collector that hangs is not seen by TCP: its kernel goes on to acknowledge.
 * So the collector's own acknowledgements have a deadline, while any are due.
 */
static void look_for_answer(struct stream *s)
{
	uint64_t due_ns = s->heard_ns + s->patience_ns;

	if (!awaits(s))
		return;
	/* The deadline often falls together with a send, which goes first: the
	 * word that the node leaves stands behind whole frames only.
	 */
	if (s->sending && clock_mono_ns() < due_ns + SEND_NS)
		due_ns += SEND_NS;
	if (clock_mono_ns() < due_ns)
		await_until(s, due_ns);
	else
		leave_hung(s);
}

static void timer_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *s = container_of(op, struct stream, timer);

	s->timing = false;
	if (s->state == STREAM_CLOSING)
		closed(s);
	else if (s->state == STREAM_CONNECTING && result == -ETIME)
		loop_cancel(s->loop, &s->connect);
	else if (s->state == STREAM_UP)
		look_for_answer(s);
}

/* Frames are small and go at once; a peer that is silent is given up. */
static void tune(int fd)
{
	int on = 1, silence_ms = SILENCE_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms,
		   sizeof(silence_ms));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

static void found(void *context, const struct address *a)
{
	struct stream *s = context;

	s->address = *a;
	s->fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		failed(s, "cannot make a socket", errno);
		return;
	}
	tune(s->fd);
	s->state = STREAM_CONNECTING;
	s->connecting = true;
	s->timing = true;
	loop_timeout(s->loop, &s->timer, clock_mono_ns() + CONNECT_NS);
	loop_connect(s->loop, &s->connect, s->fd,
		     (const struct sockaddr *)&s->address.storage,
		     s->address.size);
}

static void ready(void *carrier)
{
	struct stream *s = carrier;

	if (s->state == STREAM_UP && route_go_home(&s->route))
		s->going = true;
	if (s->state == STREAM_UP && !goes_home(s))
		send_next(s);
}

int stream_open(struct stream *s, struct loop *loop, struct output *output,
		const char *to, uint64_t patience_ns)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	list_init(&s->words);
	s->connect.done = connect_done;
	s->send.done = send_done;
	s->receive.done = receive_done;
	s->timer.done = timer_done;
	s->loop = loop;
	s->output = output;
	s->queue = output->queue;
	s->patience_ns = patience_ns;
	err = route_init(&s->route, loop, to, output->sender->node, found, s);
	if (err)
		return err;
	output_frame_max(output, STREAM_FRAME_MAX);
	output->ready = ready;
	output->carrier = s;
	route_try(&s->route);
	return 0;
}

/* Nothing new is sent; what was sent has a while to be acknowledged, so that
 * the next collector doesn't get it, too.
 */
static bool awaited(struct stream *s)
{
	uint64_t now_ns = clock_mono_ns();

	if (!s->stop_by_ns)
		s->stop_by_ns = now_ns + STOP_NS;
	return s->state == STREAM_UP && now_ns < s->stop_by_ns && awaits(s);
}

void stream_goes_to(struct stream *s, const char *where)
{
	snprintf(s->goes_to, sizeof(s->goes_to), "%s", where);
}

bool stream_stop(struct stream *s)
{
	if (awaited(s))
		return false;
	if (s->state == STREAM_UP && s->goes_to[0])
		tell_leaving(s, s->goes_to);
	if (s->state == STREAM_CONNECTING || s->state == STREAM_UP)
		shut(s);
	return route_stop(&s->route) && s->state == STREAM_WAITING;
}

void stream_close(struct stream *s)
{
	large_end(&s->large);
	if (s->fd >= 0)
		close(s->fd);
}
