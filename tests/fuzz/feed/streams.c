// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: streams COUNT SEED FOLDER
 * Whole connections of shippers to the collector's feed, in one process: sessions of
 * many nodes, sealed and not, written in pieces, half of them with a frame that is
 * damaged, cut, of another length or behind garbage, and left open or
 * ended by a reset. The history is in FOLDER.
 *
 * Whole ones are acknowledged to their last frame; no other frame is, ever. Built with
 * sanitizers. Prints the seed of a connection that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collector/feed/ingest.h"
#include "collector/feed/stream.h"
#include "collector/history/store.h"
#include "collector/nodes/node.h"
#include "lib/base/clock.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/loop/loop.h"
#include "tests/fuzz/feed/script.h"

#define S UINT64_C(1000000000)

enum {
	CLIENTS = 2048, /* at once */
	CONNECTIONS = 4096, /* that the feed may have */
	DESCRIPTORS = CLIENTS + CONNECTIONS + 256,
	LOOP_ENTRIES = 256,
	STUCK_MS = 50,
	SETTLE_S = 120,
	IN_MAX = 2048,
};

static struct {
	struct nodes nodes;
	struct store *store;
	struct feed feed;
	struct ingest ingest;
	struct loop loop;
	struct streams streams;
	struct sockaddr_in address;
	uint64_t ticked_ns;
} server;

/* @frames: the last one that may be acknowledged, and must be if none is @spoilt. */
static struct client {
	int fd;
	unsigned int seed;
	struct wire_sender sender;
	uint64_t frames;
	uint64_t acknowledged;
	bool spoilt;
	bool reset;
	bool ended;
	uint8_t in[IN_MAX];
	size_t in_size;
} clients[CLIENTS];

static unsigned long whole;
static unsigned int most = CLIENTS;
static struct seal_key fleet;

static void turn(void)
{
	uint64_t now_ns = clock_mono_ns();

	loop_run_once(&server.loop, false);
	if (now_ns - server.ticked_ns < S)
		return;
	server.ticked_ns = now_ns;
	streams_tick(&server.streams);
	ingest_tick(&server.ingest);
	nodes_age(&server.nodes, now_ns);
}

static void start_server(const char *folder)
{
	const struct store_policy policy = {
		.keep_ns = { 3600 * S, 3600 * S, 3600 * S },
		.memory_max = 64 << 20,
	};
	const struct places_limit limit = { .connections = CONNECTIONS,
					    .per_address = CONNECTIONS,
					    .half_max = 64 << 20,
					    .first_frame_ns = 5 * S };
	struct seal_keys keys = { 0 };
	socklen_t size = sizeof(server.address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	server.address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	nodes_init(&server.nodes, 0);
	if (bind(fd, (struct sockaddr *)&server.address, size) ||
	    listen(fd, 1024) ||
	    getsockname(fd, (struct sockaddr *)&server.address, &size) ||
	    store_open(&server.store, folder, &policy))
		exit(2);
	feed_init(&server.feed, &server.nodes, server.store);
	key_file_append(&keys, &fleet);
	feed_rekey(&server.feed, &keys, true);
	if (ingest_init(&server.ingest, &server.feed) ||
	    (loop_init(&server.loop, LOOP_ENTRIES) &&
	     loop_init_polled(&server.loop, 2 * CONNECTIONS + 8)))
		exit(2);
	streams_open(&server.streams, &server.loop, &server.ingest, fd, &limit);
	server.ticked_ns = clock_mono_ns();
}

static void stop_server(void)
{
	streams_close(&server.streams);
	ingest_exit(&server.ingest);
	loop_exit(&server.loop);
	store_close(server.store);
	feed_exit(&server.feed);
	nodes_exit(&server.nodes);
}

/* Each connection from another address: ports come to an end. */
static void open_client(struct client *c, const struct script *s,
			unsigned int seed)
{
	const struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + seed % 65521),
	};
	int on = 1;

	c->seed = seed;
	c->sender = s->sender;
	c->frames = s->frames;
	c->spoilt = s->spoilt;
	c->reset = s->reset;
	c->acknowledged = 0;
	c->in_size = 0;
	c->ended = false;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(c->fd, (const struct sockaddr *)&from, sizeof(from)) ||
	    connect(c->fd, (const struct sockaddr *)&server.address,
		    sizeof(server.address))) {
		perror("connect");
		exit(2);
	}
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static bool fail(const struct client *c, const char *what)
{
	printf("# %s: %llu of %llu frames are acknowledged%s\n", what,
	       (unsigned long long)c->acknowledged,
	       (unsigned long long)c->frames,
	       c->spoilt ? ", one is spoilt" : "");
	printf("not ok - connection of seed %u\n", c->seed);
	return false;
}

