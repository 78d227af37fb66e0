// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may be served: addresses behind proxies, names of this server, tokens wherever
 * they are, those who guess them; and what a live view takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/figures/figure.h"
#include "collector/http/live.h"
#include "collector/http/visitor.h"
#include "collector/http/ws.h"
#include "lib/base/clock.h"

#define S UINT64_C(1000000000)

static struct seal_key secrets[2] = { { .secret = { 1 } },
				      { .secret = { 2 } } };
static char good[LOGIN_TOKEN_MAX], service[LOGIN_TOKEN_MAX],
	old[LOGIN_TOKEN_MAX], forged[LOGIN_TOKEN_MAX];
static struct door door;

static void sign(char *token, enum login_role role, int64_t valid_s,
		 struct seal_key *secret)
{
	const struct login_keys signer = { .secrets = { secret, 1 } };
	const struct login_claims claims = {
		"me", role, clock_real_ns() / S + (uint64_t)valid_s
	};

	assert_int_equal(login_sign(&signer, &claims, token), 0);
}

static int setup(void **state)
{
	sign(good, LOGIN_READ, 1000, &secrets[0]);
	sign(service, LOGIN_SERVICE, 1000, &secrets[0]);
	sign(old, LOGIN_READ, -10, &secrets[0]);
	sign(forged, LOGIN_ADMIN, 1000, &secrets[1]);
	memset(&door, 0, sizeof(door));
	door.rules.login.keys.secrets = (struct seal_keys){ secrets, 1 };
	door.rules.login.required = true;
	return 0;
}

static void expect_address(const char *list, const char *expected)
{
	struct head head = { .value[HEAD_FORWARDED] = list };
	const struct visitor v = { &head, "192.0.2.1", true };
	char address[VISITOR_ADDRESS_SIZE];

	visitor_address(&door, &v, address);
	assert_string_equal(address, expected);
}

static void addresses(void **state)
{
	struct head head = { .value[HEAD_FORWARDED] = "203.0.113.9" };
	const struct visitor direct = { &head, "192.0.2.1", false };
	char address[VISITOR_ADDRESS_SIZE];

	door.rules.proxies = "192.0.2.1,192.0.2.2,2001:db8::2";
	assert_true(door_is_proxy(&door, "192.0.2.2"));
	assert_false(door_is_proxy(&door, "192.0.2.22"));
	expect_address(NULL, "192.0.2.1");
	expect_address("", "192.0.2.1");
	expect_address("203.0.113.9", "203.0.113.9");
	expect_address("203.0.113.9, 198.51.100.7", "198.51.100.7");
	expect_address("203.0.113.9,\t198.51.100.7 , 192.0.2.2, 2001:db8::2",
		       "198.51.100.7");
	expect_address("2001:db8::9", "2001:db8::9");
	expect_address("unknown, 300.1.1.1, <script>", "192.0.2.1");
	expect_address(",,, ", "192.0.2.1");
	expect_address("203.0.113.9, unknown", "192.0.2.1");
	expect_address("203.0.113.9, 198.51.100.7:4711, 192.0.2.2",
		       "192.0.2.1");
	expect_address("unknown, 198.51.100.7, ", "198.51.100.7");
	visitor_address(&door, &direct, address);
	assert_string_equal(address, "192.0.2.1");
	door.rules.proxies = NULL;
	assert_false(door_is_proxy(&door, "192.0.2.2"));
}

/* The status that a visitor with these headers gets; 0: they are admitted. */
static unsigned int status_of(struct head *head, const char *path,
			      struct reply *r)
{
	const struct visitor v = { head, "192.0.2.1", false };
	struct login_claims claims = { .name = "nobody" };

	*r = (struct reply){ 0 };
	if (visitor_admit(&door, &v, "GET", path, &claims, r)) {
		assert_int_equal(r->status, 0);
		if (head->value[HEAD_AUTHORIZATION])
			assert_string_equal(claims.name, "me");
		return 0;
	}
	return r->status;
}

static unsigned int status(struct head head, const char *path)
{
	struct reply r;
	unsigned int n = status_of(&head, path, &r);

	reply_release(&r);
	return n;
}

static unsigned int by_host(const char *host)
{
	return status((struct head){ .value[HEAD_HOST] = host }, "/");
}

static void names_of_this_server(void **state)
{
	static const char *const ours[] = {
		"localhost",	  "LocalHost:8766", "localhost.", "127.0.0.1",
		"10.0.0.9:1",	  "[::1]:8766",	    "[fe80::1]",  "one.example",
		"ONE.example:80", "two.example.",
	};
	static const char *const others[] = {
		"",
		"evil.example",
		"localhost.evil",
		"one.exampl",
		":8766",
		"[::1",
		"1.2.3.4.5",
		"one.example,two.example",
		"a,b",
	};
	char longest[300];
	size_t i;

	door.rules.login.required = false;
	door.rules.hosts = "one.example, two.example";
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_int_equal(by_host(ours[i]), 0);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(by_host(others[i]), 403);
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(by_host(longest), 403);
	door.rules.anywhere = true;
	assert_int_equal(by_host("evil.example"), 0);
}

