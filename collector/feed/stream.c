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

#include "collector/feed/ack.h"
#include "collector/feed/ingest.h"
#include "collector/history/store.h"
#include "collector/feed/stream.h"
#include "lib/clock.h"
#include "lib/log.h"

enum {
	IDLE_S = 60, /* then TCP asks whether the peer is there */
	SILENCE_MS = 60000, /* of its TCP: it is not */
};

/* How long a sender whose key is not known has to take its answer; and a clone
 * to wait before it may ask again.
 */
#define REFUSED_NS UINT64_C(5000000000)

/* Ticks come once a second: after a longer pause this process was stopped. */
#define STALL_NS UINT64_C(2000000000)

#define stream_of(op, member) \
	((struct stream *)((char *)(op)-offsetof(struct stream, member)))

static void stream_free(struct stream *c)
{
	struct streams *s = c->streams;

	s->all[c->id % STREAMS_MAX] = NULL;
	s->count--;
	close(c->fd);
	free(c->in);
	free(c);
}

/* It goes when the kernel is through with its memory. */
static void stream_end(struct stream *c)
{
	if (!c->closing)
		shutdown(c->fd, SHUT_RDWR);
	c->closing = true;
	if (!c->receiving && !c->sending && !c->taking)
		stream_free(c);
}

static void send_acks(struct stream *c)
{
	if (c->sending || c->closing || !c->out_size)
		return;
	c->sending = c->out_size;
	loop_send(c->streams->loop, &c->send, c->fd, c->out, c->sending);
}

static void send_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *c = stream_of(op, send);

	c->sending = 0;
	if (c->closing || result <= 0) {
		stream_end(c);
		return;
	}
	c->out_size -= (size_t)result;
	memmove(c->out, c->out + result, c->out_size);
	send_acks(c);
}

/* A newer acknowledgement takes the place of one that was not sent yet. */
static void acknowledge(struct stream *c, const struct store_mark *m,
			uint64_t sequence)
{
	if (c->out_size > c->sending && c->out_session == m->session)
		c->out_size -= c->out_last;
	if (c->out_size + WIRE_HEADER_SIZE + WIRE_SEAL_SIZE > sizeof(c->out)) {
		stream_end(c); /* it sends, and does not listen */
		return;
	}
	c->out_last = ack_make(c->streams->ingest->feed, m, sequence,
			       c->out + c->out_size);
	c->out_size += c->out_last;
	c->out_session = m->session;
}

/* Then nothing is taken until it goes. */
static void refuse_key(struct stream *c, const struct store_mark *m)
{
	c->refused_ns = clock_mono_ns();
	c->out_size += ack_no_key(c->streams->ingest->feed, m,
				  c->out + c->out_size,
				  sizeof(c->out) - c->out_size);
}

/* False: nothing more can be done now. */
static bool take_frame(struct stream *c, const uint8_t *frame, size_t size)
{
	struct store_mark mark = { .connection = c->id };

	if (c->left) {
		ingest_drop(c->streams->ingest, DROP_LEFT, c->from);
		return true;
	}
	switch (ingest_stream(c->streams->ingest, frame, size, c->from,
			      &mark)) {
	case INGEST_STORED:
		acknowledge(c, &mark, mark.stored);
		break;
	case INGEST_BUSY:
		c->paused = true;
		return false;
	case INGEST_REFUSED:
		stream_end(c);
		return false;
	case INGEST_NO_KEY:
		refuse_key(c, &mark);
		return false;
	case INGEST_CLONE:
		c->refused_ns = clock_mono_ns();
		return false;
	case INGEST_TAKEN:
	case INGEST_DROPPED:
		break;
	}
	return !c->closing;
}

static void receive(struct stream *c)
{
	c->receiving = true;
	loop_recv(c->streams->loop, &c->receive, c->fd, c->in + c->in_size,
		  WIRE_FRAME_MAX - c->in_size);
}

/* Take the whole frames at the head of @in; returns their bytes. */
static size_t take_frames(struct stream *c)
{
	size_t size, at = 0;
	enum wire_error error;

	for (;;) {
		error = wire_size(c->in + at, c->in_size - at, &size);
		if (error == WIRE_E_SHORT)
			return at;
		if (error) {
			ingest_drop(c->streams->ingest, error, c->from);
			stream_end(c);
			return 0;
		}
		if (size > c->in_size - at || !take_frame(c, c->in + at, size))
			return at;
		at += size;
	}
}

/* Then go on receiving, unless that has ended. */
static void take(struct stream *c)
{
	size_t at;

	c->taking = true;
	at = take_frames(c);
	c->taking = false;
	if (c->refused_ns)
		at = c->in_size;
	if (c->closing) {
		stream_end(c);
		return;
	}
	c->in_size -= at;
	memmove(c->in, c->in + at, c->in_size);
	send_acks(c);
	if (!c->paused)
		receive(c);
}

static bool peer_is_gone(int fd)
{
	uint8_t state = TCP_ESTABLISHED; /* the first byte of tcp_info */
	socklen_t size = sizeof(state);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &size);
	return state != TCP_ESTABLISHED;
}