/* Acknowledgements are sealed or not, as the frames were: their heads are not. */
static bool take_answers(struct client *c)
{
	struct wire_frame f;
	size_t at = 0, size;

	while (!wire_size(c->in + at, c->in_size - at, &size) &&
	       size <= c->in_size - at) {
		if (wire_head(&f, c->in + at, size))
			return fail(c, "an answer is none");
		if (f.kind == WIRE_ACK &&
		    f.sender.session == c->sender.session &&
		    f.sequence > c->acknowledged)
			c->acknowledged = f.sequence;
		at += size;
	}
	c->in_size -= at;
	memmove(c->in, c->in + at, c->in_size);
	if (c->acknowledged > c->frames)
		return fail(c, "a frame that never came");
	return true;
}

static bool read_client(struct client *c)
{
	ssize_t n;

	if (c->ended)
		return true;
	n = recv(c->fd, c->in + c->in_size, IN_MAX - c->in_size, 0);
	if (n > 0) {
		c->in_size += (size_t)n;
		return take_answers(c);
	}
	c->ended = !n || (errno != EAGAIN && errno != EINTR);
	if (c->ended && !c->spoilt && c->acknowledged < c->frames)
		return fail(c, "it was ended");
	return true;
}

static bool is_settled(const struct client *c)
{
	return c->fd < 0 || c->spoilt || c->acknowledged == c->frames;
}

/* All of its frames are stored, if it is whole. */
static bool settle_client(struct client *c)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	uint64_t end_ns = clock_mono_ns() + SETTLE_S * S;

	while (!is_settled(c)) {
		turn();
		if (!read_client(c))
			return false;
		if (is_settled(c))
			break;
		nanosleep(&moment, NULL);
		if (clock_mono_ns() > end_ns)
			return fail(c, "nothing comes");
	}
	return true;
}

static bool close_client(struct client *c)
{
	const struct linger none = { .l_onoff = 1 };

	if (c->fd < 0)
		return true;
	if (!read_client(c) || !settle_client(c))
		return false;
	if (c->reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(c->fd);
	c->fd = -1;
	whole += !c->spoilt;
	return true;
}

/* In pieces, with turns of the server between them. */
static bool send_script(struct client *c, const struct script *s)
{
	uint64_t end_ns = clock_mono_ns() + STUCK_MS * UINT64_C(1000000);
	size_t sent = 0;

	while (sent < s->size && !c->ended) {
		size_t n = s->size - sent;
		ssize_t done;

		if (s->piece && s->piece < n)
			n = s->piece;
		done = send(c->fd, s->data + sent, n, MSG_NOSIGNAL);
		if (done > 0)
			sent += (size_t)done;
		else if (errno != EAGAIN)
			break; /* it was ended for what came before */
		turn();
		/* It reads no more while the history has no room. */
		if (done <= 0 && s->spoilt && clock_mono_ns() > end_ns)
			break;
	}
	return read_client(c);
}

static bool run_one(unsigned int seed, struct client *c)
{
	static struct script s;

	if (!close_client(c))
		return false;
	script_make(&s, &fleet, seed);
	open_client(c, &s, seed);
	turn();
	if (!send_script(c, &s))
		return false;
	return !s.spoilt || s.stays || close_client(c);
}

static bool run_all(unsigned long count, unsigned int seed)
{
	unsigned long i;
	bool good = true;

	for (i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	for (i = 0; i < count && good; i++)
		good = run_one(seed + (unsigned int)i, &clients[i % most]);
	for (i = 0; i < CLIENTS && good; i++)
		good = close_client(&clients[i]);
	if (good)
		printf("ok - %lu connections, %lu whole ones acknowledged to their end, %llu frames taken in\n",
		       count, whole,
		       (unsigned long long)server.ingest.counts.frames);
	return good && whole;
}

/* Both ends of a connection are here. */
static void raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < DESCRIPTORS)
		most = (unsigned int)(files.rlim_cur / 4);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	unsigned int seed =
		argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 1;
	bool good;

	if (argc < 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	log_init("streams", LOG_ERROR);
	if (seal_init())
		return 2;
	seal_make(&fleet, NULL);
	start_server(argv[3]);
	good = run_all(count, seed);
	stop_server();
	return good ? 0 : 1;
}
