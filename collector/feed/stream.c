// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/agents/relay.h"
#include "collector/feed/ack.h"
#include "collector/feed/ingest.h"
#include "collector/feed/ingest_drop.h"
#include "collector/history/store.h"
#include "collector/feed/stream.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	IDLE_S = 60, /* then TCP asks whether the peer is there */
	ASK_S = 20, /* and asks again */
	SILENCE_MS = 60000, /* of its TCP: it is not */
	IN_STEP = 512, /* memory of frames that are not whole */
	OUT_SIZE = STREAM_ACKS * ACK_SIZE_MAX,
};

/* A sender with frames so old has a backlog to send. */
#define BEHIND_NS UINT64_C(60000000000)

/* How often one who waits is told that we are alive. */
#define ALIVE_NS UINT64_C(3000000000)

void stream_free(struct stream *c)
{
	struct streams *s = c->streams;

	s->all[c->id % STREAMS_MAX] = NULL;
	s->count--;
	s->ending--;
	close(c->fd);
	if (s->ingest->feed->relay)
		relay_lost(s->ingest->feed->relay, c->id);
	free(c->in);
	free(c->out);
	free(c->request);
	free(c);
}

static void in_free(struct stream *c)
{
	free(c->in);
	c->in = NULL;
	c->in_size = 0;
	c->in_room = 0;
}

void stream_end(struct stream *c)
{
	if (!c->taking)
		in_free(c);
	if (!c->closing) {
		places_leave(&c->streams->places, &c->place);
		c->streams->ending++;
		shutdown(c->fd, SHUT_RDWR);
	}
	c->closing = true;
	if (!c->receiving && !c->sending && !c->requesting && !c->taking)
		stream_free(c);
}

/* Behind whole acknowledgements. */
static bool send_request(struct stream *c)
{
	if (!c->request || (c->out_size && !c->request_sent))
		return false;
	c->requesting = true;
	loop_send(c->streams->loop, &c->send, c->fd,
		  c->request + c->request_sent,
		  c->request_size - c->request_sent);
	return true;
}

void stream_send_acks(struct stream *c)
{
	if (c->sending || c->requesting || c->closing || send_request(c) ||
	    !c->out_size)
		return;
	c->sending = c->out_size;
	loop_send(c->streams->loop, &c->send, c->fd, c->out, c->sending);
}

/* Another one may wait for its turn. */
static void request_sent(struct stream *c, size_t size)
{
	c->request_sent += size;
	if (c->request_sent < c->request_size)
		return;
	free(c->request);
	c->request = NULL;
	relay_wake(c->streams->ingest->feed->relay);
}

static void send_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *c = container_of(op, struct stream, send);
	bool request = c->requesting;

	c->sending = 0;
	c->requesting = false;
	if (c->closing || result <= 0) {
		stream_end(c);
		return;
	}
	if (request) {
		request_sent(c, (size_t)result);
		stream_send_acks(c);
		return;
	}
	c->out_size -= (size_t)result;
	memmove(c->out, c->out + result, c->out_size);
	stream_send_acks(c);
}

/* A connection that sends nothing needs no memory for answers. */
static bool out_open(struct stream *c)
{
	if (!c->out)
		c->out = malloc(OUT_SIZE);
	return c->out;
}

/* A newer acknowledgement takes the place of one that was not sent yet. */
void stream_acknowledge(struct stream *c, const struct store_mark *m,
			uint64_t sequence)
{
	if (c->out_size > c->sending && c->out_session == m->session)
		c->out_size -= c->out_last;
	if (!out_open(c) || c->out_size + ACK_SIZE_MAX > OUT_SIZE) {
		stream_end(c); /* it sends frames, and does not read answers */
		return;
	}
	c->out_last = ack_make(c->streams->ingest->feed, m, sequence,
			       c->out + c->out_size);
	c->out_size += c->out_last;
	c->out_session = m->session;
}

/* Then nothing is taken until it goes; the answer stays in the queue, whatever is
 * acknowledged after it.
 */
static void begin_refusal(struct stream *c)
{
	c->refused_ns = clock_mono_ns();
	c->out_session = 0;
}

static void refuse_key(struct stream *c, const struct store_mark *m)
{
	begin_refusal(c);
	if (out_open(c))
		c->out_size += ack_no_key(c->streams->ingest->feed, m,
					  c->out + c->out_size,
					  OUT_SIZE - c->out_size);
}

/* The same with another reason, to a sender that understands it. */
static void tell_refusal(struct stream *c, const struct store_mark *m)
{
	struct ingest *in = c->streams->ingest;

	if (!in->refusal || !out_open(c) ||
	    c->out_size + ACK_REFUSED_MAX > OUT_SIZE) {
		stream_end(c);
		return;
	}
	begin_refusal(c);
	c->out_size += ack_refused(in->feed, m, in->refusal, in->where,
				   c->out + c->out_size);
}

