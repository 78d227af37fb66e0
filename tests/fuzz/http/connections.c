// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: connections COUNT SEED [tcp] [CERTIFICATE KEY]
 * Whole connections to the collector's HTTP server, in one process and thread:
 * pipelines of good and bad requests, written in pieces, with early ends, upgrades
 * and WebSocket frames, through a socket pair or over TCP, in clear or by TLS.
 *
 * Each must have as many answers as it has good requests, and at most one more for a
 * bad one, which is the last; each whole, and nothing behind them. Some of those by TLS
 * go wrong in it (garble.c): they may be left without answers, and have to end. Built with
 * sanitizers. Prints the seed of a connection that fails, to be run alone:
 * connections 1 SEED.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "collector/feed/ingest.h"
#include "collector/http/http.h"
#include "collector/nodes/node.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/fuzz/http/garble.h"
#include "tests/fuzz/http/script.h"

enum {
	ROOM = 1 << 20,
	QUIET_TURNS = 4000, /* without a byte: it is not coming any more */
	SPOILT_TURNS = 100, /* of one that may wait for nothing */
	STACK_FRAMES = 8,
};

static struct {
	struct nodes nodes;
	struct feed feed;
	struct ingest ingest;
	struct api api;
	struct http http;
	int listener;
} server;

static struct {
	int fd;
	gnutls_session_t tls;
	char got[ROOM];
	size_t size;
	bool ended;
	bool spoilt;
} client;

static bool secure, tcp;

static void start_server(const struct http_tls *tls)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	nodes_init(&server.nodes, 0);
	feed_init(&server.feed, &server.nodes, NULL);
	if (ingest_init(&server.ingest, &server.feed))
		exit(2);
	server.api.ingest = server.api.posts = &server.ingest;
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server.listener, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(server.listener, 64) ||
	    http_open(&server.http, &server.api, NULL, tls, server.listener,
		      64))
		exit(2);
}

/* Each connection has another address, as an address may take little time (pace.h). */
static struct sockaddr_in address_of(unsigned int seed)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK +
							      seed % 65521) };
}

static void open_tcp(unsigned int seed)
{
	const struct sockaddr_in from = address_of(seed);
	struct sockaddr_in to;
	socklen_t size = sizeof(to);
	int on = 1;

	getsockname(server.listener, (struct sockaddr *)&to, &size);
	client.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(client.fd, (const struct sockaddr *)&from, sizeof(from)) ||
	    connect(client.fd, (struct sockaddr *)&to, size)) {
		perror("connect");
		exit(2);
	}
	fcntl(client.fd, F_SETFL, O_NONBLOCK);
	setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void open_pair(unsigned int seed)
{
	const struct sockaddr_in address = address_of(seed);
	struct sockaddr_storage from = { 0 };
	int ends[2];

	memcpy(&from, &address, sizeof(address));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends)) {
		perror("socketpair");
		exit(2);
	}
	client.fd = ends[0];
	http_serve(&server.http, ends[1], &from);
}

static int patience(void)
{
	return client.spoilt ? SPOILT_TURNS : QUIET_TURNS;
}

