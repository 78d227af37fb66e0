// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_slots: give a ring another number of slots while it is read. Who has the
 * old one keeps it and learns of its end; who opens it next has the new one.
 */
#include <sys/wait.h>

#include "ring.h"

enum {
	READERS = 4,
	ROUNDS = 100
};

static int set_slots(const char *slots)
{
	return attr_write("cpustat", "slots", slots);
}

static short events(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	need(poll(&p, 1, timeout_ms) >= 0, "poll");
	return p.revents;
}

static void test_refused(void)
{
	static const char *const bad[] = { "0",	     "1", "3",	  "96",
					   "131072", "x", "16 32" };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		check(set_slots(bad[i]) == -EINVAL, "\"%s\" slots are refused",
		      bad[i]);
	check(attr_read("cpustat", "slots") == 64, "which changes nothing");
}

static void test_replaced(void)
{
	struct test_ring old, new;
	uint64_t last, missed;
	uint8_t *copy;

	ring_open(&old, STAT_DEV, 0);
	copy = malloc(old.h.slot_stride);
	need(wait_head(&old, 2), "two samples");
	need(set_slots("64") == 0, "set the slots there are");
	check(header(&old)->state == KTACH_RING_LIVE,
	      "the same number of slots changes nothing");

	missed = attr_read("cpustat", "missed");
	check(set_slots("256") == 0 && attr_read("cpustat", "slots") == 256,
	      "64 slots become 256");
	last = head(&old);
	check(events(old.fd, 0) & POLLHUP && !(header(&old)->state),
	      "who has the old ring learns that it is over");
	sleep_ms(50);
	check(head(&old) == last && ring_copy(&old, last, copy) == READ_OK,
	      "and can still read what is in it");

	ring_open(&new, STAT_DEV, 0);
	check(new.h.slots == 256 &&
		      new.h.state == KTACH_RING_LIVE &&wait_head(&new, 3) &&
		      events(new.fd, 1000) == POLLIN,
	      "who opens it now has the new one, which goes on");
	check(header(&new)->missed >= missed &&
		      header(&new)->period_ns == old.h.period_ns &&
		      header(&new)->fill_ns_max > 0,
	      "period and what was counted are taken over");
	free(copy);
	ring_close(&old);
	ring_close(&new);
}

/* Open, wait for a sample or the end, close; until the parent says stop. */
static void reader(int stop)
{
	struct test_ring ring;

	while (!(events(stop, 0) & (POLLIN | POLLHUP))) {
		ring_open(&ring, STAT_DEV, 0);
		events(ring.fd, 5);
		ring_close(&ring);
	}
	_exit(0);
}

static void test_under_readers(void)
{
	pid_t pid[READERS];
	int stop[2], status, failed = 0;
	unsigned int i;

	need(pipe(stop) == 0, "pipe");
	for (i = 0; i < READERS; i++) {
		pid[i] = fork();
		need(pid[i] >= 0, "fork");
		if (!pid[i]) {
			close(stop[1]);
			reader(stop[0]);
		}
	}
	for (i = 0; i < ROUNDS; i++) {
		failed += set_slots(i % 2 ? "256" : "2") != 0;
		sleep_ms(2);
	}
	close(stop[1]);
	for (i = 0; i < READERS; i++) {
		waitpid(pid[i], &status, 0);
		failed += status != 0;
	}
	check(!failed, "%d changes while %d readers come and go", ROUNDS,
	      READERS);
}

int main(void)
{
	skip_without(STAT_DEV);
	set_period("cpustat", 5000);
	need(set_slots("64") == 0, "start with 64 slots");
	test_refused();
	test_replaced();
	test_under_readers();
	need(set_slots("64") == 0, "end with 64 slots");
	return done_testing();
}
