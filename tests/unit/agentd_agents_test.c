// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Agents by their files, their checks and their heartbeats, where there is no bus to
 * systemd: what it would say is put into the agents. tests/agents has all of it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agentd/agents/agents.h"
#include "agentd/agents/find.h"
#include "agentd/agents/health.h"
#include "agentd/agents/process.h"
#include "agentd/doors/beats.h"
#include "agentd/doors/heartbeat.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/unit/agentd_folder.h"

static void files_come_change_and_go(void **state)
{
	struct agent *a;

	put("web.conf", LEAST);
	put("README", "no agent");
	start();
	assert_int_equal(agents.count, 1);
	a = find("web");
	assert_string_equal(a->record.name, "web");
	assert_int_equal(a->want, WANT_START);
	assert_false(agents.reload);

	/* One more; the list is in order. */
	put("db.conf", LEAST "version = 7\n");
	tick(0);
	assert_int_equal(agents.count, 2);
	assert_string_equal(agents.all[0]->record.name, "db");
	assert_int_equal(find("db")->want, WANT_START);

	/* The same again is no change. */
	a->want = WANT_NOTHING;
	put("web.conf", LEAST);
	tick(0);
	assert_false(agents.reload);
	assert_int_equal(a->want, WANT_NOTHING);

	put("web.conf", LEAST "enabled = no\n");
	tick(0);
	assert_ptr_equal(find("web"), a);
	assert_int_equal(a->want, WANT_STOP);
	assert_true(agents.reload);
	put("web.conf", LEAST "enabled = yes\nargs = -v\n");
	a->missed = 2;
	tick(0);
	assert_int_equal(a->want, WANT_START);
	assert_int_equal(a->missed, 0);
	assert_string_equal(a->definition.args, "-v");
	assert_false(a->changed);

	/* What runs goes on as it was started. */
	run(a, 1);
	put("web.conf", LEAST "args = -q\n");
	tick(0);
	assert_true(a->changed);
	run(a, 2);
	assert_false(a->changed);

	/* It is stopped first, then forgotten. */
	agents.reload = false;
	unlink(path_of("web.conf"));
	tick(0);
	assert_null(agents_find(&agents, "web"));
	assert_int_equal(agents.count, 2);
	assert_int_equal(a->want, WANT_STOP);
	assert_string_equal(a->because, "its file is gone");
	assert_true(agents.reload);
	a->want = WANT_NOTHING;
	tick(0);
	assert_int_equal(agents.count, 1);
	assert_string_equal(agents.all[0]->record.name, "db");
}

static void broken_files(void **state)
{
	struct agent *a;

	put("web.conf", "user = daemon\n");
	start();
	assert_int_equal(agents.count, 1);
	assert_false(agents.all[0]->good);
	assert_non_null(strstr(agents.all[0]->problem, "exec"));
	assert_null(agents_find(&agents, "web"));

	put("web.conf", LEAST);
	tick(0);
	assert_int_equal(agents.count, 1);
	a = find("web");
	assert_string_equal(a->problem, "");
	assert_int_equal(a->want, WANT_START);

	/* A good one goes on as its file was. */
	put("web.conf", LEAST "enabled = maybe\n");
	tick(0);
	assert_int_equal(agents.count, 1);
	assert_ptr_equal(find("web"), a);
	assert_non_null(strstr(a->problem, "enabled"));
	assert_true(a->definition.enabled);

	/* Another file with its name. */
	put("web.conf", LEAST);
	put("zeb.conf", LEAST "name = web\n");
	tick(0);
	assert_int_equal(agents.count, 2);
	assert_ptr_equal(find("web"), a);
	assert_string_equal(a->problem, "");
	assert_true(a->good);
	assert_ptr_equal(agents.all[0], a);
	assert_false(agents.all[1]->good);
	assert_non_null(strstr(agents.all[1]->problem, "already"));
	unlink(path_of("zeb.conf"));
	tick(0);
	assert_int_equal(agents.count, 1);
}