static unsigned int by_token(const char *before, const char *token)
{
	char text[LOGIN_TOKEN_MAX + 32];

	snprintf(text, sizeof(text), "%s%s", before, token);
	return status((struct head){ .value[HEAD_AUTHORIZATION] = text },
		      "/api/v1/nodes");
}

static unsigned int by_cookie(const char *before, const char *token,
			      const char *after)
{
	char text[LOGIN_TOKEN_MAX + 64];

	snprintf(text, sizeof(text), "%s%s%s", before, token, after);
	return status((struct head){ .value[HEAD_COOKIE] = text }, "/");
}

static void tokens(void **state)
{
	assert_int_equal(by_token("Bearer ", good), 0);
	assert_int_equal(by_token("bearer ", good), 0);
	assert_int_equal(by_token("", good), 0);
	assert_int_equal(by_token("Basic ", good), 401);
	assert_int_equal(by_token("Bearer ", old), 401);
	assert_int_equal(by_token("Bearer ", forged), 401);
	assert_int_equal(by_token("Bearer ", service), 403);
	assert_int_equal(by_cookie("ktach=", good, ""), 0);
	assert_int_equal(by_cookie("a=b; ktach=", good, "; c=d"), 0);
	assert_int_equal(by_cookie("a=b;ktach=", good, ";c=d"), 0);
	assert_int_equal(by_cookie("xktach=", good, ""), 401);
	assert_int_equal(by_cookie("ktach=", old, ""), 401);
	assert_int_equal(status((struct head){ 0 }, "/"), 401);
	assert_int_equal(status((struct head){ 0 }, "/login"), 0);
	/* What is of another scheme is for a proxy: the cookie counts. */
	{
		char cookie[LOGIN_TOKEN_MAX + 16];
		const struct visitor v = {
			&(struct head){
				.value = { [HEAD_AUTHORIZATION] = "Basic eDp5",
					   [HEAD_COOKIE] = cookie } },
			"192.0.2.1", false
		};
		struct login_claims claims;
		struct reply r = { 0 };

		snprintf(cookie, sizeof(cookie), "ktach=%s", good);
		assert_true(visitor_admit(&door, &v, "GET", "/", &claims, &r));
		assert_string_equal(claims.name, "me");
		assert_int_equal(claims.role, LOGIN_READ);
	}
}

/* A browser whose session has ended gets the form, and its cookie is taken away. */
static void a_session_that_ended(void **state)
{
	char cookie[LOGIN_TOKEN_MAX + 16];
	struct head head = { .value = { [HEAD_COOKIE] = cookie,
					[HEAD_ACCEPT] = "text/html,*/*" } };
	struct reply r;

	snprintf(cookie, sizeof(cookie), "ktach=%s", old);
	assert_int_equal(status_of(&head, "/", &r), 401);
	assert_string_equal(r.type, "text/html; charset=utf-8");
	assert_non_null(memmem(r.data, r.size, "session has ended", 17));
	assert_non_null(strstr(r.cookie, "Max-Age=0"));
	reply_release(&r);
	head.value[HEAD_ACCEPT] = "application/json";
	assert_int_equal(status_of(&head, "/", &r), 401);
	assert_null(r.cookie);
	reply_release(&r);
	head.value[HEAD_ACCEPT] = "text/html";
	head.value[HEAD_COOKIE] = NULL;
	assert_int_equal(status_of(&head, "/", &r), 401);
	assert_null(r.cookie);
	assert_null(memmem(r.data, r.size, "role=\"alert\"", 12));
	reply_release(&r);
}

static void guesses(void **state)
{
	struct head head = { .value[HEAD_AUTHORIZATION] = "Bearer wrong" };
	struct reply r;
	unsigned int i;

	for (i = 0; i < GUARD_BURST; i++)
		assert_int_equal(by_token("Bearer ", forged), 401);
	assert_int_equal(status_of(&head, "/", &r), 429);
	assert_in_range(r.retry_s, 1, 7);
	reply_release(&r);
	/* Who has a good one does not wait, nor does a session that ended. */
	assert_int_equal(by_token("Bearer ", good), 0);
	assert_int_equal(by_cookie("ktach=", old, ""), 401);
}

