/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_HTTP_WATCH_H
#define KTACH_COLLECTOR_HTTP_WATCH_H

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>

/**
 * struct watch - a file that the loop waits for
 * @ready: called while it is ready
 */
struct watch {
	void (*ready)(struct watch *watch);
};

/* @operation: EPOLL_CTL_ADD and others. Return 0 or -errno. */
static inline int watch_set(int epoll, int operation, struct watch *watch,
			    int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(epoll, operation, fd, &event) ? -errno : 0;
}

#endif /* KTACH_COLLECTOR_HTTP_WATCH_H */