static void open_tls(gnutls_certificate_credentials_t trust, unsigned int seed)
{
	int err, turns = 0;

	gnutls_init(&client.tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_set_default_priority(client.tls);
	gnutls_credentials_set(client.tls, GNUTLS_CRD_CERTIFICATE, trust);
	client.spoilt = garble_begin(client.tls, client.fd, seed);
	do {
		/* A handshake may have to wait for the time that others took. */
		http_turn(&server.http, server.http.connections.held_back);
		err = gnutls_handshake(client.tls);
	} while (err == GNUTLS_E_AGAIN && turns++ < patience());
	if (err)
		client.ended = true;
	else
		garble_shaken(client.tls);
}

static ssize_t write_some(const char *data, size_t size)
{
	ssize_t n;

	if (client.tls) {
		n = gnutls_record_send(client.tls, data, size);
		client.ended |= n < 0 && n != GNUTLS_E_AGAIN;
	} else {
		n = send(client.fd, data, size, MSG_NOSIGNAL);
		client.ended |= n < 0 && errno != EAGAIN;
	}
	return n;
}

static bool read_some(void)
{
	size_t room = ROOM - client.size;
	ssize_t n;

	if (client.ended || !room)
		return false;
	n = client.tls ? gnutls_record_recv(client.tls,
					    client.got + client.size, room) :
			 recv(client.fd, client.got + client.size, room, 0);
	if (n > 0) {
		client.size += (size_t)n;
		return true;
	}
	if (client.tls ? n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED :
			 !n || (errno != EAGAIN && errno != EINTR))
		client.ended = true;
	return false;
}

/* In pieces, with turns of the server between them. */
static void send_script(const struct script *s)
{
	size_t sent = 0, end = s->cut ? s->cut : s->size, most;
	int stuck = 0;

	while (sent < end && !client.ended && stuck < patience()) {
		size_t n;
		ssize_t done;

		most = s->piece ? s->piece : end;
		n = end - sent < most ? end - sent : most;
		done = write_some(s->data + sent, n);
		if (done > 0)
			sent += (size_t)done;
		stuck = done > 0 ? 0 : stuck + 1;
		/* It reads no more while a helper works. */
		http_turn(&server.http, stuck ? 1 : 0);
		if (!s->deaf)
			read_some();
	}
}

/* Until it has ended, or all is there, or nothing comes. */
static void read_answers(const struct script *s)
{
	int quiet = 0;

	while (!client.ended && quiet < patience()) {
		int wait_ms = server.http.helpers.questions ? 1 : 0;

		http_turn(&server.http, wait_ms);
		quiet = read_some() ? 0 : quiet + 1;
		if (quiet > 20 &&
		    answers_count(s, client.got, client.size) >= (int)s->good)
			break;
	}
}

static void close_client(void)
{
	int i;

	if (client.tls)
		gnutls_deinit(client.tls);
	client.tls = NULL;
	close(client.fd);
	for (i = 0; i < STACK_FRAMES; i++)
		http_turn(&server.http, 0);
}

static bool judge(const struct script *s)
{
	int n = answers_count(s, client.got, client.size);

	if (n < 0) {
		printf("# what came is no answer\n");
		return false;
	}
	if ((size_t)n > s->good + s->bad) {
		printf("# %d answers to %zu requests\n", n, s->good + s->bad);
		return false;
	}
	if (!s->cut && !s->deaf && !client.spoilt && (size_t)n < s->good) {
		printf("# %d answers to %zu good requests\n", n, s->good);
		return false;
	}
	return true;
}

static bool run_one(unsigned int seed, gnutls_certificate_credentials_t trust,
		    unsigned long *answers)
{
	static struct script s;
	bool good;

	script_make(&s, seed);
	client.size = 0;
	client.ended = false;
	client.spoilt = false;
	if (tcp)
		open_tcp(seed);
	else
		open_pair(seed);
	http_turn(&server.http, 0);
	if (secure)
		open_tls(trust, seed);
	send_script(&s);
	if (s.half)
		shutdown(client.fd, SHUT_WR);
	if (!s.cut && !s.deaf)
		read_answers(&s);
	good = judge(&s);
	if (!good)
		printf("# sent:\n%.*s\n# got:\n%.*s\n", (int)s.size, s.data,
		       client.size < 3000 ? (int)client.size : 3000,
		       client.got);
	*answers += (unsigned long)answers_count(&s, client.got, client.size);
	close_client();
	return good;
}

static void stuck(int signal_number)
{
	static const char text[] = "not ok - a connection hangs\n";

	if (write(1, text, sizeof(text) - 1))
		_exit(3);
	_exit(3);
}

/* Time passes, until each deadline is over. */
static void run_out(void)
{
	uint64_t now_ns = clock_mono_ns();
	int i;

	for (i = 0; i < 200 && server.http.connections.first; i++) {
		http_turn(&server.http, 1);
		if (i % 20 == 19)
			now_ns += UINT64_C(200000000000);
		connections_tick(&server.http.connections, now_ns);
	}
}

static bool run_all(unsigned long count, unsigned int seed)
{
	gnutls_certificate_credentials_t trust;
	unsigned long i, answers = 0;
	unsigned int failed = seed;
	bool good = true;

	gnutls_certificate_allocate_credentials(&trust);
	signal(SIGALRM, stuck);
	for (i = 0; i < count && good; i++) {
		alarm(30);
		failed = seed + (unsigned int)i;
		good = run_one(failed, trust, &answers);
		if (i % 256 == 0)
			http_tick(&server.http);
	}
	alarm(0);
	run_out();
	if (server.http.connections.first)
		printf("# the oldest left is in phase %d\n",
		       server.http.connections.first->phase);
	if (!good)
		printf("not ok - connection of seed %u\n", failed);
	else
		printf("ok - %lu connections, %lu answers, %u left\n", count,
		       answers, server.http.connections.count);
	gnutls_certificate_free_credentials(trust);
	return good && answers && !server.http.connections.first;
}

int main(int argc, char **argv)
{
	struct http_tls tls = { 0 };
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	unsigned int seed =
		argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 1;
	bool good;
	int i;

	tcp = argc > 3 && !strcmp(argv[3], "tcp");
	i = 3 + tcp;
	if (argc > i + 1)
		tls = (struct http_tls){ argv[i], argv[i + 1] };
	secure = tls.certificate;
	signal(SIGPIPE, SIG_IGN);
	log_init("connections", LOG_ERROR);
	start_server(&tls);
	good = run_all(count, seed);
	http_close(&server.http);
	ingest_exit(&server.ingest);
	feed_exit(&server.feed);
	nodes_exit(&server.nodes);
	return good ? 0 : 1;
}
