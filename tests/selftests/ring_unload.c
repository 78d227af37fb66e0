// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_unload: take the modules away under readers that map, poll and read.
 */
#include <pthread.h>
#include <sys/syscall.h>

#include "ring.h"

static struct test_ring stat_ring, softirq_ring;

static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

/* Waits until the source goes; then its event is here. */
static void *wait_in_poll(void *arg)
{
	struct pollfd p = { .fd = stat_ring.fd, .events = POLLIN };
	int *events = arg;

	do {
		if (poll(&p, 1, 20000) <= 0)
			p.revents = POLLERR;
	} while (p.revents == POLLIN);
	*events = p.revents;
	return NULL;
}

/* Reads on to the end of the source. */
static void *wait_in_read(void *arg)
{
	int fd = open(STAT_DEV, O_RDONLY);
	ssize_t *last = arg;
	void *buffer = malloc(stat_ring.size);

	lseek(fd, 0, SEEK_END);
	do
		*last = read(fd, buffer, stat_ring.size);
	while (*last > 0);
	free(buffer);
	close(fd);
	return NULL;
}

static void test_source_goes(void)
{
	pthread_t poller, reader;
	int events = 0;
	ssize_t last = -1;
	uint64_t end;
	uint8_t *copy = malloc(stat_ring.size);

	quiet("cpustat");
	pthread_create(&poller, NULL, wait_in_poll, &events);
	pthread_create(&reader, NULL, wait_in_read, &last);
	sleep_ms(500);
	check(unload("ktach_cpustat") == 0,
	      "a source unloads while its ring is mapped, polled and read");
	pthread_join(poller, NULL);
	pthread_join(reader, NULL);
	check(events & POLLHUP, "who was in poll() is told that it hung up");
	check(last == 0, "who was in read() is told the end");
	check(access(STAT_DEV, F_OK) < 0 &&
		      access("/sys/class/ktach/cpustat", F_OK) < 0,
	      "device and attributes are gone");

	check(header(&stat_ring)->state == 0, "the mapping says so: not live");
	end = head(&stat_ring);
	sleep_ms(50);
	check(end > 0 && ring_copy(&stat_ring, end, copy) == READ_OK &&
		      head(&stat_ring) == end,
	      "and the last sample stays readable in it");
	lseek(stat_ring.fd, -(off_t)stat_ring.h.slot_stride, SEEK_END);
	check(read(stat_ring.fd, copy, stat_ring.size) ==
			      (ssize_t)stat_ring.h.slot_stride &&
		      read(stat_ring.fd, copy, stat_ring.size) == 0,
	      "read() gives what is left, then the end");
	free(copy);
}

static void test_aggregator_stays(void)
{
	int softirq;

	check(unload("ktach_softirq") == 0, "the other source unloads too");
	softirq = unload("ktach_aggregator");
	check(softirq == -EAGAIN || softirq == -EBUSY ||
		      softirq == -EWOULDBLOCK,
	      "the aggregator does not while a file is open");
	close(stat_ring.fd);
	munmap((void *)softirq_ring.base, softirq_ring.size);
	close(softirq_ring.fd);
	check(unload("ktach_aggregator") != 0 &&
		      header(&stat_ring)->magic == KTACH_RING_MAGIC,
	      "nor while there is a mapping and no file");
	munmap((void *)stat_ring.base, stat_ring.size);
	check(unload("ktach_aggregator") == 0, "and it does after the last");
}

int main(void)
{
	ring_open(&stat_ring, STAT_DEV, 0);
	ring_open(&softirq_ring, SOFTIRQ_DEV, 0);
	need(wait_head(&stat_ring, 1), "a first sample");
	check(unload("ktach_aggregator") != 0,
	      "the aggregator does not unload while it has sources");
	test_source_goes();
	test_aggregator_stays();
	return done_testing();
}
