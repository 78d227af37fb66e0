// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/fuzz/http/script.h"
#include "tests/fuzz/script_base.h"

static void puts_to(struct script *s, const char *text)
{
	put(s, text, strlen(text));
}

static const char host[] = "Host: localhost\r\n";
static const char evil[] = "GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n";

/* Headers that change nothing. */
static void put_padding(struct script *s)
{
	static const char *const lines[] = {
		"Accept-Encoding: gzip\r\n",
		"Accept: application/openmetrics-text\r\n",
		"If-None-Match: \"00000000-0\", *x\r\n",
		"X-Forwarded-For: 192.0.2.1, bad, ::1\r\n",
		"Cookie: a=b; ktach=x.y.z\r\n",
		"Content-Length: 0\r\n",
		"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n",
		"Via: \t x\r\n",
	};
	char once[8] = { 0 };
	unsigned int n = pick(4);

	while (n--) {
		unsigned int i = pick(8);

		if (!once[i])
			puts_to(s, lines[i]);
		once[i] = 1;
	}
	for (n = pick(16) ? 0 : pick(60); n; n--)
		puts_to(s, "X-Many: 0123456789abcdef\r\n");
}

static void put_good(struct script *s)
{
	static const char *const paths[] = {
		"/",
		"/api/v1/health",
		"/api/v1/version",
		"/nowhere",
		"/api/v1/nodes?x=%41%zz",
		"/api/v1/topk?k=3",
		"/style.css",
		"/metrics",
		"/%2e%2e/x?a=b+c",
		"/app.js",
		"/api/v1/losses/x",
		"/api/v1/history?",
		"/api/v1/query?metric=load_1min&format=csv",
		"/api/v1/snapshot?fields=all&since=1-2-3",
	};
	bool head = !pick(4);

	s->head[s->good] = head;
	s->good++;
	puts_to(s, head ? "HEAD " : "GET ");
	puts_to(s, paths[pick(14)]);
	puts_to(s, " HTTP/1.1\r\n");
	puts_to(s, host);
	put_padding(s);
	puts_to(s, "\r\n");
}

/* More parameters than libmicrohttpd has memory for. */
static void put_parameters(struct script *s)
{
	unsigned int n = 200 + pick(3000);

	s->good++;
	puts_to(s, "GET /api/v1/topk?");
	while (n--)
		puts_to(s, "a&");
	puts_to(s, " HTTP/1.1\r\n");
	puts_to(s, host);
	puts_to(s, "\r\n");
}

static void put_body(struct script *s)
{
	static const char *const paths[] = {
		"POST /login HTTP/1.1\r\n",
		"POST /api/v1/query HTTP/1.1\r\n",
		"POST /metrics/node HTTP/1.1\r\n",
	};
	char line[64];
	unsigned int n = pick(600);

	s->good++;
	puts_to(s, paths[pick(3)]);
	puts_to(s, host);
	snprintf(line, sizeof(line), "Content-Length: %u\r\n\r\n", n);
	puts_to(s, line);
	while (n--)
		put(s, &"token=abc.GET /\r\n"[pick(17)], 1);
}

/* Requests that end a connection, with or without an answer. */
static void put_bad(struct script *s)
{
	static const char *const starts[] = { "GET /",	       "HEAD /",
					      "POST /login",   "POST /x",
					      "PUT /",	       "OPTIONS *",
					      "DELETE /login", "get /" };
	static const char *const ends[] = {
		"Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
		"Content-Length: 40\r\nContent-Length: 0\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n5\r\naaaaa\r\n0\r\n\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n",
		"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		"Content-Length: +40\r\n\r\n",
		"Content-Length: 0x28\r\n\r\n",
		"Content-Length: 40, 40\r\n\r\n",
		"Content-Length:\r\n\r\n",
		"Content-Length: 99999999999999999999999\r\n\r\n",
		"Content-Length : 40\r\n\r\n",
		"X: a\r\n Content-Length: 40\r\n\r\n",
		"X: a\rContent-Length: 40\r\n\r\n",
		"Host: other\r\n\r\n",
		"X: \x01\r\n\r\n",
		"(x): y\r\n\r\n",
		"Content-Length: 99999\r\n\r\n",
		"X: a\nY: b\r\n\r\n",
		"Expect: 100-continue\r\n\r\n",
	};

	unsigned int start = pick(8);

	s->bad = 1;
	s->head[s->good] = start == 1;
	puts_to(s, starts[start]);
	puts_to(s, " HTTP/1.1\r\n");
	puts_to(s, host);
	puts_to(s, ends[pick(19)]);
	puts_to(s, evil);
}

/* A good script with bytes that were changed: anything may come of it. */
static void mutate(struct script *s)
{
	unsigned int n = 1 + pick(6);

	while (n-- && s->size) {
		size_t at = pick((unsigned int)s->size);

		if (pick(2))
			s->data[at] = (char)pick(256);
		else
			s->data[at] = "\r\n\0:% ,;"[pick(8)];
	}
}

