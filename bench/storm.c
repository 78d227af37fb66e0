// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shippers that come back at once, each with a queue of frames that are up to an
 * hour old, and a few that send as things happen.
 *
 *   storm PORT SENDERS FRAMES LIVE
 *
 * A sender has a TCP connection and an id of its own; it sends its FRAMES and is
 * through when the last one is acknowledged. Of LIVE others each sends a frame a
 * second. Says "drained SECONDS live SECONDS": until all were through, and the longest
 * that a live frame waited for its acknowledgement.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/wire/wire.h"

#define S UINT64_C(1000000000)

enum {
	FRAME = 4096,
	CPUS = 8,
};

struct sender {
	struct wire_sender id;
	uint64_t next; /* frame to be sent */
	uint64_t acknowledged;
	uint64_t sent_ns; /* a live one's frame that is under way */
	size_t size, done; /* of the frame in @out */
	size_t have;
	uint8_t out[FRAME];
	uint8_t in[1024];
};

static struct wire_encoder encoder;
static uint64_t frames, session, worst_ns;
static struct sockaddr_in to = { .sin_family = AF_INET };

static void make_frame(struct sender *s, uint64_t time_ns)
{
	uint64_t cells[CPUS * WIRE_CPU_REQUIRED] = { 0 };
	struct wire_table t = { .kind = WIRE_CPU,
				.schema = 1,
				.origin = WIRE_ORIGIN_PROC,
				.sample = s->next,
				.real_ns = time_ns,
				.mono_ns = time_ns - session + 7200 * S,
				.columns = WIRE_CPU_REQUIRED,
				.rows = CPUS,
				.cells = cells };
	uint32_t i;

	for (i = 0; i < CPUS; i++) {
		cells[i * WIRE_CPU_REQUIRED] = i;
		cells[i * WIRE_CPU_REQUIRED + 2] = s->next * 123456789 + i;
	}
	wire_begin(&encoder, s->out, sizeof(s->out), time_ns);
	if (wire_put(&encoder, &t, 0) != CPUS)
		errx(1, "a frame is too short");
	s->size = wire_finish(&encoder, &s->id, s->next);
	s->done = 0;
	s->next++;
}

static int open_one(struct sender *s, uint32_t n)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memcpy(s->id.node, &n, sizeof(n));
	s->id.session = session;
	s->next = 1;
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connection %u", n);
	return fd;
}

static void read_acks(struct sender *s, int fd)
{
	struct wire_frame f;
	size_t size;
	ssize_t n = recv(fd, s->in + s->have, sizeof(s->in) - s->have,
			 MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		errx(1, "a sender was sent away");
	s->have += (size_t)n;
	while (!wire_size(s->in, s->have, &size) && size <= s->have) {
		if (!wire_head(&f, s->in, size) && f.kind == WIRE_ACK)
			s->acknowledged = f.sequence;
		s->have -= size;
		memmove(s->in, s->in + size, s->have);
	}
}

static void send_some(struct sender *s, int fd)
{
	ssize_t n = send(fd, s->out + s->done, s->size - s->done,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		s->done += (size_t)n;
}

static void send_queue(struct sender *s, int fd)
{
	do {
		if (s->done == s->size && s->next <= frames)
			make_frame(s, session - 3600 * S +
					      s->next * 3600 * S / frames);
		send_some(s, fd);
	} while (s->done == s->size && s->next <= frames);
}

/* An old queue: the next frame follows at once, as long as the socket takes it: none
 * waits for the turns of all the others, which are other hosts'.
 */
static bool go_on(struct sender *s, struct pollfd *p)
{
	if (p->revents & (POLLIN | POLLHUP))
		read_acks(s, p->fd);
	if (p->revents & POLLOUT)
		send_queue(s, p->fd);
	p->events = s->done < s->size || s->next <= frames ? POLLIN | POLLOUT :
							     POLLIN;
	return s->acknowledged == frames;
}

static void live(struct sender *s, struct pollfd *p)
{
	uint64_t now_ns = clock_mono_ns();

	read_acks(s, p->fd);
	if (s->sent_ns && s->acknowledged + 1 == s->next) {
		if (now_ns - s->sent_ns > worst_ns)
			worst_ns = now_ns - s->sent_ns;
	} else if (s->sent_ns) {
		return;
	}
	if (s->sent_ns && now_ns - s->sent_ns < S)
		return;
	make_frame(s, clock_real_ns());
	s->sent_ns = clock_mono_ns();
	while (s->done < s->size)
		send_some(s, p->fd);
}

int main(int argc, char **argv)
{
	uint32_t count, lives, i, left;
	struct rlimit limit;
	struct sender *s;
	struct pollfd *p;
	uint64_t start_ns;

	if (argc != 5)
		errx(2, "usage: storm PORT SENDERS FRAMES LIVE");
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	count = (uint32_t)atoi(argv[2]);
	frames = strtoull(argv[3], NULL, 10);
	lives = (uint32_t)atoi(argv[4]);
	session = clock_real_ns();
	s = calloc(count + lives, sizeof(*s));
	p = calloc(count + lives, sizeof(*p));
	if (!s || !p)
		err(1, "senders");
	start_ns = clock_mono_ns();
	for (i = 0; i < count + lives; i++)
		p[i] = (struct pollfd){ open_one(&s[i], i + 1),
					POLLIN | (i < count ? POLLOUT : 0), 0 };
	do {
		poll(p, count + lives, 100);
		for (i = left = 0; i < count; i++)
			left += !go_on(&s[i], &p[i]);
		for (; i < count + lives; i++)
			live(&s[i], &p[i]);
	} while (left);
	printf("drained %.1f live %.2f\n",
	       (double)(clock_mono_ns() - start_ns) / 1e9,
	       (double)worst_ns / 1e9);
	return 0;
}
