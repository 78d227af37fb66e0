// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bad cable between two network namespaces, where the kernel lacks netem:
 *
 *   relay NEAR FAR LOSS DUPLICATE REORDER DELAY_MS
 *
 *     namespace NEAR                      namespace FAR
 *     tap "wire"  <----- this program ----->  tap "wire"
 *
 * Frames are lost, doubled or held back for longer with the given percentages,
 * and take DELAY_MS each way. SIGUSR1 cuts the cable, SIGUSR2 mends it.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/clock.h"

enum {
	FRAME_MAX = 2048,
	HELD_MAX = 4096, /* frames on the cable, each way */
	REORDER_MS = 30, /* how much longer a frame is held back */
};

struct held {
	uint64_t due_ns;
	size_t size;
	char data[FRAME_MAX];
};

struct direction {
	int from;
	int to;
	struct held *held;
	size_t count;
};

static volatile sig_atomic_t cut;
static double loss, duplicate, reorder;
static uint64_t delay_ns;

static void on_cut(int number)
{
	cut = number == SIGUSR1;
}

static int tap_in(const char *namespace)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI,
				 .ifr_name = "wire" };
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "%s", path);
	close(fd);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		err(2, "a tap in %s", namespace);
	return fd;
}

static bool happens(double percent)
{
	return drand48() * 100 < percent;
}

static void hold(struct direction *d, const char *data, size_t size)
{
	struct held *h;

	if (d->count == HELD_MAX)
		return;
	h = &d->held[d->count++];
	h->due_ns = clock_mono_ns() + delay_ns;
	if (happens(reorder))
		h->due_ns += REORDER_MS * UINT64_C(1000000);
	h->size = size;
	memcpy(h->data, data, size);
}

static void take(struct direction *d)
{
	char data[FRAME_MAX];
	ssize_t size;

	while ((size = read(d->from, data, sizeof(data))) > 0) {
		if (cut || happens(loss))
			continue;
		hold(d, data, (size_t)size);
		if (happens(duplicate))
			hold(d, data, (size_t)size);
	}
}

/* Write what is due; returns when the next one is. */
static uint64_t give(struct direction *d)
{
	uint64_t now_ns = clock_mono_ns(), next_ns = UINT64_MAX;
	size_t i, kept = 0;

	for (i = 0; i < d->count; i++) {
		struct held *h = &d->held[i];

		if (h->due_ns <= now_ns) {
			if (!cut && write(d->to, h->data, h->size) < 0)
				warn("write");
			continue;
		}
		if (h->due_ns < next_ns)
			next_ns = h->due_ns;
		if (kept++ != i)
			d->held[kept - 1] = *h;
	}
	d->count = kept;
	return next_ns;
}

static void run(struct direction *a, struct direction *b)
{
	struct pollfd fds[] = { { .fd = a->from, .events = POLLIN },
				{ .fd = b->from, .events = POLLIN } };

	for (;;) {
		uint64_t next_ns = give(a), other_ns = give(b), now_ns;
		int wait_ms = -1;

		if (other_ns < next_ns)
			next_ns = other_ns;
		now_ns = clock_mono_ns();
		if (next_ns != UINT64_MAX)
			wait_ms = next_ns > now_ns ?
					  (int)((next_ns - now_ns) / 1000000) +
						  1 :
					  0;
		poll(fds, 2, wait_ms);
		take(a);
		take(b);
	}
}

int main(int argc, char **argv)
{
	struct direction a = { 0 }, b = { 0 };

	if (argc != 7)
		errx(2,
		     "usage: relay NEAR FAR LOSS DUPLICATE REORDER DELAY_MS");
	loss = atof(argv[3]);
	duplicate = atof(argv[4]);
	reorder = atof(argv[5]);
	delay_ns = (uint64_t)atoi(argv[6]) * 1000000;
	a.from = b.to = tap_in(argv[1]);
	a.to = b.from = tap_in(argv[2]);
	a.held = calloc(HELD_MAX, sizeof(*a.held));
	b.held = calloc(HELD_MAX, sizeof(*b.held));
	signal(SIGUSR1, on_cut);
	signal(SIGUSR2, on_cut);
	srand48(1);
	puts("ready");
	fflush(stdout);
	run(&a, &b);
	return 0;
}