static void put_frame(struct script *s)
{
	static const char *const texts[] = {
		"{\"subscribe\":{\"nodes\":\"*\",\"metrics\":[\"\"]}}",
		"{\"subscribe\":{\"nodes\":[\"a\",\"b\"]}}",
		"{\"subscribe\":7}",
		"",
		"\xff\xfe",
	};
	const char *text = texts[pick(5)];
	size_t n = strlen(text), i;
	unsigned char head[6] = { (unsigned char)(pick(8) ? 0x81 : pick(256)),
				  (unsigned char)(0x80 | n),
				  1,
				  2,
				  3,
				  4 };

	if (!pick(12))
		head[1] = (unsigned char)pick(256);
	put(s, (char *)head, sizeof(head));
	for (i = 0; i < n; i++) {
		char c = (char)(text[i] ^ head[2 + i % 4]);

		put(s, &c, 1);
	}
}

static void put_socket(struct script *s)
{
	unsigned int n = pick(6);

	s->socket = true;
	s->good++;
	puts_to(s, "GET /api/v1/live HTTP/1.1\r\n");
	puts_to(s, host);
	puts_to(s, "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
		   "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n"
		   "Sec-WebSocket-Version: 13\r\n"
		   "Sec-WebSocket-Protocol: ktach-live\r\n\r\n");
	while (n--)
		put_frame(s);
}

static void put_huge(struct script *s)
{
	unsigned int n = 12000 + pick(30000);

	s->bad = 1;
	puts_to(s, "GET /");
	if (pick(2))
		puts_to(s, " HTTP/1.1\r\nHost: localhost\r\nX: ");
	while (n--)
		put(s, "a", 1);
	puts_to(s, "\r\n\r\n");
}

static void put_cookies(struct script *s)
{
	unsigned int n = 400 + pick(2000);

	s->bad = 1;
	puts_to(s, "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ");
	while (n--)
		puts_to(s, "a=b; ");
	puts_to(s, "\r\n\r\n");
	puts_to(s, evil);
}

static void put_end(struct script *s)
{
	switch (pick(8)) {
	case 0:
	case 1:
		put_bad(s);
		break;
	case 2:
		put_socket(s);
		break;
	case 3:
		if (!pick(4))
			put_huge(s);
		else if (!pick(3))
			put_cookies(s);
		break;
	}
}

void script_make(struct script *s, unsigned int seed)
{
	static const size_t pieces[] = { 0, 0, 0, 1000, 100, 7, 1 };
	unsigned int n;

	memset(s, 0, sizeof(*s));
	state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	pick(2);
	for (n = pick(pick(10) ? 4 : 20); n; n--) {
		if (pick(6))
			put_good(s);
		else if (pick(8))
			put_body(s);
		else
			put_parameters(s);
	}
	put_end(s);
	if (!pick(6)) {
		mutate(s);
		s->bad = s->good + s->bad + 8;
		s->good = 0;
		s->socket = true; /* whatever comes of it */
	}
	s->piece = pieces[pick(s->size > 4000 ? 5 : 7)];
	if (s->size && !pick(8))
		s->cut = 1 + pick((unsigned int)s->size);
	s->half = !pick(16);
	s->deaf = !pick(16);
	if (s->half)
		s->deaf = true;
}

/* The value of a header, lower case, in a head that ends at @end; or -1. */
static long content_length(const char *head, const char *end)
{
	static const char name[] = "\r\ncontent-length: ";
	const char *at;

	for (at = head; at + sizeof(name) < end; at++)
		if (!strncasecmp(at, name, sizeof(name) - 1))
			return strtol(at + sizeof(name) - 1, NULL, 10);
	return -1;
}

/* An answer's size; 0: it is not whole, -1: it is none. */
static long answer_size(const char *got, size_t size, bool head, bool *upgraded)
{
	static const char version[] = "HTTP/1.1 ";
	const char *end;
	long length;
	int status;

	if (size < sizeof(version) + 3)
		return strncmp(got, version,
			       size < sizeof(version) ? size :
							sizeof(version) - 1) ?
			       -1 :
			       0;
	if (strncmp(got, version, sizeof(version) - 1))
		return -1;
	status = atoi(got + sizeof(version) - 1);
	end = memmem(got, size, "\r\n\r\n", 4);
	if (!end)
		return 0;
	end += 4;
	*upgraded = status == 101;
	length = content_length(got, end);
	if (head || status == 304 || status < 200)
		length = 0;
	if (length < 0)
		return -1;
	return (size_t)length > size - (size_t)(end - got) ? 0 :
							     end - got + length;
}

int answers_count(const struct script *s, const char *got, size_t size)
{
	bool upgraded = false;
	size_t at = 0;
	int n = 0;

	/* What a changed script is answered with depends on what it has become. */
	if (!s->good && s->bad > 1)
		return 0;
	while (at < size && !upgraded) {
		bool head = n < SCRIPT_REQUESTS && s->head[n];
		long more = answer_size(got + at, size - at, head, &upgraded);

		if (more < 0)
			return -1;
		if (!more)
			break;
		at += (size_t)more;
		n++;
	}
	return upgraded && !s->socket ? -1 : n;
}
