// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop's operations on real sockets and pipes: each test runs on an
 * io_uring that waits as the kernel allows, on one that waits in ppoll(), and on
 * ppoll() alone, and must see the same.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/barrier.h"
#include "lib/base/clock.h"
#include "lib/loop/loop.h"
#include "lib/loop/loop_ring.h"

/* Linux 6.6, and liburing 2.5, which asks for it wherever it can. */
#ifndef IORING_SETUP_NO_SQARRAY
#define IORING_SETUP_NO_SQARRAY (1U << 16)
#endif

#define MS UINT64_C(1000000)

struct seen {
	struct loop_op op;
	int times;
	int result;
	int order;
};

static struct loop loop;
static int order;

static void note(struct loop_op *op, int result, uint32_t flags)
{
	struct seen *s = (struct seen *)op;

	s->times++;
	s->result = result;
	s->order = ++order;
}

static struct seen fresh(void)
{
	return (struct seen){ .op.done = note };
}

static void run_until(struct seen *s, int times)
{
	while (s->times < times)
		assert_int_equal(loop_run_once(&loop, true), 0);
}

static int setup_uring(void **state)
{
	order = 0;
	return loop_init(&loop, 16);
}

/* As on kernels before 6.15. */
static int setup_uring_old(void **state)
{
	int err = setup_uring(state);

	loop.no_iowait = false;
	return err;
}

/* An older liburing can't submit to such a ring: we do. */
static int setup_arrayless(void **state)
{
	struct io_uring_params p = { .flags = IORING_SETUP_NO_SQARRAY };
	int err = setup_uring(state), fd;

	if (err || !loop.ring.sq.array)
		return err;
	fd = (int)syscall(SYS_io_uring_setup, 16, &p);
	if (fd < 0)
		return 0;
	io_uring_queue_exit(&loop.ring);
	err = io_uring_queue_mmap(fd, &p, &loop.ring);
	loop.ring.sq.array = NULL;
	return err;
}

static int setup_polled(void **state)
{
	order = 0;
	return loop_init_polled(&loop, 16);
}

static int teardown(void **state)
{
	loop_exit(&loop);
	return 0;
}

static void polls(void **state)
{
	struct seen quiet = fresh(), busy = fresh();
	int a[2], b[2];

	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	loop_poll(&loop, &quiet.op, a[0], POLLIN);
	loop_poll(&loop, &busy.op, b[0], POLLIN);
	assert_int_equal(loop_run_once(&loop, false), 0);
	assert_int_equal(write(b[1], "x", 1), 1);
	run_until(&busy, 1);
	assert_true(busy.result & POLLIN);
	close(a[1]);
	run_until(&quiet, 1);
	assert_true(quiet.result & POLLHUP);
	assert_int_equal(busy.times, 1);
	close(a[0]);
	close(b[0]);
	close(b[1]);
}

static void timeouts(void **state)
{
	struct seen late = fresh(), early = fresh(), past = fresh();
	uint64_t now_ns = clock_mono_ns();

	loop_timeout(&loop, &late.op, now_ns + 60 * MS);
	loop_timeout(&loop, &early.op, now_ns + 20 * MS);
	loop_timeout(&loop, &past.op, 1);
	run_until(&late, 1);
	assert_int_equal(late.result, -ETIME);
	assert_true(past.order < early.order && early.order < late.order);
	assert_true(clock_mono_ns() >= now_ns + 60 * MS);
}

/* More than a socket's buffers hold: the rest goes when there is room. */
static void transfers(void **state)
{
	enum {
		SIZE = 4 << 20
	};
	char *out = malloc(SIZE), *in = malloc(SIZE);
	struct seen sent = fresh(), got = fresh();
	size_t at_out = 0, at_in = 0;
	int pair[2], i;

	for (i = 0; i < SIZE; i++)
		out[i] = (char)(i * 7 + i / 251);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	loop_send(&loop, &sent.op, pair[0], out, SIZE);
	while (at_in < SIZE) {
		loop_recv(&loop, &got.op, pair[1], in + at_in, SIZE - at_in);
		got.times = 0;
		while (!got.times) {
			assert_int_equal(loop_run_once(&loop, true), 0);
			if (!sent.times)
				continue;
			assert_true(sent.result > 0);
			at_out += (size_t)sent.result;
			sent.times = 0;
			if (at_out < SIZE)
				loop_send(&loop, &sent.op, pair[0],
					  out + at_out, SIZE - at_out);
		}
		assert_true(got.result > 0);
		at_in += (size_t)got.result;
	}
	assert_memory_equal(in, out, SIZE);
	close(pair[0]);
	loop_recv(&loop, &got.op, pair[1], in, SIZE);
	got.times = 0;
	run_until(&got, 1);
	assert_int_equal(got.result, 0);
	loop_send(&loop, &sent.op, pair[1], out, 1);
	sent.times = 0;
	run_until(&sent, 1);
	assert_int_equal(sent.result, -EPIPE);
	close(pair[1]);
	free(out);
	free(in);
}