static void started_once_and_for_all(void **state)
{
	put("web.conf", LEAST);
	start();
	run(find("web"), 1);
	assert_int_equal(find("web")->record.starts, 1);
	agents_close(&agents);
	loop_exit(&loop);
	assert_int_equal(loop_init_polled(&loop, 32), 0);

	/* Somebody may have stopped it since. */
	put("off.conf", LEAST "enabled = no\n");
	put("new.conf", LEAST);
	start();
	assert_int_equal(find("web")->record.starts, 1);
	assert_int_equal(find("web")->want, WANT_NOTHING);
	assert_int_equal(find("off")->want, WANT_NOTHING);
	assert_int_equal(find("new")->want, WANT_START);
}

static void a_folder_that_comes_late(void **state)
{
	char aside[80];

	rmdir(folder);
	start();
	tick(0);
	assert_int_equal(agents.count, 0);
	mkdir(folder, 0755);
	put("web.conf", LEAST);
	tick(0);
	assert_int_equal(agents.count, 1);
	unlink(path_of("web.conf"));
	rmdir(folder);
	tick(0);
	tick(0);
	mkdir(folder, 0755);
	put("db.conf", LEAST);
	tick(0);
	assert_non_null(agents_find(&agents, "db"));

	/* Another one in its place. */
	snprintf(aside, sizeof(aside), "%s/aside", work);
	assert_int_equal(rename(folder, aside), 0);
	tick(0);
	assert_null(agents_find(&agents, "db"));
	mkdir(folder, 0755);
	tick(0);
	put("web.conf", LEAST);
	tick(0);
	assert_non_null(agents_find(&agents, "web"));
}

/* Failed for two looks, as each restart begins with a moment of it. */
static void given_up_by_systemd(void **state)
{
	struct agent *a;

	put("web.conf", LEAST);
	start();
	a = find("web");
	run(a, 1);
	strcpy(a->unit.state.active, "failed");
	strcpy(a->unit.state.result, "exit-code");
	tick(0);
	assert_false(a->record.failed);
	strcpy(a->unit.state.active, "active");
	tick(0);
	strcpy(a->unit.state.active, "failed");
	tick(0);
	assert_false(a->record.failed);
	tick(0);
	assert_true(a->record.failed);
	assert_string_equal(a->record.failure, "systemd: exit-code");
	/* Not if somebody meant it to end. */
	run(a, 2);
	assert_false(a->record.failed);
	a->meant = true;
	strcpy(a->unit.state.active, "failed");
	tick(0);
	tick(0);
	tick(0);
	assert_false(a->record.failed);
	run(a, 3);
	assert_false(a->meant);
}

#define UNIX_CHECK                                                        \
	"[health]\ncheck = unix\nsocket = %s\ninterval = 10s\nretries = " \
	"2\n[restart]\ndelay = 30s\ndelay-max = 600s\nlimit = 2\n"        \
	"within = 100s\npolicy = %s\n"

static struct agent *checked_by_socket(const char *policy)
{
	char text[512];

