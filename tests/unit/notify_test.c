// SPDX-License-Identifier: GPL-2.0-or-later
/* What systemd hears, on a socket with a path and on one without. */
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

#include "lib/base/notify.h"
#include "tests/unit/scratch.h"

static char folder[64];

static int setup(void **state)
{
	return scratch_folder(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return rmdir(folder);
}

/* As systemd listens; @name[0] is '@' for a socket without a path. */
static int listen_at(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	size_t size = strlen(name);

	assert_true(fd >= 0 && size <= sizeof(a.sun_path));
	memcpy(a.sun_path, name, size);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	assert_int_equal(
		bind(fd, (struct sockaddr *)&a,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
		0);
	return fd;
}

static void expect_said(int fd, const char *words)
{
	char said[64];
	ssize_t size = recv(fd, said, sizeof(said), 0);

	assert_int_equal(size, words ? (ssize_t)strlen(words) : -1);
	if (words)
		assert_memory_equal(said, words, (size_t)size);
}

static void is_heard(void **state)
{
	char name[2][80];
	int i, fd;

	snprintf(name[0], sizeof(name[0]), "%s/socket", folder);
	snprintf(name[1], sizeof(name[1]), "@ktach-test-%d", (int)getpid());
	for (i = 0; i < 2; i++) {
		fd = listen_at(name[i]);
		notify("READY=1");
		expect_said(fd, NULL);
		setenv("NOTIFY_SOCKET", "", 1);
		notify("READY=1");
		expect_said(fd, NULL);
		setenv("NOTIFY_SOCKET", name[i], 1);
		notify("READY=1");
		expect_said(fd, "READY=1");
		notify("STATUS=all is well");
		expect_said(fd, "STATUS=all is well");
		expect_said(fd, NULL);
		close(fd);
		notify("STOPPING=1"); /* to nobody */
		unsetenv("NOTIFY_SOCKET");
	}
	unlink(name[0]);
}

/* The longest name is one byte shorter than its place. */
static void a_long_name(void **state)
{
	const size_t place = sizeof(((struct sockaddr_un *)0)->sun_path);
	char name[256];
	int fd;

	memset(name, 'x', sizeof(name));
	name[0] = '@';
	name[place - 1] = '\0';
	fd = listen_at(name);
	setenv("NOTIFY_SOCKET", name, 1);
	notify("READY=1");
	expect_said(fd, "READY=1");
	close(fd);
	name[place - 1] = 'x';
	name[place] = '\0';
	fd = listen_at(name);
	setenv("NOTIFY_SOCKET", name, 1);
	notify("READY=1");
	expect_said(fd, NULL);
	close(fd);
	name[place] = 'x';
	name[sizeof(name) - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	notify("READY=1");
}

static void watchdog(void **state)
{
	char pid[16];

	assert_int_equal(notify_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_ns(), UINT64_C(30000000000));
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_ns(), UINT64_C(30000000000));
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ns(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_heard),
		TEST(a_long_name),
		TEST(watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
