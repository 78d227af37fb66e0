// SPDX-License-Identifier: GPL-2.0-or-later
/* Heads of requests, who may do what, the answer to a WebSocket's key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/http/head.h"
#include "collector/login/rights.h"
#include "collector/http/visitor.h"
#include "collector/http/ws.h"
#include "lib/wire/seal.h"

static bool takes(const char *name, const char *value)
{
	struct head head = { 0 };

	return head_take(&head, name, value) && !head.problem;
}

static void names_and_values(void **state)
{
	assert_true(takes("X-Any", "a\tb, c"));
	assert_true(takes("x!#$%&'*+-.^_`|~0", ""));
	assert_false(takes("", "a"));
	assert_false(takes("Content-Length ", "1"));
	assert_false(takes("X(y)", "a"));
	assert_false(takes("X\x80", "a"));
	assert_false(takes("X", "a\rb"));
	assert_false(takes("X", "a\nb"));
	assert_false(takes("X", "\x01"));
	assert_false(takes("X", "\x7f"));
	assert_false(takes("Transfer-Encoding", "identity"));
	assert_false(takes("transfer-encoding", ""));
	assert_false(takes("Content-Length5", ""));
	assert_false(takes("transfer-encodingchunked", ""));
}

static void lengths(void **state)
{
	static const char *const bad[] = { "",
					   "+1",
					   "-1",
					   " 1",
					   "1 ",
					   "0x1",
					   "1,1",
					   "1, 1",
					   "1.",
					   "1e1",
					   "9999999999999999999999" };
	struct head head = { 0 };
	size_t i;

	assert_true(head_take(&head, "CONTENT-LENGTH", "0123"));
	assert_int_equal(head.length, 123);
	assert_false(head_take(&head, "Content-Length", "123"));
	assert_non_null(head.problem);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		head = (struct head){ 0 };
		assert_false(head_take(&head, "Content-Length", bad[i]));
		assert_non_null(head.problem);
	}
}

static void what_comes_once(void **state)
{
	static const char *const once[] = { "Host",    "Authorization",
					    "Cookie",  "Origin",
					    "Upgrade", "Sec-WebSocket-Key" };
	struct head head;
	size_t i;

	for (i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		head = (struct head){ 0 };
		assert_true(head_take(&head, once[i], "a"));
		assert_false(head_take(&head, once[i], "a"));
	}
	head = (struct head){ 0 };
	assert_true(head_take(&head, "Accept", "a"));
	assert_true(head_take(&head, "accept", "b"));
	assert_string_equal(head_text(&head, HEAD_ACCEPT), "b");
	assert_string_equal(head_text(&head, HEAD_COOKIE), "");
	head_end(&head, "HTTP/1.0");
	assert_null(head.problem);
	head_end(&head, "HTTP/1.1");
	assert_non_null(head.problem);
	head = (struct head){ 0 };
	for (i = 0; i < 100; i++)
		assert_true(head_take(&head, "X", ""));
	assert_false(head_take(&head, "X", ""));
}

static void lists(void **state)
{
	assert_true(head_lists("keep-alive, Upgrade", "upgrade"));
	assert_true(head_lists("upgrade", "Upgrade"));
	assert_false(head_lists("upgraded, x", "upgrade"));
	assert_false(head_lists("", "upgrade"));
	assert_false(head_lists(" ,\t,", "upgrade"));
}

static void who_may(void **state)
{
	unsigned int service = rights_role(LOGIN_SERVICE);
	unsigned int view = rights_role(LOGIN_READ);

	assert_true(rights_of("GET", "/metrics") & service);
	assert_true(rights_of("HEAD", "/metrics") & service);
	assert_false(rights_of("GET", "/api/v1/nodes") & service);
	assert_true(rights_of("GET", "/api/v1/nodes") & view);
	assert_int_equal(rights_of("GET", "/login"), RIGHTS_ANYBODY);
	assert_int_equal(rights_of("POST", "/api/v1/nodes"), RIGHTS_NOBODY);
	assert_int_equal(rights_of("DELETE", "/"), RIGHTS_NOBODY);
	assert_int_equal(rights_of("frame", "samples"),
			 rights_role(LOGIN_SEND));
	assert_int_equal(rights_of("frame", "other"), RIGHTS_NOBODY);
	assert_int_equal(login_role_named("read"), LOGIN_READ);
	assert_int_equal(login_role_named("root"), LOGIN_NOBODY);
	assert_int_equal(login_role_named(""), LOGIN_NOBODY);
}

static bool judge_origin(const char *host, const char *origin, struct visitor v,
			 const char *proto, const char *port)
{
	struct door door = { .rules.hosts = "one.example,two.example" };
	struct head head = { .value[HEAD_HOST] = host,
			     .value[HEAD_ORIGIN] = origin,
			     .value[HEAD_FORWARDED_PROTO] = proto,
			     .value[HEAD_FORWARDED_PORT] = port };

	v.head = &head;
	v.address = "192.0.2.1";
	return visitor_same_origin(&door, &v);
}

/* By no proxy: what it might say is nobody's. */
static bool same(const char *host, const char *origin)
{
	return judge_origin(host, origin, (struct visitor){ 0 }, "https", "1");
}

