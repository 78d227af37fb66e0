// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A visitor of the collector's page on loopback, in clear or by TLS.
 *
 *   web plain|tls PORT live SECONDS    asks for all nodes with all their metrics over a
 *                                      WebSocket, and again once they are there; says
 *                                      how many kB came a second
 *   web plain|tls PORT ask COUNT       so many requests on one connection; says the
 *                                      median of the times until the answer, us
 *   web plain|tls PORT visit COUNT     so many requests on a connection each, ten a second;
 *                                      says the median and the longest time, ms
 *   web tls PORT flood SECONDS         from 127.0.0.2, as many handshakes as are taken,
 *                                      which end once they are answered; says how many
 *                                      were and how many were not, a second
 *   web plain|tls PORT fetch PATH      says how many kB of the answer came a second
 *   web plain|tls PORT hold COUNT live|idle|half
 *                                      so many connections: WebSockets, connections
 *                                      that are made, or half of a handshake; says
 *                                      "held", and waits for a signal
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

enum {
	ROOM = 65536,
	AT_ONCE = 64, /* handshakes of a flood */
	VISIT_EVERY_MS = 100,
};

struct visitor {
	int fd;
	gnutls_session_t tls;
	uint8_t data[ROOM];
	size_t at, size; /* of what is in @data: taken, and there */
};

static const char upgrade[] =
	"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n"
	"Upgrade: websocket\r\nConnection: Upgrade\r\n"
	"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n"
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ktach-live\r\n\r\n";

static gnutls_certificate_credentials_t trust;
static struct sockaddr_in to = { .sin_family = AF_INET };
static bool secure;