	snprintf(text, sizeof(text), LEAST UNIX_CHECK, path_of("socket"),
		 policy);
	put("web.conf", text);
	start();
	return find("web");
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void restarted_until_it_is_given_up(void **state)
{
	struct agent *a = checked_by_socket("on-failure");
	struct health *h = &a->health;
	uint64_t now = run(a, 1);
	int fd;

	/* The first look is an interval after the start. */
	tick(now + 9 * S_NS);
	assert_int_equal(h->checks, 0);
	tick(now + 11 * S_NS);
	assert_int_equal(h->checks, 1);
	assert_int_equal(h->failures, 1);
	assert_string_equal(h->last, "No such file or directory");
	tick(now + 20 * S_NS);
	assert_int_equal(h->checks, 1);
	assert_int_equal(a->record.health_restarts, 0);
	tick(now + 22 * S_NS);
	assert_int_equal(a->record.health_restarts, 1);
	assert_int_equal(h->restarts, 1);
	assert_int_equal(h->failures, 0);
	assert_string_equal(a->because,
			    "health check failed: No such file or directory");

	/* Again, once the delay is over: 60 s by now. */
	h->not_before_ns = UINT64_MAX;
	tick(now + 32 * S_NS);
	tick(now + 42 * S_NS);
	assert_int_equal(h->failures, 2);
	assert_int_equal(h->restarts, 1);
	h->not_before_ns = 0;
	tick(now + 52 * S_NS);
	assert_int_equal(h->restarts, 2);
	assert_in_range(h->not_before_ns - h->restarted_ns, 120 * S_NS,
			120 * S_NS);

	tick(now + 62 * S_NS);
	assert_false(a->record.failed);
	tick(now + 72 * S_NS);
	assert_true(a->record.failed);
	assert_string_equal(a->record.failure,
			    "health: No such file or directory");
	assert_int_equal(a->record.health_restarts, 2);
	tick(now + 82 * S_NS);
	assert_int_equal(a->record.health_restarts, 2);

	fd = listen_at(path_of("socket"));
	tick(now + 92 * S_NS);
	assert_false(a->record.failed);
	assert_int_equal(h->failures, 0);
	assert_string_equal(h->last, "");
	/* It counts as before until it has been well for long. */
	assert_int_equal(h->restarts, 2);
	h->restarted_ns = clock_mono_ns() - 101 * S_NS;
	tick(now + 102 * S_NS);
	assert_int_equal(h->restarts, 0);
	h->restarts = 5;
	health_forgive(a);
	assert_int_equal(h->restarts, 0);
	assert_int_equal(h->not_before_ns, 0);
	close(fd);
}

static void not_restarted(void **state)
{
	struct agent *a = checked_by_socket("no");
	uint64_t now = run(a, 1);

	tick(now + 11 * S_NS);
	assert_false(a->record.failed);
	tick(now + 22 * S_NS);
	assert_true(a->record.failed);
	assert_int_equal(a->record.health_restarts, 0);
	/* What does not run is not looked at. */
	strcpy(a->unit.state.active, "inactive");
	tick(now + 33 * S_NS);
	assert_int_equal(a->health.checks, 2);
	strcpy(a->unit.state.active, "active");
	a->unit.state.known = false;
	tick(now + 44 * S_NS);
	assert_int_equal(a->health.checks, 2);
}

static void silent_agents(void **state)
{
	struct agent *a;
	uint64_t now;

	put("web.conf", LEAST "[health]\ncheck = heartbeat\ninterval = 10s\n"
			      "timeout = 3s\nretries = 1\n[restart]\n"
			      "policy = no\n");
	start();
	a = find("web");
	now = run(a, 1);
	a->beat.at_ns = now;
	tick(now + 12 * S_NS);
	assert_int_equal(a->health.checks, 1);
	assert_false(a->record.failed);
	a->beat.at_ns = now + 10 * S_NS;
	tick(now + 22 * S_NS);
	assert_false(a->record.failed);
	tick(now + 23 * S_NS);
	assert_int_equal(a->health.checks, 2);
	tick(now + 32 * S_NS);
	assert_true(a->record.failed);
	assert_string_equal(a->record.failure, "health: no heartbeat");
}

/* What an agent answers to a look by HTTP, and what is seen then. */
static const char *look(struct agent *a, int listener, uint64_t now,
			const char *answer)
{
	char request[512] = "";
	uint64_t checks = a->health.checks;
	int fd, left;

	tick(now);
	assert_true(a->health.busy);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	for (left = 1000; left && !strstr(request, "\r\n\r\n"); left--) {
		loop_run_once(&loop, false);
		recv(fd, request, sizeof(request) - 1, MSG_PEEK | MSG_DONTWAIT);
	}
	assert_non_null(strstr(request, "GET /health HTTP/1.1\r\nHost: "));
	if (answer)
		send(fd, answer, strlen(answer), 0);
	else
		agents_tick(&agents, now + 4 * S_NS);
	for (left = 1000; left && a->health.busy; left--) {
		struct pollfd p = { a->probe.fd, POLLIN, 0 };

		poll(&p, 1, 10);
		loop_run_once(&loop, false);
	}
	close(fd);
	assert_int_equal(a->health.checks, checks + 1);
	return a->health.last;
}

static void looks_by_http(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	char text[512];
	struct agent *a;
	uint64_t now;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(listener, 8), 0);
	getsockname(listener, (struct sockaddr *)&at, &size);
	snprintf(text, sizeof(text),
		 LEAST "[health]\ncheck = http\nurl = "
		       "http://127.0.0.1:%d/health\ninterval = 10s\n"
		       "timeout = 3s\nretries = 1000\n",
		 ntohs(at.sin_port));
	put("web.conf", text);
	start();
	a = find("web");
	now = run(a, 1);

