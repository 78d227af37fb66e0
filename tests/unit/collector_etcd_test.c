// SPDX-License-Identifier: GPL-2.0-or-later
/* What etcd's client makes of servers that are away, hang, or tell what can't be; with
 * ETCD_SERVERS=etcd://... that of the environment does what it has to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/base/place.h"
#include "collector/fleet/etcd.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define WHOLE HEAD "Connection: close\r\n\r\n"

/* It gives each connection the same bytes: @text, then @filler of 'a'. */
struct liar {
	int fd;
	int port;
	pthread_t thread;
	const char *text;
	const char *later; /* after a moment */
	size_t filler;
	bool silent;
};

static void answer(struct liar *l, int fd)
{
	char request[4096], filler[4096];
	size_t left = l->filler;

	memset(filler, 'a', sizeof(filler));
	if (recv(fd, request, sizeof(request), 0) <= 0)
		return;
	if (l->silent) {
		recv(fd, request, sizeof(request), 0);
		return;
	}
	send(fd, l->text, strlen(l->text), MSG_NOSIGNAL);
	while (left && send(fd, filler, sizeof(filler), MSG_NOSIGNAL) > 0)
		left -= left < sizeof(filler) ? left : sizeof(filler);
	if (!l->later)
		return;
	usleep(20000);
	send(fd, l->later, strlen(l->later), MSG_NOSIGNAL);
	recv(fd, request, sizeof(request), 0);
}

static void *serve(void *context)
{
	struct liar *l = context;
	int fd;

	while ((fd = accept(l->fd, NULL, NULL)) >= 0) {
		answer(l, fd);
		close(fd);
	}
	return NULL;
}

static void begin(struct liar *l)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(l->fd, (struct sockaddr *)&a, size), 0);
	assert_int_equal(listen(l->fd, 8), 0);
	getsockname(l->fd, (struct sockaddr *)&a, &size);
	l->port = ntohs(a.sin_port);
	pthread_create(&l->thread, NULL, serve, l);
}

static void end(struct liar *l)
{
	shutdown(l->fd, SHUT_RDWR);
	pthread_join(l->thread, NULL);
	close(l->fd);
}

static struct etcd *open_at(const char *format, ...)
{
	struct place p;
	struct etcd *e;
	char text[256];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	assert_null(place_parse(&p, text, PLACE_ETCD));
	e = etcd_open(&p);
	assert_non_null(e);
	return e;
}

static void lies(void **state)
{
	static struct {
		struct liar liar;
		const char *problem;
	} all[] = {
		{ { .text = "SSH-2.0-OpenSSH_9.2\r\n" }, "127.0.0.1:" },
		{ { .text = WHOLE "nothing" }, "its answer is none" },
		{ { .text = WHOLE "[1]" }, "its answer is none" },
		{ { .text = WHOLE "{\"ID\":" }, "its answer is none" },
		{ { .text = WHOLE "{\"TTL\":\"3\"}" }, "has no number" },
		{ { .text = WHOLE "{\"ID\":{}}" }, "has no number" },
		{ { .text = WHOLE, .filler = 64 << 20 }, "too large" },
		{ { .silent = true }, "Timeout" },
		{ { .text = "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n"
			    "{\"error\":\"etcdserver: no leader\",\"code\":14}" },
		  "status 503: etcdserver: no leader" },
	};
	uint64_t lease = 0;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct etcd *e;

		begin(&all[i].liar);
		e = open_at("etcd://127.0.0.1:%d", all[i].liar.port);
		assert_int_equal(etcd_grant(e, 3, &lease), -EIO);
		if (!strstr(etcd_problem(e), all[i].problem))
			fail_msg("%zu: '%s'", i, etcd_problem(e));
		etcd_close(e);
		end(&all[i].liar);
	}
}

static void next_server(void **state)
{
	struct liar silent = { .silent = true };
	struct liar good = { .text = WHOLE "{\"ID\":\"77\",\"TTL\":\"3\"}" };
	uint64_t lease = 0;
	struct etcd *e;

	begin(&silent);
	begin(&good);
	e = open_at("etcd://127.0.0.1:%d,127.0.0.1:1,127.0.0.1:%d", silent.port,
		    good.port);
	assert_int_equal(etcd_grant(e, 3, &lease), 0);
	assert_int_equal(lease, 77);
	etcd_close(e);
	end(&silent);
	end(&good);
}