/* A lazy send's result may wait for the timer, but the timer not for it. */
static void lazy_sends(void **state)
{
	struct seen sent = fresh(), stuck = fresh(), time = fresh();
	static char much[8 << 20];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	sent.op.lazy = stuck.op.lazy = true;
	loop_send(&loop, &sent.op, pair[0], "x", 1);
	loop_timeout(&loop, &time.op, clock_mono_ns() + 20 * MS);
	if (loop.no_iowait)
		assert_int_equal(loop_run_once(&loop, true), 0);
	else
		run_until(&time, 1);
	assert_int_equal(sent.result, 1);
	assert_int_equal(time.result, -ETIME);
	assert_true(sent.order < time.order);

	while (send(pair[0], much, sizeof(much), MSG_DONTWAIT) > 0)
		;
	loop_send(&loop, &stuck.op, pair[0], much, sizeof(much));
	time.times = 0;
	loop_timeout(&loop, &time.op, clock_mono_ns() + 20 * MS);
	run_until(&time, 1);
	assert_int_equal(stuck.times, 0);
	close(pair[1]);
	run_until(&stuck, 1);
	assert_int_equal(stuck.result, -EPIPE);
	close(pair[0]);
}

static void connects(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct seen good = fresh(), bad = fresh(), got = fresh();
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0), other;
	socklen_t size = sizeof(a);
	char byte = 0;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(server, (struct sockaddr *)&a, size), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&a, &size), 0);
	loop_connect(&loop, &bad.op, client, (struct sockaddr *)&a, size);
	run_until(&bad, 1);
	assert_int_equal(bad.result, -ECONNREFUSED);
	close(client);

	assert_int_equal(listen(server, 1), 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	loop_connect(&loop, &good.op, client, (struct sockaddr *)&a, size);
	run_until(&good, 1);
	assert_int_equal(good.result, 0);
	other = accept(server, NULL, NULL);
	assert_int_equal(send(other, "y", 1, 0), 1);
	loop_recv(&loop, &got.op, client, &byte, 1);
	run_until(&got, 1);
	assert_int_equal(got.result, 1);
	assert_int_equal(byte, 'y');
	close(other);
	close(client);
	close(server);
}

static void cancels(void **state)
{
	struct seen poll = fresh(), time = fresh(), got = fresh();
	int pair[2];
	char byte;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	loop_poll(&loop, &poll.op, pair[0], POLLIN);
	loop_recv(&loop, &got.op, pair[0], &byte, 1);
	loop_timeout(&loop, &time.op, clock_mono_ns() + 3600000 * MS);
	assert_int_equal(loop_run_once(&loop, false), 0);
	loop_cancel(&loop, &poll.op);
	loop_cancel(&loop, &got.op);
	loop_cancel(&loop, &time.op);
	run_until(&poll, 1);
	run_until(&got, 1);
	run_until(&time, 1);
	assert_int_equal(poll.result, -ECANCELED);
	assert_int_equal(got.result, -ECANCELED);
	assert_int_equal(time.result, -ECANCELED);
	close(pair[0]);
	close(pair[1]);
}

/* More results at once than the ring's 32 places: none is lost, or waited for. */
static void overflows(void **state)
{
	enum {
		COUNT = 16 /* the polled loop has no more at once */
	};
	struct seen polls[5 * COUNT];
	int fd = eventfd(1, 0), count, i;

	count = loop.polled ? COUNT : 5 * COUNT;
	for (i = 0; i < count; i++) {
		polls[i] = fresh();
		loop_poll(&loop, &polls[i].op, fd, POLLIN);
	}
	while (order < count)
		assert_int_equal(loop_run_once(&loop, true), 0);
	for (i = 0; i < count; i++) {
		assert_int_equal(polls[i].times, 1);
		assert_int_equal(polls[i].result, POLLIN);
	}
	close(fd);
}