static bool is_behind(const void *header)
{
	struct wire_frame f;

	wire_peek(&f, header);
	return f.time + BEHIND_NS < clock_real_ns();
}

/*
 * Old samples wait while the history is busy, so that those of now are taken
 * first. What is not read is the sender's: here it would need memory.
 */
static bool has_to_wait(struct stream *c, const uint8_t *header)
{
	switch (store_load(c->streams->ingest->feed->store)) {
	case STORE_FULL:
		return true;
	case STORE_BUSY:
		return header ? is_behind(header) : c->behind;
	case STORE_FREE:
		break;
	}
	return false;
}

static void frame_is_good(struct stream *c, const uint8_t *frame)
{
	c->behind = is_behind(frame);
	places_sent(&c->streams->places, &c->place, clock_mono_ns());
}

/* If it were closed, it would come back at once: so it stays open, and what it sends
 * is not looked at for a while.
 */
static void refuse_clone(struct stream *c, const struct store_mark *m)
{
	if (c->streams->ingest->refusal)
		tell_refusal(c, m);
	else
		c->refused_ns = clock_mono_ns();
}

/* Whose frame it is. */
static void name_header(struct store_mark *m, const uint8_t *header)
{
	struct wire_frame f;

	wire_peek(&f, header);
	memcpy(m->node, f.sender.node, sizeof(m->node));
	m->session = f.sender.session;
	m->key = f.flags & WIRE_SEALED ? f.check : 0;
}

/*
 * A sender that has to wait would take us for hung after a while, and go elsewhere
 * with what it sent: an acknowledgement of nothing new tells that we are alive.
 */
void stream_tell_alive(struct stream *c, uint64_t now_ns)
{
	if (!c->paused || c->closing || c->left || !c->last.session ||
	    now_ns - c->alive_ns < ALIVE_NS || !out_open(c) ||
	    !store_alive(c->streams->ingest->feed->store, now_ns - ALIVE_NS))
		return;
	c->alive_ns = now_ns;
	stream_acknowledge(c, &c->last, 0);
}

/* Whether a frame that cannot be taken now is to wait. One that is not good is not,
 * whatever the history does; one that is shows whose connection it is: it then
 * has a place, and is told that we are alive.
 */
static bool is_worth_waiting(struct stream *c, const uint8_t *frame,
			     size_t size)
{
	if (c->place.sender)
		return true;
	if (!ingest_check(c->streams->ingest, frame, size))
		return false;
	name_header(&c->last, frame);
	frame_is_good(c, frame);
	return true;
}

/* Return false if nothing more can be done now. */
static bool take_frame(struct stream *c, const uint8_t *frame, size_t size)
{
	struct store_mark mark = { .connection = c->id };

	if (c->left && wire_kind_of(frame) == WIRE_SAMPLES) {
		ingest_drop_left(c->streams->ingest, frame, &c->last, &c->from);
		return true;
	}
	if (has_to_wait(c, frame) && is_worth_waiting(c, frame, size)) {
		c->paused = true;
		return false;
	}
	switch (ingest_stream(c->streams->ingest, frame, size, &c->from,
			      &mark)) {
	case INGEST_STORED:
		c->last = mark;
		frame_is_good(c, frame);
		stream_acknowledge(c, &mark, mark.stored);
		break;
	case INGEST_BUSY:
		c->last = mark;
		frame_is_good(c, frame);
		c->paused = true;
		return false;
	case INGEST_REFUSED:
		tell_refusal(c, &mark);
		return false;
	case INGEST_NO_KEY:
		refuse_key(c, &mark);
		return false;
	case INGEST_CLONE:
		refuse_clone(c, &mark);
		return false;
	case INGEST_TAKEN:
		c->last = mark;
		frame_is_good(c, frame);
		break;
	case INGEST_DROPPED:
		break;
	}
	return !c->closing;
}

/* Memory is taken for bytes that have come, not for a size that was announced. */
void stream_receive(struct stream *c)
{
	c->receiving = true;
	loop_poll(c->streams->loop, &c->receive, c->fd, POLLIN);
}

/* Take the whole frames at the head of @data; returns their bytes. */
static size_t take_frames(struct stream *c, const uint8_t *data, size_t have)
{
	size_t size, at = 0;
	enum wire_error error;

	for (;;) {
		error = wire_size(data + at, have - at, &size);
		if (error == WIRE_E_SHORT)
			return at;
		if (error) {
			ingest_drop(c->streams->ingest, error, &c->from);
			stream_end(c);
			return 0;
		}
		if (size > have - at || !take_frame(c, data + at, size))
			return at;
		at += size;
	}
}

