// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections to a collector's feed, each of a node of its own, that send one frame
 * in two parts, the first ten bytes and, a little later, the rest; then they listen.
 *
 *   waiting PORT FIRST COUNT SIZE old|new good|bad
 *
 * Nodes FIRST to FIRST + COUNT - 1, frames of SIZE bytes or more, of now or of an hour
 * ago; bad ones are broken. Says "there" when all is sent, and "open N stored N" at each
 * line of input: connections that are not closed, and those whose frame is
 * acknowledged.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/wire/pen.h"
#include "lib/wire/wire.h"

#define HOUR_NS UINT64_C(3600000000000)

enum {
	HEAD = 10,
	PART_US = 500,
	COUNT_MAX = 16384,
};

static struct one {
	int fd;
	bool closed;
	bool stored;
} all[COUNT_MAX];

static struct pollfd polls[COUNT_MAX + 1];
static uint8_t frame[WIRE_FRAME_MAX];

/* A table of a kind that nobody knows makes it as large as it is to be. */
static size_t make_frame(uint32_t node, size_t size, uint64_t time, bool bad)
{
	static const uint8_t nothing[WIRE_FRAME_MAX];
	struct wire_sender sender = { .session = 1 };
	struct wire_encoder e;
	struct pen p;

	memcpy(sender.node, &node, sizeof(node));
	wire_begin(&e, frame, sizeof(frame), time);
	p = (struct pen){ frame + e.used, sizeof(frame) - e.used };
	pen_varint(&p, WIRE_KINDS + 50);
	pen_varint(&p, 1);
	pen_varint(&p, size);
	pen_bytes(&p, nothing, size);
	e.used += p.used;
	size = wire_finish(&e, &sender, 1);
	frame[size - 1] ^= bad;
	return size;
}

static void send_part(struct one *o, const uint8_t *data, size_t size)
{
	if (send(o->fd, data, size, MSG_NOSIGNAL) != (ssize_t)size)
		o->closed = true;
}

static void begin(struct one *o, const char *port, size_t size)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	o->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (o->fd < 0 || connect(o->fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "port %s", port);
	send_part(o, frame, HEAD);
	usleep(PART_US);
	send_part(o, frame + HEAD, size - HEAD);
}

static void listen_to(struct one *o)
{
	uint8_t in[1024];
	struct wire_frame f;
	size_t at, size;
	ssize_t got = recv(o->fd, in, sizeof(in), MSG_DONTWAIT);

	if (got <= 0) {
		o->closed = o->closed || !got || errno != EAGAIN;
		return;
	}
	for (at = 0; !wire_size(in + at, (size_t)got - at, &size) &&
		     size <= (size_t)got - at;
	     at += size) {
		if (!wire_open(&f, in + at, size) && f.kind == WIRE_ACK)
			o->stored = o->stored || f.sequence;
	}
}

static void tell(int count)
{
	int i, open = 0, stored = 0;

	for (i = 0; i < count; i++) {
		open += !all[i].closed;
		stored += all[i].stored;
	}
	printf("open %d stored %d\n", open, stored);
}

/* Until there is no more input. */
static void listen_to_all(int count)
{
	char line[80];
	int i;

	for (;;) {
		polls[count] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
		for (i = 0; i < count; i++)
			polls[i] =
				(struct pollfd){ all[i].closed ? -1 : all[i].fd,
						 POLLIN, 0 };
		poll(polls, (nfds_t)count + 1, -1);
		for (i = 0; i < count; i++)
			if (polls[i].revents)
				listen_to(&all[i]);
		if (!polls[count].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return;
		tell(count);
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	uint64_t time = clock_real_ns();
	int i, count;
	size_t size;

	if (argc != 7)
		errx(2,
		     "usage: waiting PORT FIRST COUNT SIZE old|new good|bad");
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = atoi(argv[3]);
	if (count > COUNT_MAX)
		errx(2, "at most %d", COUNT_MAX);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	time -= strcmp(argv[5], "old") ? 0 : HOUR_NS;
	for (i = 0; i < count; i++) {
		size = make_frame((uint32_t)(atoi(argv[2]) + i),
				  (size_t)atoi(argv[4]), time,
				  !strcmp(argv[6], "bad"));
		begin(&all[i], argv[1], size);
	}
	puts("there");
	listen_to_all(count);
	return 0;
}