	assert_string_equal(look(a, listener, now += 11 * S_NS,
				 "HTTP/1.1 200 OK\r\n\r\n"),
			    "");
	assert_string_equal(look(a, listener, now += 11 * S_NS,
				 "HTTP/1.0 299 Well\r\n"),
			    "");
	assert_string_equal(look(a, listener, now += 11 * S_NS,
				 "HTTP/1.1 300 Elsewhere\r\n"),
			    "health URL: status 300");
	assert_string_equal(look(a, listener, now += 11 * S_NS,
				 "HTTP/1.1 199 No\r\n"),
			    "health URL: status 199");
	assert_string_equal(look(a, listener, now += 11 * S_NS,
				 "SSH-2.0-x\r\n"),
			    "health URL: the answer is not one of HTTP/1.1");
	assert_int_equal(a->health.failures, 3);
	assert_string_equal(look(a, listener, now += 11 * S_NS, NULL),
			    "health URL: no answer in time");
	close(listener);
}

/* What becomes of a heartbeat by HTTP: its status, and the field that is wrong. */
static void assert_beat(const char *text, const char *token, int status,
			const char *field)
{
	struct heartbeat h = { .text = text,
			       .size = strlen(text),
			       .token = token };

	heartbeat_take(&h, &agents);
	assert_int_equal(h.status, status);
	assert_int_equal(h.problem[0] == '\0', status == 200);
	if (field)
		assert_string_equal(h.field, field);
	else
		assert_null(h.field);
}

static void wrong_heartbeats(void **state)
{
	static const struct {
		const char *text, *field;
	} wrong[] = {
		{ "", NULL },
		{ "[]", NULL },
		{ "{\"pid\": 1}", "agent_id" },
		{ "{\"agent_id\": \"\", \"pid\": 1}", "agent_id" },
		{ "{\"agent_id\": 5, \"pid\": 1}", "agent_id" },
		{ "{\"agent_id\": \"no\", \"pid\": 1}", "agent_id" },
		{ "{\"agent_id\": \"web\"}", "pid" },
		{ "{\"agent_id\": \"web\", \"pid\": 0}", "pid" },
		{ "{\"agent_id\": \"web\", \"pid\": 1.5}", "pid" },
		{ "{\"agent_id\": \"web\", \"pid\": 2147483648}", "pid" },
		{ "{\"agent_id\": \"web\", \"pid\": 1, \"cpu\": -1}", "cpu" },
		{ "{\"agent_id\": \"web\", \"pid\": 1, \"memory\": \"1\"}",
		  "memory" },
		{ "{\"agent_id\": \"web\", \"agent_id\": \"web\"}", NULL },
	};
	size_t i;

	put("web.conf", LEAST);
	start();
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_beat(wrong[i].text, NULL, 400, wrong[i].field);
	assert_int_equal(find("web")->beat.refused, 0);
}