static void ignore(int number)
{
}

/* A signal that has a handler ends no wait before its time, and is no error. */
static void signals(void **state)
{
	const struct sigaction action = { .sa_handler = ignore };
	struct itimerval often = { .it_interval.tv_usec = 5000,
				   .it_value.tv_usec = 5000 },
			 never = { 0 };
	struct seen time = fresh(), quiet = fresh();
	uint64_t at_ns = clock_mono_ns() + 50 * MS;
	int fd = eventfd(0, 0);

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	loop_poll(&loop, &quiet.op, fd, POLLIN);
	loop_timeout(&loop, &time.op, at_ns);
	run_until(&time, 1);
	setitimer(ITIMER_REAL, &never, NULL);
	assert_true(clock_mono_ns() >= at_ns);
	assert_int_equal(quiet.times, 0);
	close(fd);
}

static struct {
	struct seen end;
	bool timed;
	pid_t thread;
	int fd;
} waiter;

static void *wait_in_loop(void *unused)
{
	struct seen hour = fresh();

	loop_poll(&loop, &waiter.end.op, waiter.fd, POLLIN);
	if (waiter.timed)
		loop_timeout(&loop, &hour.op, clock_mono_ns() + 3600000 * MS);
	store_release(&waiter.thread, (pid_t)syscall(SYS_gettid));
	run_until(&waiter.end, 1);
	if (waiter.timed) {
		loop_cancel(&loop, &hour.op);
		run_until(&hour, 1);
	}
	return NULL;
}

/* Which system call a thread sleeps in, and its fourth argument; false while it
 * runs.
 */
static bool call_of(pid_t thread, long *number, unsigned long *fourth)
{
	char path[64];
	FILE *file;
	int n;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", thread);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fscanf(file, "%ld %*x %*x %*x %lx", number, fourth);
	fclose(file);
	return n == 2 && *number >= 0;
}

/* Who waits in io_uring_enter() without the flag is booked as waiting for I/O. */
static void wait_is_not_booked(bool timed)
{
	unsigned long fourth = 0;
	long number = -1;
	pthread_t thread;

	waiter.end = fresh();
	waiter.timed = timed;
	waiter.thread = 0;
	waiter.fd = eventfd(0, 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_loop, NULL), 0);
	while (!load_acquire(&waiter.thread) ||
	       !call_of(waiter.thread, &number, &fourth) ||
	       (number != SYS_ppoll && number != SYS_io_uring_enter))
		usleep(1000);
	assert_int_equal(number,
			 loop.no_iowait ? SYS_io_uring_enter : SYS_ppoll);
	if (number == SYS_io_uring_enter)
		assert_true(fourth & (1U << 7));
	assert_int_equal(eventfd_write(waiter.fd, 1), 0);
	pthread_join(thread, NULL);
	close(waiter.fd);
}

static void waits(void **state)
{
	wait_is_not_booked(true);
	wait_is_not_booked(false);
}

static void arrayless(void **state)
{
	struct seen s = fresh();
	int ends[2];

	if (loop.ring.sq.array || !loop.no_iowait)
		skip();
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_poll(&loop, &s.op, ends[0], POLLIN);
	assert_int_equal(loop_ring_enter(&loop, 1, UINT64_MAX), 0);
	assert_int_equal(loop_run_once(&loop, false), 0);
	assert_int_equal(s.times, 1);
	assert_true(s.result & POLLIN);
	close(ends[0]);
	close(ends[1]);
}

#define ALL(test)                                                             \
	{ #test " on io_uring", test, setup_uring, teardown, NULL },          \
		{ #test " on an io_uring before 6.15", test, setup_uring_old, \
		  teardown, NULL },                                           \
	{                                                                     \
#test " on ppoll", test, setup_polled, teardown, NULL         \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALL(polls),
		ALL(timeouts),
		ALL(transfers),
		ALL(connects),
		ALL(cancels),
		ALL(lazy_sends),
		ALL(overflows),
		ALL(signals),
		ALL(waits),
		cmocka_unit_test_setup_teardown(arrayless, setup_arrayless,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
