// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "host/settle.h"

enum {
	SETTLE_NS = 100000000,
};

int settle_open(struct settle *s)
{
	int err;

	s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->timer < 0)
		return -errno;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = s->epoll < 0 ? -errno : settle_watch(s, s->timer, EPOLLIN);
	if (!err)
		return 0;
	if (s->epoll >= 0)
		close(s->epoll);
	close(s->timer);
	return err;
}

void settle_close(struct settle *s)
{
	close(s->epoll);
	close(s->timer);
}

int settle_watch(struct settle *s, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* All zeroes disarm it. */
static void set_timer(struct settle *s, uint32_t ns)
{
	const struct itimerspec when = { .it_value.tv_nsec = ns };

	timerfd_settime(s->timer, 0, &when, NULL);
}

void settle_begin(struct settle *s)
{
	struct itimerspec left;

	if (timerfd_gettime(s->timer, &left) || !left.it_value.tv_nsec)
		set_timer(s, SETTLE_NS);
}

void settle_end(struct settle *s)
{
	set_timer(s, 0);
}

bool settle_over(struct settle *s)
{
	uint64_t times;

	return read(s->timer, &times, sizeof(times)) == sizeof(times);
}