/*
 * A process that was stopped finds frames whose senders have left meanwhile: to
 * another collector, as nothing was acknowledged here. What they sent is not
 * taken, and what was not written yet is not kept, or it would be in two
 * histories.
 */
static void look_for_leavers(struct streams *s)
{
	uint64_t now_ns = clock_mono_ns(), last_ns = s->awake_ns;
	size_t i;

	s->awake_ns = now_ns;
	if (now_ns - last_ns < STALL_NS)
		return;
	for (i = 0; i < STREAMS_MAX; i++) {
		struct stream *c = s->all[i];

		if (!c || c->left || !peer_is_gone(c->fd))
			continue;
		c->left = true;
		store_withdraw(s->ingest->feed->store, c->id);
	}
}

static void receive_done(struct loop_op *op, int result, uint32_t flags)
{
	struct stream *c = stream_of(op, receive);

	look_for_leavers(c->streams);
	c->receiving = false;
	if (c->closing || result <= 0) {
		stream_end(c);
		return;
	}
	if (c->refused_ns) {
		receive(c);
		return;
	}
	c->in_size += (size_t)result;
	take(c);
}

static void tune(int fd)
{
	int on = 1, idle_s = IDLE_S, silence_ms = SILENCE_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms,
		   sizeof(silence_ms));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Places are used in turn, so that an id does not come again soon. */
static bool place(struct streams *s, struct stream *c)
{
	if (s->count == STREAMS_MAX)
		return false;
	do {
		c->id = ++s->accepted;
	} while (s->all[c->id % STREAMS_MAX]);
	s->all[c->id % STREAMS_MAX] = c;
	s->count++;
	return true;
}

static void stream_new(struct streams *s, int fd)
{
	struct address from = { .size = sizeof(from.storage) };
	struct stream *c = calloc(1, sizeof(*c));
	uint8_t *in = malloc(WIRE_FRAME_MAX);

	if (!c || !in || !place(s, c)) {
		log_warn("a connection is refused: too many, or no memory");
		free(in);
		free(c);
		close(fd);
		return;
	}
	c->receive.done = receive_done;
	c->send.done = send_done;
	c->streams = s;
	c->fd = fd;
	c->in = in;
	getpeername(fd, (struct sockaddr *)&from.storage, &from.size);
	from.family = from.storage.ss_family;
	address_format(&from, c->from, sizeof(c->from));
	tune(fd);
	receive(c);
}

static void accept_more(struct streams *s)
{
	loop_poll(s->loop, &s->accept, s->fd, POLLIN);
	s->accepting = true;
}

/* After an error (too many open files) it begins again with the next tick. */
static void acceptable(struct loop_op *op, int result, uint32_t flags)
{
	struct streams *s = (struct streams *)op;
	int fd;

	s->accepting = false;
	do {
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			stream_new(s, fd);
	} while (fd >= 0);
	if (errno == EAGAIN || errno == ECONNABORTED)
		accept_more(s);
}

static void settle_one(void *context, const struct store_mark *mark)
{
	struct streams *s = context;
	struct stream *c = s->all[mark->connection % STREAMS_MAX];

	feed_settled(s->ingest->feed, mark);
	if (!c || c->id != mark->connection || c->closing)
		return;
	if (mark->kept)
		acknowledge(c, mark, mark->stored);
	else
		stream_end(c);
}

static void resume(struct stream *c)
{
	if (c->closing || !c->paused)
		return;
	c->paused = false;
	take(c);
}

void streams_tick(struct streams *s)
{
	uint64_t now_ns = clock_mono_ns();
	size_t i, left = s->count;

	look_for_leavers(s);
	if (!s->accepting)
		accept_more(s);
	for (i = 0; i < STREAMS_MAX && left; i++) {
		struct stream *c = s->all[i];

		if (!c)
			continue;
		left--;
		send_acks(c);
		if (c->refused_ns && now_ns - c->refused_ns > REFUSED_NS)
			stream_end(c);
		else
			resume(c);
	}
}

static void watch_store(struct streams *s)
{
	loop_poll(s->loop, &s->settled,
		  store_fd(s->ingest->feed->store, s->ingest->outlet), POLLIN);
}

static void settle(struct streams *s)
{
	store_settled(s->ingest->feed->store, s->ingest->outlet, settle_one, s);
}

static void settled(struct loop_op *op, int result, uint32_t flags)
{
	struct streams *s =
		(struct streams *)((char *)op -
				   offsetof(struct streams, settled));

	settle(s);
	streams_tick(s);
	watch_store(s);
}

/* Ids of other threads' connections are others. */
void streams_open(struct streams *s, struct loop *loop, struct ingest *ingest,
		  int fd)
{
	memset(s, 0, sizeof(*s));
	s->accept.done = acceptable;
	s->settled.done = settled;
	s->loop = loop;
	s->ingest = ingest;
	s->fd = fd;
	s->accepted = (uint64_t)ingest->outlet << 32;
	s->awake_ns = clock_mono_ns();
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	settle(s);
	accept_more(s);
	watch_store(s);
}

void streams_close(struct streams *s)
{
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (s->all[i])
			stream_free(s->all[i]);
	close(s->fd);
}