static void tokens_of_heartbeats(void **state)
{
	struct agent *a;
	char text[64];

	put("web.conf", LEAST "token = secret\n");
	chmod(path_of("web.conf"), 0600);
	start();
	a = find("web");
	snprintf(text, sizeof(text), "{\"agent_id\": \"web\", \"pid\": %d}",
		 getpid());
	assert_beat(text, NULL, 401, NULL);
	assert_beat(text, "secre", 401, NULL);
	assert_beat(text, "secret", 403, "pid");
	assert_int_equal(a->beat.refused, 3);
	assert_int_equal(a->beat.at_ns, 0);
	assert_true(agents.refused_told_ns > 0);
	/* Its control group is this process's. */
	process_group(getpid(), a->unit.state.group,
		      sizeof(a->unit.state.group));
	if (!a->unit.state.group[1])
		return; /* all processes are at the root */
	assert_beat(text, "secret", 200, NULL);
	assert_int_equal(a->beat.pid, getpid());
	assert_true(a->beat.cpu < 0 && a->beat.memory < 0);
}

static void send_beat(const char *text)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/heartbeat.sock", work);
	assert_int_equal(sendto(fd, text, strlen(text), 0,
				(struct sockaddr *)&to, sizeof(to)),
			 strlen(text));
	close(fd);
	loop_run_once(&loop, false);
}

/* The kernel says whose they are. */
static void heartbeats_as_datagrams(void **state)
{
	struct beats beats = { .fd = -1 };
	struct stat st;
	struct agent *a;
	char large[HEARTBEAT_MAX + 64];

	put("web.conf", LEAST "token = secret\n");
	chmod(path_of("web.conf"), 0600);
	start();
	a = find("web");
	assert_int_equal(beats_open(&beats, &loop, &agents, work), 0);
	assert_int_equal(stat(beats.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	loop_run_once(&loop, false);

	strcpy(a->unit.state.group, "/ktach/nobody");
	send_beat("{\"agent_id\": \"web\", \"pid\": 1}");
	assert_int_equal(a->beat.refused, 1);
	a->unit.state.main_pid = (uint32_t)getpid();
	send_beat("{\"agent_id\": \"web\", \"pid\": 7, \"cpu\": 2.5, "
		  "\"memory\": 4096}");
	assert_int_equal(a->beat.refused, 1);
	assert_int_equal(a->beat.pid, 7);
	assert_true(a->beat.cpu == 2.5);
	assert_true(a->beat.memory == 4096);
	assert_true(a->record.beat_us > 0);

	/* One that is cut off says nothing, though its beginning would. */
	a->beat.pid = 0;
	memset(large, ' ', sizeof(large));
	memcpy(large, "{\"agent_id\": \"web\", \"pid\": 8}", 29);
	large[sizeof(large) - 1] = '\0';
	send_beat(large);
	assert_int_equal(a->beat.pid, 0);
	beats_close(&beats);
	assert_int_equal(stat(beats.path, &st), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_come_change_and_go, begin,
						end),
		cmocka_unit_test_setup_teardown(broken_files, begin, end),
		cmocka_unit_test_setup_teardown(started_once_and_for_all, begin,
						end),
		cmocka_unit_test_setup_teardown(a_folder_that_comes_late, begin,
						end),
		cmocka_unit_test_setup_teardown(given_up_by_systemd, begin,
						end),
		cmocka_unit_test_setup_teardown(restarted_until_it_is_given_up,
						begin, end),
		cmocka_unit_test_setup_teardown(not_restarted, begin, end),
		cmocka_unit_test_setup_teardown(silent_agents, begin, end),
		cmocka_unit_test_setup_teardown(looks_by_http, begin, end),
		cmocka_unit_test_setup_teardown(wrong_heartbeats, begin, end),
		cmocka_unit_test_setup_teardown(tokens_of_heartbeats, begin,
						end),
		cmocka_unit_test_setup_teardown(heartbeats_as_datagrams, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
