// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests by HTTP, in pieces of every size: whole, or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agentd/doors/request.h"

enum {
	BODY_MAX = 16,
};

/* As it is once all of @text has come, one byte at a time. */
static enum request_state feed(const char *text, size_t size, struct request *r,
			       char *room)
{
	enum request_state state = REQUEST_PART;
	size_t n;

	for (n = 1; n <= size && state == REQUEST_PART; n++) {
		memcpy(room, text, n);
		room[n] = '\0';
		state = request_read(r, room, n, BODY_MAX);
	}
	return n <= size && state == REQUEST_WHOLE ? REQUEST_BAD : state;
}

static void whole(void **state)
{
	static const char text[] =
		"POST /heartbeat HTTP/1.1\r\nHost: localhost:8081\r\n"
		"Content-Length: 4 \r\nauthorization: Bearer a b\r\n\r\nbody";
	char room[512];
	struct request r;

	assert_int_equal(feed(text, strlen(text), &r, room), REQUEST_WHOLE);
	assert_string_equal(r.method, "POST");
	assert_string_equal(r.path, "/heartbeat");
	assert_string_equal(r.host, "localhost:8081");
	assert_string_equal(r.token, "a b");
	assert_null(r.origin);
	assert_int_equal(r.length, 4);
	assert_memory_equal(r.body, "body", 4);
}

/* A token is what stands behind "Bearer" in that header, and nowhere else. */
static void tokens(void **state)
{
	static const struct {
		const char *header, *token;
	} all[] = {
		{ "Authorization: bearer abc", "abc" },
		{ "Authorization: Basic abc", NULL },
		{ "Authorization: Bearer", NULL },
		{ "Proxy-Authorization: Bearer abc", NULL },
		{ "X: Bearer abc", NULL },
	};
	char text[128], room[512];
	struct request r;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n\r\n",
			 all[i].header);
		assert_int_equal(feed(text, strlen(text), &r, room),
				 REQUEST_WHOLE);
		if (all[i].token)
			assert_string_equal(r.token, all[i].token);
		else
			assert_null(r.token);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		enum request_state state;
	} all[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", REQUEST_WHOLE },
		{ "GET / HTTP/1.1\r\nHost: a\r\n", REQUEST_PART },
		{ "POST / HTTP/1.1\r\nContent-Length: 17\r\n\r\n",
		  REQUEST_LARGE },
		{ "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab",
		  REQUEST_PART },
		{ "GET  / HTTP/1.1\r\n\r\n", REQUEST_BAD },
		{ "GET / HTTP/2\r\n\r\n", REQUEST_BAD },
		{ "G\x01T / HTTP/1.1\r\n\r\n", REQUEST_BAD },
		{ "GET x HTTP/1.1\r\n\r\n", REQUEST_BAD },
		{ "\r\n\r\n", REQUEST_BAD },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", REQUEST_BAD },
		{ "GET / HTTP/1.1\r\nHost : a\r\n\r\n", REQUEST_BAD },
		{ "GET / HTTP/1.1\r\n folded\r\n\r\n", REQUEST_BAD },
		{ "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", REQUEST_BAD },
		{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", REQUEST_BAD },
		{ "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
		  REQUEST_BAD },
		{ "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nx",
		  REQUEST_BAD },
		{ "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
		  REQUEST_BAD },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
		  REQUEST_BAD },
	};
	char room[512];
	struct request r;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(feed(all[i].text, strlen(all[i].text), &r,
				      room),
				 all[i].state);
}

/* What comes behind a request would be a second one. */
static void two(void **state)
{
	char text[] = "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n";
	struct request r;

	assert_int_equal(request_read(&r, text, strlen(text), BODY_MAX),
			 REQUEST_BAD);
}

static void endless_head(void **state)
{
	char text[3001];
	struct request r;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(request_read(&r, text, sizeof(text) - 1, BODY_MAX),
			 REQUEST_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),	cmocka_unit_test(tokens),
		cmocka_unit_test(refused),	cmocka_unit_test(two),
		cmocka_unit_test(endless_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