static bool same_tls(const char *host, const char *origin)
{
	return judge_origin(host, origin, (struct visitor){ .tls = true }, NULL,
			    NULL);
}

static bool same_proxied(const char *host, const char *origin,
			 const char *proto, const char *port)
{
	return judge_origin(host, origin, (struct visitor){ .proxy = true },
			    proto, port);
}

static void origins(void **state)
{
	assert_true(same("a:1", NULL));
	assert_true(same("a:1", "http://a:1"));
	assert_true(same("A", "http://a"));
	assert_true(same("a.", "HTTP://a"));
	assert_true(same("a", "http://a:80"));
	assert_true(same("a:80", "http://a"));
	assert_true(same("a:080", "http://a"));
	assert_false(same("a", "https://a"));
	assert_false(same("a", "http://a:8766"));
	assert_false(same("a:8766", "http://a"));
	assert_false(same("a:80", "http://a:4294967376"));
	assert_false(same("a", "http://a:1"));
	assert_false(same("one.example", "ftp://one.example"));
	assert_true(same_tls("a", "https://a"));
	assert_true(same_tls("a:8766", "https://a:8766"));
	assert_true(same_tls("a:443", "https://a"));
	assert_false(same_tls("a", "http://a"));
	assert_false(same_tls("a:80", "http://a"));
	assert_false(same_tls("a:80", "https://a"));
	assert_true(same("[::1]:5", "http://[::1]:5"));
	assert_true(same("127.0.0.1:5", "https://TWO.example"));
	assert_true(same("127.0.0.1:5", "https://two.example:9"));
	assert_false(same("a:1", "http://a:2"));
	assert_false(same("a", "http://b"));
	assert_false(same("a", "http://a.b"));
	assert_false(same("a", "null"));
	assert_false(same("", "http://"));
	assert_false(same("[::1]:5", "http://[::2]:5"));
}

static void origins_by_proxy(void **state)
{
	assert_true(same_proxied("a", "https://a", NULL, NULL));
	assert_true(same_proxied("a", "http://a", NULL, NULL));
	assert_true(same_proxied("a:5", "https://a:5", NULL, NULL));
	assert_false(same_proxied("a", "https://a:5", NULL, NULL));
	assert_true(same_proxied("a", "https://a:5", NULL, "5"));
	assert_false(same_proxied("a:6", "https://a:5", NULL, "5"));
	assert_true(same_proxied("a", "https://a", "HTTPS", NULL));
	assert_false(same_proxied("a", "http://a", "https", NULL));
	assert_true(same_proxied("a", "http://a", "http", "80"));
	assert_false(same_proxied("a", "https://a", "https", "80"));
	assert_true(same_proxied("a", "https://a", "https", "x"));
}

/* RFC 6455, 1.3 */
static void socket_keys(void **state)
{
	char answer[WS_ACCEPT_SIZE];

	assert_true(ws_accept("dGhlIHNhbXBsZSBub25jZQ==", answer));
	assert_string_equal(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(ws_accept("", answer));
	assert_false(ws_accept("dGhlIHNhbXBsZSBub25jZQ=", answer));
	assert_false(ws_accept("dGhlIHNhbXBsZSBub25jZQAA", answer));
	assert_false(ws_accept("dGhlIHNhbXBsZSBub25jZ\xc3\xa4==", answer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values),
		cmocka_unit_test(lengths),
		cmocka_unit_test(what_comes_once),
		cmocka_unit_test(lists),
		cmocka_unit_test(who_may),
		cmocka_unit_test(origins),
		cmocka_unit_test(origins_by_proxy),
		cmocka_unit_test(socket_keys),
	};

	if (seal_init())
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
