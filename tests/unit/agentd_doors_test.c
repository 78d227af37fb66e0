// SPDX-License-Identifier: GPL-2.0-or-later
/* What agentd's two doors answer: lines of 'ktach agent', and HTTP. */
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
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agentd/doors/beat_http.h"
#include "agentd/doors/operator.h"
#include "tests/unit/agentd_folder.h"

static struct operator operator;
static struct gate gate;
static struct beat_http http;
static char answer[16384];

static int begin_doors(void **state)
{
	if (begin(state))
		return -1;
	memset(&operator, 0, sizeof(operator));
	memset(&gate, 0, sizeof(gate));
	operator.gate = & gate;
	memset(&http, 0, sizeof(http));
	put("web.conf", LEAST "version = 1.2\n");
	put("off.conf", LEAST "enabled = no\n");
	put("bad.conf", "user = daemon\n");
	start();
	return operator_open(&operator, & loop, &agents, work) ||
	       beat_http_open(&http, &loop, &agents, "127.0.0.1:0");
}

static int end_doors(void **state)
{
	operator_close(&operator);
	beat_http_close(&http);
	return end(state);
}

static int connect_operator(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, operator.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int connect_http(void)
{
	struct sockaddr_in a;
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	getsockname(http.door.fd, (struct sockaddr *)&a, &size);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* All that comes until the other end closes. */
static const char *read_answer(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	size_t used = 0;
	ssize_t n = 1;
	int left;

	for (left = 10000; left && n; left--) {
		loop_run_once(&loop, false);
		if (poll(&p, 1, 1) <= 0)
			continue;
		n = recv(fd, answer + used, sizeof(answer) - 1 - used, 0);
		assert_true(n >= 0);
		used += (size_t)n;
	}
	assert_int_equal(n, 0);
	answer[used] = '\0';
	close(fd);
	return answer;
}

static const char *ask(const char *line)
{
	int fd = connect_operator();

	send(fd, line, strlen(line), 0);
	return read_answer(fd);
}

static const char *get(const char *request)
{
	int fd = connect_http();

	send(fd, request, strlen(request), 0);
	return read_answer(fd);
}

/* Others may ask only if they are of a group that need not be there. */
static void need_root(void)
{
	if (getuid())
		skip();
}

static void all_are_described(void **state)
{
	struct agent *a = find("web");
	char wanted[1024];

	need_root();
	run(a, 1);
	a->unit.state.main_pid = 77;
	a->beat.pid = 77;
	a->beat.cpu = 2.5;
	a->beat.memory = 4096;
	a->beat.refused = 3;
	a->record.exit_us = 9;
	a->record.beat_us = 8;
	strcpy(a->record.exit, "exited with 1");
	strcpy(a->record.failure, "of before");
	snprintf(wanted, sizeof(wanted),
		 "ok\nagent web\nstate running\nfile %s/web.conf\ntype agent\n"
		 "version 1.2\nuser daemon\nenabled yes\nchanged no\n"
		 "unit ktach-agent@web.service\npid 77\nstarted_us 1000\n"
		 "starts 1\nrestarts 0\nhealth_restarts 0\nexit_us 9\n"
		 "exit exited with 1\nheartbeat_us 8\ncheck none\nchecks 0\n"
		 "failures 0\nsaid_cpu 2.500\nsaid_memory 4096\n"
		 "refused_heartbeats 3\n\n",
		 folder);
	assert_string_equal(ask("list web\n"), wanted);
	assert_non_null(strstr(ask("list\n"), "agent bad\nstate broken\n"));
	assert_non_null(strstr(answer, "agent off\nstate unknown\n"));
	assert_non_null(strstr(answer, "agent web\nstate running\n"));
	assert_string_equal(ask("list nobody\n"), "ok\n");
	a->gone = true;
	assert_null(strstr(ask("list\n"), "agent web"));
}

static void states_of_an_agent(void **state)
{
	static const struct {
		const char *active, *sub, *said;
	} cases[] = {
		{ "active", "running", "state running\n" },
		{ "reloading", "reload", "state running\n" },
		{ "activating", "start", "state starting\n" },
		{ "activating", "auto-restart", "state restarting\n" },
		{ "deactivating", "stop-sigterm", "state stopping\n" },
		{ "failed", "failed", "state restarting\n" },
		{ "inactive", "dead", "state stopped\n" },
	};
	struct agent *a = find("web");
	size_t i;

	need_root();
	run(a, 1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(a->unit.state.active, cases[i].active);
		strcpy(a->unit.state.sub, cases[i].sub);
		assert_non_null(strstr(ask("list web\n"), cases[i].said));
	}
	a->definition.enabled = false;
	assert_non_null(strstr(ask("list web\n"), "state disabled\n"));
	strcpy(a->unit.state.active, "failed");
	a->meant = true;
	assert_non_null(strstr(ask("list web\n"), "state disabled\n"));
	strcpy(a->unit.state.active, "active");
	a->health.failures = 1;
	assert_non_null(strstr(ask("list web\n"), "state unhealthy\n"));
	a->record.failed = true;
	strcpy(a->record.failure, "why");
	assert_non_null(strstr(ask("list web\n"), "state failed\n"));
	assert_non_null(strstr(answer, "\nfailure why\n"));
}

/* Without a bus each job ends at once; what is meant is noted all the same. */
static void what_is_asked_for(void **state)
{
	struct agent *a = find("web");

	need_root();
	run(a, 1);
	a->health.restarts = 4;
	a->want = WANT_START;
	assert_string_equal(ask("restart web\n"),
			    "error web: systemd's bus is away\n");
	assert_string_equal(a->because, "restart asked for");
	assert_false(a->meant);
	assert_int_equal(a->health.restarts, 0);
	assert_int_equal(a->want, WANT_NOTHING);
	ask("stop web\n");
	assert_string_equal(a->because, "stop asked for");
	assert_true(a->meant);
	a->because[0] = '\0';
	ask("start web\n");
	assert_string_equal(a->because, "");
	/* Of all, those that are not enabled are stopped only. */
	assert_string_equal(ask("start --all\n"),
			    "error web: systemd's bus is away\n");
	assert_string_equal(ask("stop --all\n"),
			    "error off: systemd's bus is away; "
			    "web: systemd's bus is away\n");
	a->gone = true;
	find("off")->gone = true;
	assert_string_equal(ask("stop --all\n"), "ok\n");
}

static void lines_that_are_none(void **state)
{
	char line[DOOR_REQUEST_MAX + 2];

	need_root();
	assert_string_equal(ask("shout web\n"), "error no such verb\n");
	assert_string_equal(ask("\n"), "error no such verb\n");
	assert_string_equal(ask("stop\n"), "error which agent?\n");
	assert_string_equal(ask("stop bad\n"),
			    "error there is no such agent\n");
	memset(line, 'x', sizeof(line));
	line[DOOR_REQUEST_MAX] = '\0';
	assert_string_equal(ask(line), "error the line is too long\n");
	line[DOOR_REQUEST_MAX - 1] = '\n';
	assert_string_equal(ask(line), "error no such verb\n");
}

/* A line that comes in pieces, and one that does not come. */
static void slow_visitors(void **state)
{
	int fd, silent;
	char c;

	need_root();
	fd = connect_operator();
	send(fd, "list", 4, 0);
	loop_run_once(&loop, false);
	loop_run_once(&loop, false);
	send(fd, " web\n", 5, 0);
	assert_non_null(strstr(read_answer(fd), "agent web\n"));

	silent = connect_operator();
	loop_run_once(&loop, false);
	loop_run_once(&loop, false);
	door_sweep(&operator.door, clock_mono_ns());
	loop_run_once(&loop, false);
	assert_int_equal(recv(silent, &c, 1, MSG_DONTWAIT), -1);
	door_sweep(&operator.door, clock_mono_ns() + DOOR_PATIENCE_NS);
	assert_string_equal(read_answer(silent), "");
}

/* Who comes when all places are taken has the one of who has brought nothing for longest. */
static void more_visitors_than_places(void **state)
{
	int fd[DOOR_VISITORS_MAX + 1], i;

	need_root();
	for (i = 0; i < DOOR_VISITORS_MAX; i++)
		fd[i] = connect_operator();
	for (i = 0; i < 4; i++)
		loop_run_once(&loop, false);
	for (i = 0; i < DOOR_VISITORS_MAX; i++)
		assert_non_null(operator.door.visitors[i]);
	fd[i] = connect_operator();
	assert_string_equal(read_answer(fd[0]), "");
	for (i = DOOR_VISITORS_MAX - 1; i; i--) {
		send(fd[i], "list web\n", 9, 0);
		assert_non_null(strstr(read_answer(fd[i]), "agent web\n"));
	}
	send(fd[DOOR_VISITORS_MAX], "list off\n", 9, 0);
	assert_non_null(
		strstr(read_answer(fd[DOOR_VISITORS_MAX]), "agent off\n"));
	for (i = 0; i < DOOR_VISITORS_MAX; i++)
		assert_null(operator.door.visitors[i]);
}

#define LOCAL " HTTP/1.1\r\nHost: localhost:8081\r\n"

static void assert_http(const char *request, const char *status,
			const char *body)
{
	char wanted[512];

	snprintf(wanted, sizeof(wanted),
		 "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		 status, strlen(body), body);
	assert_string_equal(get(request), wanted);
}

static void answers_by_http(void **state)
{
	assert_http("GET /healthz" LOCAL "\r\n", "200 OK",
		    "{\"status\":\"ok\",\"systemd\":false}\n");
	agents.bus.ready = true;
	assert_http("GET /healthz HTTP/1.1\r\nHost: [::1]\r\n\r\n", "200 OK",
		    "{\"status\":\"ok\",\"systemd\":true}\n");
	agents.bus.ready = false;
	assert_http("POST /healthz" LOCAL "Content-Length: 0\r\n\r\n",
		    "405 Method Not Allowed", "{\"error\":\"expected GET\"}\n");
	assert_http("GET /heartbeat" LOCAL "\r\n", "405 Method Not Allowed",
		    "{\"error\":\"expected POST\"}\n");
	assert_http("GET /" LOCAL "\r\n", "404 Not Found",
		    "{\"error\":\"/heartbeat and /healthz are here\"}\n");
	assert_http("POST /heartbeat" LOCAL "Content-Length: 2\r\n\r\n{}",
		    "400 Bad Request",
		    "{\"error\":\"expected the name of an agent\","
		    "\"field\":\"agent_id\"}\n");
	/* Of what the parser says, a quote would end the text. */
	get("POST /heartbeat" LOCAL "Content-Length: 1\r\n\r\n\"");
	assert_non_null(strstr(answer, "{\"error\":\"not JSON: "));
	assert_non_null(strstr(answer, " near '''\"}\n"));
	assert_http("POST /heartbeat" LOCAL "Content-Length: 4097\r\n\r\n",
		    "413 Content Too Large",
		    "{\"error\":\"a heartbeat has 4096 bytes at most\"}\n");
	assert_http("nonsense\r\n\r\n", "400 Bad Request",
		    "{\"error\":\"malformed request\"}\n");
}

/* A page of another site asks under its own name. */
static void programs_of_this_host_only(void **state)
{
	static const char *const hosts[] = {
		"evil.example",
		"localhost.evil.example",
		"127.0.0.10",
		"",
	};
	char request[256];
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(request, sizeof(request),
			 "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
		assert_http(request, "403 Forbidden",
			    "{\"error\":\"for programs of this host only\"}\n");
	}
	assert_http("GET /healthz" LOCAL "Origin: http://localhost\r\n\r\n",
		    "403 Forbidden",
		    "{\"error\":\"for programs of this host only\"}\n");
	assert_non_null(strstr(get("GET /healthz HTTP/1.1\r\n"
				   "Host: LOCALHOST\r\n\r\n"),
			       "200 OK"));
	assert_non_null(strstr(get("GET /healthz HTTP/1.1\r\n"
				   "Host: 127.0.0.1:8081\r\n\r\n"),
			       "200 OK"));
}

static void doors_that_stay_shut(void **state)
{
	struct beat_http none = { 0 };
	struct operator other = { 0 };
	char path[160];

	assert_int_equal(beat_http_open(&none, &loop, &agents, "none"), 0);
	assert_int_equal(none.door.fd, -1);
	beat_http_close(&none);
	assert_int_equal(beat_http_open(&none, &loop, &agents, "nowhere"),
			 -EINVAL);
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(operator_open(&other, &loop, &agents, path),
			 -ENAMETOOLONG);
	assert_int_equal(operator_open(&other, &loop, &agents, "/nonexistent"),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_are_described, begin_doors,
						end_doors),
		cmocka_unit_test_setup_teardown(states_of_an_agent, begin_doors,
						end_doors),
		cmocka_unit_test_setup_teardown(what_is_asked_for, begin_doors,
						end_doors),
		cmocka_unit_test_setup_teardown(lines_that_are_none,
						begin_doors, end_doors),
		cmocka_unit_test_setup_teardown(slow_visitors, begin_doors,
						end_doors),
		cmocka_unit_test_setup_teardown(more_visitors_than_places,
						begin_doors, end_doors),
		cmocka_unit_test_setup_teardown(answers_by_http, begin_doors,
						end_doors),
		cmocka_unit_test_setup_teardown(programs_of_this_host_only,
						begin_doors, end_doors),
		cmocka_unit_test_setup_teardown(doors_that_stay_shut,
						begin_doors, end_doors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
