// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/feed/ingest.h"
#include "collector/feed/stream.h"
#include "collector/history/store.h"
#include "lib/base/barrier.h"
#include "lib/base/clock.h"

enum {
	RECEIVE_BYTES = 64 << 10, /* that the kernel keeps of a connection */
	TRIM_BYTES = 8 << 20, /* of half frames that are gone: worth a trim */
	ENDING_MAX = STREAMS_SPARE, /* then no more are accepted for now */
};

/* How long a sender whose key is not known has to take its answer; and a clone
 * to wait before it may ask again.
 */
#define REFUSED_NS UINT64_C(5000000000)

/* Ticks come once a second: after a longer pause this process was stopped. */
#define STALL_NS UINT64_C(2000000000)

/* Places are used in turn, so that an id does not come again soon. */
static void place(struct streams *s, struct stream *c)
{
	do {
		c->id = ++s->accepted;
	} while (s->all[c->id % STREAMS_MAX]);
	s->all[c->id % STREAMS_MAX] = c;
	s->count++;
}

/* End connections whose time is over, or that hold more memory than there is for half
 * frames.
 */
void streams_end_overdue(struct streams *s)
{
	uint64_t now_ns = clock_mono_ns();
	struct place *place;
	enum refusal why;

	while ((place = places_overdue(&s->places, now_ns, &why))) {
		struct stream *c = container_of(place, struct stream, place);

		refuse(why, peer_text(&c->from));
		stream_end(c);
	}
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
void streams_look_for_leavers(struct streams *s)
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

static void make_way(struct streams *s, const struct address *from,
		     uint64_t now_ns)
{
	struct place *place = places_in_the_way(&s->places, from, now_ns);
	struct stream *c;

	if (!place)
		return;
	c = container_of(place, struct stream, place);
	refuse(REFUSAL_FEED_SILENT, peer_text(&c->from));
	stream_end(c);
}

static void refuse_new(const struct address *from, enum refusal why)
{
	char text[80];

	address_format(from, text, sizeof(text));
	refuse(why, text);
}

static void stream_begin(struct streams *s, int fd)
{
	struct address from = { .size = sizeof(from.storage) };
	uint64_t now_ns = clock_mono_ns();
	enum refusal why;
	struct stream *c;

	getpeername(fd, (struct sockaddr *)&from.storage, &from.size);
	from.family = from.storage.ss_family;
	make_way(s, &from, now_ns);
	if (!places_free(&s->places, &from, &why)) {
		refuse_new(&from, why);
		close(fd);
		return;
	}
	c = stream_new(s, fd, &from);
	if (!c) {
		refuse_new(&from, REFUSAL_FEED_MEMORY);
		close(fd);
		return;
	}
	place(s, c);
	if (!places_enter(&s->places, &c->place, &from, now_ns)) {
		refuse(REFUSAL_FEED_MEMORY, peer_text(&c->from));
		stream_end(c);
		return;
	}
	stream_receive(c);
}

static void accept_more(struct streams *s)
{
	loop_poll(s->loop, &s->accept, s->fd, POLLIN);
	s->accepting = true;
}

/* Descriptors or memory are short: a little later there may be some. */
static bool is_shortage(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS ||
	       err == ENOMEM;
}

/* After a shortage it begins again with the next tick. */
static void acceptable(struct loop_op *op, int result, uint32_t flags)
{
	struct streams *s = (struct streams *)op;
	int fd = 0;

	s->accepting = false;
	while (fd >= 0 && s->ending < ENDING_MAX) {
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			stream_begin(s, fd);
	}
	if (fd < 0 && is_shortage(errno))
		refuse(REFUSAL_FEED_DESCRIPTORS, "the queue of new ones");
	else
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
		stream_acknowledge(c, mark, mark->stored);
	else
		stream_end(c);
}

/* The allocator keeps freed memory until it is told to give it back. */
static void give_back(struct streams *s)
{
	size_t now = s->places.half_bytes;

	if (now > s->half_peak)
		s->half_peak = now;
	if (s->half_peak < TRIM_BYTES || now > s->half_peak / 2)
		return;
	malloc_trim(0);
	s->half_peak = now;
}

/* A connection of a node whose key was revoked does not wait for its next frame. */
static void end_revoked(struct streams *s)
{
	struct feed *feed = s->ingest->feed;
	unsigned int now = load_relaxed(&feed->revocations);
	size_t i;

	if (now == s->revocations)
		return;
	s->revocations = now;
	for (i = 0; i < STREAMS_MAX; i++) {
		struct stream *c = s->all[i];

		if (!c || c->closing || !c->place.sender ||
		    !feed_is_revoked(feed, c->last.node, c->last.key))
			continue;
		refuse(REFUSAL_FEED_REVOKED, peer_text(&c->from));
		stream_end(c);
	}
}

/* A sender whose key is not known has read the answer by then. */
static void go_on(struct stream *c, uint64_t now_ns)
{
	stream_tell_alive(c, now_ns);
	stream_send_acks(c);
	if (c->refused_ns && now_ns - c->refused_ns > REFUSED_NS) {
		stream_end(c);
		return;
	}
	if (!c->paused || c->closing)
		return;
	places_sent(&c->streams->places, &c->place, now_ns);
	stream_resume(c);
}

/* Those that wait go on in turn, as the history may be full again before the
 * last one was reached.
 */
void streams_tick(struct streams *s)
{
	uint64_t now_ns = clock_mono_ns();
	size_t i, left, at;

	streams_look_for_leavers(s);
	if (!s->accepting)
		accept_more(s);
	streams_end_overdue(s);
	end_revoked(s);
	give_back(s);
	left = s->count;
	at = s->turn;
	for (i = 0; i < STREAMS_MAX && left; i++, at++) {
		struct stream *c = s->all[at % STREAMS_MAX];
		bool waits = c && c->paused;

		if (!c)
			continue;
		left--;
		go_on(c, now_ns);
		c = s->all[at % STREAMS_MAX];
		if (waits && c && !c->paused)
			s->turn = at + 1;
	}
}

static void watch_store(struct streams *s)
{
	loop_poll(s->loop, &s->settled,
		  store_fd(s->ingest->feed->store, s->ingest->outlet), POLLIN);
}

static void settle_all(struct streams *s)
{
	store_settled(s->ingest->feed->store, s->ingest->outlet, settle_one, s);
}

static void settled(struct loop_op *op, int result, uint32_t flags)
{
	struct streams *s =
		(struct streams *)((char *)op -
				   offsetof(struct streams, settled));

	settle_all(s);
	streams_tick(s);
	watch_store(s);
}

/* The connections of other threads have other ids. */
void streams_open(struct streams *s, struct loop *loop, struct ingest *ingest,
		  int fd, const struct places_limit *limit)
{
	int size = RECEIVE_BYTES;

	memset(s, 0, sizeof(*s));
	places_init(&s->places, limit);
	s->accept.done = acceptable;
	s->settled.done = settled;
	s->loop = loop;
	s->ingest = ingest;
	s->fd = fd;
	s->accepted = (uint64_t)ingest->outlet << 32;
	s->awake_ns = clock_mono_ns();
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	settle_all(s);
	accept_more(s);
	watch_store(s);
}

void streams_close(struct streams *s)
{
	size_t i;

	for (i = 0; i < STREAMS_MAX; i++) {
		if (!s->all[i])
			continue;
		places_leave(&s->places, &s->all[i]->place);
		stream_free(s->all[i]);
	}
	close(s->fd);
}