static void a_login(void **state)
{
	struct head head = { .value[HEAD_ACCEPT] = "text/html" };
	struct visitor v = { &head, "192.0.2.1", .tls = true };
	struct reply r = { 0 };
	const char *age;

	visitor_login(&door, &v, good, &r);
	assert_int_equal(r.status, 303);
	assert_string_equal(r.location, "/");
	assert_int_equal(r.size, 0);
	assert_memory_equal(r.cookie, "ktach=", 6);
	assert_memory_equal(r.cookie + 6, good, strlen(good));
	age = strstr(r.cookie, "Max-Age=");
	assert_non_null(age);
	assert_in_range(atoi(age + 8), 900, 1000);
	assert_non_null(strstr(r.cookie, "; Secure"));
	reply_release(&r);
	r = (struct reply){ 0 };
	v.tls = false;
	visitor_login(&door, &v, good, &r);
	assert_null(strstr(r.cookie, "Secure"));
	reply_release(&r);
	r = (struct reply){ 0 };
	visitor_login(&door, &v, "", &r);
	assert_int_equal(r.status, 401);
	assert_null(r.cookie);
	assert_non_null(memmem(r.data, r.size, "A token is needed", 17));
	reply_release(&r);
	r = (struct reply){ 0 };
	visitor_login(&door, &v, forged, &r);
	assert_int_equal(r.status, 401);
	assert_null(r.cookie);
	assert_non_null(memmem(r.data, r.size, "token is wrong", 14));
	reply_release(&r);
	visitor_logout(&r);
	assert_int_equal(r.status, 303);
	assert_non_null(strstr(r.cookie, "Max-Age=0"));
	assert_string_equal(r.location, "/");
	reply_release(&r);
}

static const char *parse(struct live_view *view, const char *message)
{
	return live_view_parse(view, message, strlen(message));
}

static size_t bits(const struct live_view *view)
{
	size_t i, n = 0;

	for (i = 0; i < LIVE_FIGURE_WORDS; i++)
		n += (size_t)__builtin_popcountll(view->figures[i]);
	return n;
}

static void views(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{\"subscribe\":1}",
		"{\"subscribe\":{\"nodes\":\"one\"}}",
		"{\"subscribe\":{\"nodes\":1}}",
		"{\"subscribe\":{\"nodes\":[1]}}",
		"{\"subscribe\":{\"metrics\":\"cpu\"}}",
		"{\"subscribe\":{\"metrics\":[1]}}",
		"{\"subscribe\":{\"detail\":1}}",
		"{\"subscribe\":{\"nodes\":\"*\",\"nodes\":\"*\"}}",
	};
	struct live_view view;
	char message[400];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(parse(&view, bad[i]));
	assert_null(parse(&view, "{\"subscribe\":{}}"));
	assert_false(view.all);
	assert_int_equal(bits(&view), 0);
	assert_null(parse(&view, "{\"subscribe\":{\"nodes\":\"*\","
				 "\"metrics\":[\"\"],\"detail\":null}}"));
	assert_true(view.all);
	assert_int_equal(bits(&view), figure_count());
	assert_null(parse(&view, "{\"subscribe\":{\"nodes\":[\"one\",\"\","
				 "\"two\"],\"metrics\":[\"cpu.busy\"],"
				 "\"detail\":\"one\"}}"));
	assert_false(view.all);
	assert_memory_equal(view.nodes, "one\0two\0", 9);
	assert_string_equal(view.detail, "one");
	assert_int_equal(bits(&view), 1);
	for (i = 0; i < figure_count(); i++)
		if (!strcmp(figure_name(figure_at(i)), "cpu.busy"))
			assert_true(view.figures[i / 64] >> i % 64 & 1);
	/* A name as long as a node can have, and one more. */
	for (i = NODE_NAME_SIZE - 1; i <= NODE_NAME_SIZE; i++) {
		snprintf(message, sizeof(message),
			 "{\"subscribe\":{\"detail\":\"%0*d\"}}", (int)i, 7);
		if (i < NODE_NAME_SIZE)
			assert_null(parse(&view, message));
		else
			assert_non_null(parse(&view, message));
	}
}

static char heard[64];

static void hear(struct ws *ws, const char *text, size_t size)
{
	assert_true(size < sizeof(heard));
	memcpy(heard, text, size);
	heard[size] = '\0';
}

static void over(struct ws *ws)
{
}

/* A message whose beginning came with the request, in pieces of any size. */
static void first_bytes(void **state)
{
	static const uint8_t frame[] = "\x81\x85\0\0\0\0hello";
	const size_t size = sizeof(frame) - 1;
	struct ws ws;
	size_t with;
	int fds[2], epoll = epoll_create1(EPOLL_CLOEXEC);

	for (with = 0; with <= size; with++) {
		memset(&ws, 0, sizeof(ws));
		ws.message = hear;
		ws.over = over;
		heard[0] = '\0';
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		assert_int_equal(ws_open(&ws, epoll, fds[0], frame, with, 64),
				 0);
		ws_run(&ws);
		assert_string_equal(heard, with == size ? "hello" : "");
		assert_int_equal(write(fds[1], frame + with, size - with),
				 size - with);
		ws_run(&ws);
		assert_string_equal(heard, "hello");
		assert_false(ws.failed);
		ws_close(&ws);
		close(fds[0]);
		close(fds[1]);
	}
	close(epoll);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses),
		TEST(names_of_this_server),
		TEST(tokens),
		TEST(a_session_that_ended),
		TEST(guesses),
		TEST(a_login),
		cmocka_unit_test(views),
		cmocka_unit_test(first_bytes),
	};

	if (seal_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