static void join(struct visitor *v)
{
	int on = 1;

	memset(v, 0, sizeof(*v));
	v->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(v->fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void shake_hands(struct visitor *v)
{
	gnutls_init(&v->tls, GNUTLS_CLIENT);
	gnutls_set_default_priority(v->tls);
	gnutls_credentials_set(v->tls, GNUTLS_CRD_CERTIFICATE, trust);
	gnutls_transport_set_int(v->tls, v->fd);
	if (gnutls_handshake(v->tls) < 0)
		errx(1, "no handshake");
}

static void begin(struct visitor *v)
{
	join(v);
	if (secure)
		shake_hands(v);
}

static void say(struct visitor *v, const void *data, size_t size)
{
	ssize_t n = v->tls ? gnutls_record_send(v->tls, data, size) :
			     send(v->fd, data, size, 0);

	if (n != (ssize_t)size)
		errx(1, "it takes nothing");
}

static void hear(struct visitor *v)
{
	ssize_t n = v->tls ? gnutls_record_recv(v->tls, v->data, ROOM) :
			     recv(v->fd, v->data, ROOM, 0);

	if (n <= 0)
		errx(1, "the connection has ended");
	v->at = 0;
	v->size = (size_t)n;
}

static uint8_t next_byte(struct visitor *v)
{
	if (v->at == v->size)
		hear(v);
	return v->data[v->at++];
}

static void skip(struct visitor *v, uint64_t size)
{
	while (size) {
		uint64_t n;

		if (v->at == v->size)
			hear(v);
		n = v->size - v->at < size ? v->size - v->at : size;
		v->at += n;
		size -= n;
	}
}

/* Read a head; returns its Content-Length. */
static uint64_t take_head(struct visitor *v, const char *status)
{
	static const char name[] = "Content-Length:";
	uint64_t length = 0;
	char line[1024];
	bool first = true;

	for (;;) {
		size_t n = 0;
		char c;

		while ((c = (char)next_byte(v)) != '\n')
			if (c != '\r' && n < sizeof(line) - 1)
				line[n++] = c;
		line[n] = '\0';
		if (first && !strstr(line, status))
			errx(1, "%s", line);
		first = false;
		if (!n)
			return length;
		if (!strncasecmp(line, name, sizeof(name) - 1))
			length = strtoull(line + sizeof(name) - 1, NULL, 10);
	}
}

static void ask(struct visitor *v, const char *path)
{
	char request[512];
	int n = snprintf(request, sizeof(request),
			 "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);

	say(v, request, (size_t)n);
}

static void subscribe(struct visitor *v)
{
	static const char text[] =
		"{\"subscribe\":{\"nodes\":\"*\",\"metrics\":[\"\"]}}";
	uint8_t frame[6 + sizeof(text) - 1] = { 0x81,
						0x80 | (sizeof(text) - 1) };

	memcpy(frame + 6, text, sizeof(text) - 1); /* masked by zeroes */
	say(v, frame, sizeof(frame));
}

/* One message, whole; returns its bytes. */
static uint64_t take_message(struct visitor *v)
{
	uint64_t sum = 0, size;
	uint8_t head;
	int more;

	do {
		head = next_byte(v);
		size = next_byte(v);
		more = size == 126 ? 2 : size == 127 ? 8 : 0;
		if (more)
			size = 0;
		while (more--)
			size = size << 8 | next_byte(v);
		skip(v, size);
		sum += size;
	} while (!(head & 0x80));
	return sum;
}

static void open_socket(struct visitor *v)
{
	begin(v);
	say(v, upgrade, sizeof(upgrade) - 1);
	take_head(v, " 101 ");
	subscribe(v);
}

static void live(const char *seconds)
{
	uint64_t for_ns = strtoull(seconds, NULL, 10) * 1000000000;
	uint64_t start_ns, now_ns, bytes = 0;
	static struct visitor v;

	open_socket(&v);
	start_ns = clock_mono_ns();
	do {
		bytes += take_message(&v);
		subscribe(&v);
		now_ns = clock_mono_ns();
	} while (now_ns - start_ns < for_ns);
	printf("%.0f\n", (double)bytes * 1e6 / (double)(now_ns - start_ns));
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void ask_often(const char *count)
{
	size_t n = strtoul(count, NULL, 10), i;
	uint64_t *took_ns = calloc(n, sizeof(*took_ns));
	static struct visitor v;

	if (!n || !took_ns)
		errx(1, "so many requests: %s", count);
	begin(&v);
	for (i = 0; i < n; i++) {
		uint64_t start_ns = clock_mono_ns();

		ask(&v, "/api/v1/version");
		skip(&v, take_head(&v, " 200 "));
		took_ns[i] = clock_mono_ns() - start_ns;
	}
	qsort(took_ns, n, sizeof(*took_ns), compare);
	printf("%.0f\n", (double)took_ns[n / 2] / 1e3);
}

static void end(struct visitor *v)
{
	if (v->tls)
		gnutls_deinit(v->tls);
	close(v->fd);
}

static void visit_often(const char *count)
{
	size_t n = strtoul(count, NULL, 10), i;
	uint64_t *took_ns = calloc(n, sizeof(*took_ns));
	static struct visitor v;

	if (!n || !took_ns)
		errx(1, "so many visits: %s", count);
	for (i = 0; i < n; i++) {
		uint64_t start_ns = clock_mono_ns();

		begin(&v);
		ask(&v, "/api/v1/version");
		skip(&v, take_head(&v, " 200 "));
		end(&v);
		took_ns[i] = clock_mono_ns() - start_ns;
		usleep(VISIT_EVERY_MS * 1000);
	}
	qsort(took_ns, n, sizeof(*took_ns), compare);
	printf("%.0f %.0f\n", (double)took_ns[n / 2] / 1e6,
	       (double)took_ns[n - 1] / 1e6);
}

static uint8_t hello[ROOM];
static size_t hello_size;

static ssize_t keep_hello(gnutls_transport_ptr_t none, const void *data,
			  size_t size)
{
	memcpy(hello + hello_size, data, size);
	hello_size += size;
	return (ssize_t)size;
}

static ssize_t hear_nothing(gnutls_transport_ptr_t none, void *data,
			    size_t size)
{
	errno = EAGAIN;
	return -1;
}

static void make_hello(void)
{
	gnutls_session_t tls;

	gnutls_init(&tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_set_default_priority(tls);
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, trust);
	gnutls_transport_set_push_function(tls, keep_hello);
	gnutls_transport_set_pull_function(tls, hear_nothing);
	gnutls_handshake(tls);
	gnutls_deinit(tls);
}

static int say_hello(void)
{
	const struct sockaddr_in from = { .sin_family = AF_INET,
					  .sin_addr.s_addr =
						  htonl(INADDR_LOOPBACK + 1) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&from, sizeof(from)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "127.0.0.2");
	send(fd, hello, hello_size, MSG_NOSIGNAL);
	return fd;
}

/* A connection that is reset takes no port with it. */
static void reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void flood(const char *seconds)
{
	uint64_t for_ns = strtoull(seconds, NULL, 10) * 1000000000,
		 answered = 0;
	uint64_t start_ns = clock_mono_ns(), refused = 0, took_ns;
	struct pollfd all[AT_ONCE];
	uint8_t room[ROOM];
	size_t i;

	make_hello();
	for (i = 0; i < AT_ONCE; i++)
		all[i] = (struct pollfd){ say_hello(), POLLIN };
	while ((took_ns = clock_mono_ns() - start_ns) < for_ns) {
		poll(all, AT_ONCE, 1000);
		for (i = 0; i < AT_ONCE; i++) {
			if (!all[i].revents)
				continue;
			if (recv(all[i].fd, room, sizeof(room), 0) > 0)
				answered++;
			else
				refused++;
			reset(all[i].fd);
			all[i].fd = say_hello();
		}
	}
	printf("%.0f %.0f\n", (double)answered * 1e9 / (double)took_ns,
	       (double)refused * 1e9 / (double)took_ns);
}

static void fetch(const char *path)
{
	static struct visitor v;
	uint64_t start_ns, size;

	begin(&v);
	start_ns = clock_mono_ns();
	ask(&v, path);
	size = take_head(&v, " 200 ");
	skip(&v, size);
	printf("%.0f\n",
	       (double)size * 1e6 / (double)(clock_mono_ns() - start_ns));
}

/* The beginning of a record that would be a ClientHello. */
static void shake_half(struct visitor *v)
{
	static const uint8_t start[] = { 22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3 };

	join(v);
	if (secure)
		send(v->fd, start, sizeof(start), 0);
	else
		send(v->fd, upgrade, 20, 0);
}

static void hold(const char *count, const char *how)
{
	static struct visitor v;
	size_t n = strtoul(count, NULL, 10);

	while (n--) {
		if (!strcmp(how, "half"))
			shake_half(&v);
		else if (!strcmp(how, "live"))
			open_socket(&v);
		else
			begin(&v);
	}
	puts("held");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	if (argc < 5)
		errx(2, "usage: in %s", __FILE__);
	secure = !strcmp(argv[1], "tls");
	to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	gnutls_certificate_allocate_credentials(&trust);
	if (!strcmp(argv[3], "live"))
		live(argv[4]);
	else if (!strcmp(argv[3], "ask"))
		ask_often(argv[4]);
	else if (!strcmp(argv[3], "visit"))
		visit_often(argv[4]);
	else if (!strcmp(argv[3], "flood"))
		flood(argv[4]);
	else if (!strcmp(argv[3], "fetch"))
		fetch(argv[4]);
	else if (!strcmp(argv[3], "hold") && argc == 6)
		hold(argv[4], argv[5]);
	else
		errx(2, "usage: in %s", __FILE__);
	return 0;
}