static void ended_lease(void **state)
{
	struct liar gone = { .text = WHOLE "{\"result\":{\"ID\":\"77\"}}" };
	struct etcd *e;

	begin(&gone);
	e = open_at("etcd://127.0.0.1:%d", gone.port);
	assert_int_equal(etcd_keep_alive(e, 77), -ENOENT);
	etcd_close(e);
	end(&gone);
}

static void count(void *context, const struct etcd_key *k)
{
	char *told = context;

	snprintf(told + strlen(told), 256 - strlen(told), "%s%s=%s@%llu ",
		 k->gone ? "-" : "", k->key, k->value,
		 (unsigned long long)k->changed);
}

/* How a watch ends, and what it told. */
static int watch(struct etcd *e, char told[256])
{
	int err, i;

	told[0] = '\0';
	assert_int_equal(etcd_watch(e, "/k/", 1), 0);
	for (i = 0; i < 600 && !(err = etcd_wait(e, 100, count, told)); i++)
		if (strstr(told, "@9 "))
			break;
	return err;
}

/* /k/a is L2svYQ==, v is dg==. */
static void watches(void **state)
{
	static struct {
		struct liar liar;
		const char *told;
	} all[] = {
		{ { .text = WHOLE
		    "{\"result\":{\"created\":true}}\n"
		    "{\"result\":{\"events\":[{\"kv\":{\"key\":\"L2svYQ==\",\"va",
		    .later = "lue\":\"dg==\",\"mod_revision\":\"9\"}}]}}\n" },
		  "/k/a=v@9 " },
		{ { .text = WHOLE
		    "{\"result\":{\"events\":[{\"type\":\"DELETE\",\"kv\":{"
		    "\"key\":\"L2svYQ==\",\"mod_revision\":\"9\"}}]}}\n" },
		  "-/k/a=@9 " },
		{ { .text = WHOLE "{\"result\":{\"canceled\":true}}\n" }, "" },
		{ { .text = WHOLE "{\"result\":{\"events\":[{}]}}\n" }, "" },
		{ { .text = WHOLE "{\"result\":{\"events\":[{\"kv\":{\"key\":7,"
				  "\"mod_revision\":\"9\"}}]}}\n" },
		  "" },
		{ { .text = WHOLE "no event\n" }, "" },
		{ { .text = WHOLE, .filler = 64 << 20 }, "" },
	};
	char told[256];
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct etcd *e;
		int err;

		begin(&all[i].liar);
		e = open_at("etcd://127.0.0.1:%d", all[i].liar.port);
		err = watch(e, told);
		assert_string_equal(told, all[i].told);
		if (!all[i].told[0] && err != -EIO)
			fail_msg("%zu: the watch goes on", i);
		etcd_close(e);
		end(&all[i].liar);
	}
}

static void remember(void *context, const struct etcd_key *k)
{
	*(struct etcd_key *)context = *k;
}

/* A real one: a key that goes with its lease, and its watch. */
static void real_server(void **state)
{
	const char *servers = getenv("ETCD_SERVERS");
	struct etcd_key seen = { .gone = false };
	uint64_t lease, revision;
	struct etcd *e;
	int i;

	if (!servers)
		skip();
	e = open_at("%s", servers);
	assert_int_equal(etcd_grant(e, 5, &lease), 0);
	assert_int_equal(etcd_keep_alive(e, lease), 0);
	assert_int_equal(etcd_put_new(e, "/unit/a", "one", lease), 0);
	assert_int_equal(etcd_put_new(e, "/unit/a", "two", lease), -EEXIST);
	assert_int_equal(etcd_range(e, "/unit/", remember, &seen, &revision),
			 0);
	assert_string_equal(seen.key, "/unit/a");
	assert_string_equal(seen.value, "one");
	assert_int_equal(seen.lease, lease);
	assert_int_equal(etcd_watch(e, "/unit/", revision + 1), 0);
	assert_int_equal(etcd_revoke(e, lease), 0);
	for (i = 0; i < 600 && !seen.gone; i++)
		assert_int_equal(etcd_wait(e, 100, remember, &seen), 0);
	assert_string_equal(seen.key, "/unit/a");
	assert_true(seen.gone && seen.changed > revision);
	assert_int_equal(etcd_keep_alive(e, lease), -ENOENT);
	assert_int_equal(etcd_put(e, "/unit/b", "x", 0), 0);
	assert_int_equal(etcd_delete(e, "/unit/b"), 0);
	etcd_close(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lies),	       cmocka_unit_test(next_server),
		cmocka_unit_test(ended_lease), cmocka_unit_test(watches),
		cmocka_unit_test(real_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