static bool in_grow(struct stream *c, size_t room)
{
	uint8_t *in;

	if (room <= c->in_room)
		return true;
	room = (room + IN_STEP - 1) / IN_STEP * IN_STEP;
	in = realloc(c->in, room);
	if (!in)
		return false;
	c->in = in;
	c->in_room = room;
	return true;
}

/* Keep the beginning of a frame. Without memory for it the connection is closed, and
 * the sender sends the frame again.
 */
static void keep_rest(struct stream *c, const uint8_t *rest, size_t size)
{
	if (!size) {
		in_free(c);
	} else if (!in_grow(c, size)) {
		stream_end(c);
	} else {
		memmove(c->in, rest, size);
		c->in_size = size;
	}
	if (!c->closing)
		places_half(&c->streams->places, &c->place, c->in_room,
			    !c->paused, clock_mono_ns());
}

/* Go on receiving, unless receiving has ended. */
static void take_bytes(struct stream *c, const uint8_t *data, size_t size)
{
	size_t at;

	c->taking = true;
	at = take_frames(c, data, size);
	c->taking = false;
	if (c->refused_ns)
		at = size;
	if (!c->closing)
		keep_rest(c, data + at, size - at);
	if (c->closing) {
		stream_end(c);
		return;
	}
	stream_send_acks(c);
	if (!c->paused)
		stream_receive(c);
}

/* How much of the head of the next frame there is, without taking it. One that has
 * sent no good frame yet is heard.
 */
static bool next_waits(struct stream *c)
{
	uint8_t header[WIRE_HEADER_SIZE];
	bool whole;

	if (c->in_size || c->refused_ns || !c->place.sender)
		return false;
	if (store_load(c->streams->ingest->feed->store) == STORE_FREE)
		return false;
	whole = recv(c->fd, header, sizeof(header), MSG_PEEK | MSG_DONTWAIT) ==
		sizeof(header);
	return has_to_wait(c, whole ? header : NULL);
}

/* How much to read of one at once. While the history is busy, of one that has sent no
 * good frame yet, that frame: what is behind it is the sender's.
 */
static size_t most_to_read(const struct stream *c)
{
	size_t size = WIRE_HEADER_SIZE;

	if (c->place.sender || c->refused_ns ||
	    store_load(c->streams->ingest->feed->store) == STORE_FREE)
		return WIRE_FRAME_MAX;
	if (c->in_size >= WIRE_HEADER_SIZE)
		wire_size(c->in, c->in_size, &size);
	return size - c->in_size;
}

/*
 * A large half frame is gone on with where it is; else all that is there comes
 * in one go, behind what is left of the last time.
 */
static ssize_t receive_some(struct stream *c, uint8_t **data)
{
	struct streams *s = c->streams;
	size_t room = 2 * c->in_size, most = most_to_read(c);

	if (c->in_size <= STREAM_SMALL) {
		*data = s->scratch;
		memcpy(s->scratch, c->in ? c->in : s->scratch, c->in_size);
		return recv(c->fd, s->scratch + c->in_size, most, MSG_DONTWAIT);
	}
	if (room > WIRE_FRAME_MAX)
		room = WIRE_FRAME_MAX;
	if (!in_grow(c, room)) {
		errno = ENOMEM;
		return -1;
	}
	*data = c->in;
	room = c->in_room - c->in_size;
	return recv(c->fd, c->in + c->in_size, room < most ? room : most,
		    MSG_DONTWAIT);
}

static void receive_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *c = container_of(op, struct stream, receive);
	struct streams *s = c->streams;
	uint8_t *data;
	ssize_t n;

	streams_look_for_leavers(s);
	c->receiving = false;
	if (c->closing || result <= 0) {
		stream_end(c);
		return;
	}
	if (next_waits(c)) {
		c->paused = true;
		return;
	}
	n = receive_some(c, &data);
	if (n < 0 && errno == EAGAIN) {
		stream_receive(c);
		return;
	}
	if (n <= 0) {
		stream_end(c);
		return;
	}
	if (c->refused_ns) {
		stream_receive(c);
		return;
	}
	take_bytes(c, data, c->in_size + (size_t)n);
	if (s->places.half_bytes > s->places.limit.half_max)
		streams_end_overdue(s);
}

static void tune(int fd)
{
	int on = 1, idle_s = IDLE_S, ask_s = ASK_S, silence_ms = SILENCE_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &ask_s, sizeof(ask_s));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms,
		   sizeof(silence_ms));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void stream_resume(struct stream *c)
{
	if (has_to_wait(c, NULL))
		return;
	c->paused = false;
	take_bytes(c, c->in, c->in_size);
}

struct stream *stream_new(struct streams *s, int fd, const struct address *from)
{
	struct stream *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->receive.done = receive_done;
	c->send.done = send_done;
	c->streams = s;
	c->fd = fd;
	c->from.address = *from;
	tune(fd);
	return c;
}
