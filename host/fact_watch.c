// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/fact_watch.h"

static int open_events(void)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK,
				   .nl_groups = RTMGRP_IPV4_IFADDR |
						RTMGRP_IPV6_IFADDR };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	if (!bind(fd, (struct sockaddr *)&own, sizeof(own)))
		return fd;
	close(fd);
	return -1;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The kernel tells of a new name by a priority event of its file. Names and
 * addresses of a container are not the host's.
 */
int fact_watch_open(struct fact_watch *w, const struct host_options *o)
{
	int err = settle_open(&w->settle);

	w->name = w->events = -1;
	if (err || host_options_foreign(o))
		return err;
	w->name = open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC);
	w->events = open_events();
	if (w->name >= 0 && settle_watch(&w->settle, w->name, EPOLLPRI))
		drop(&w->name);
	if (w->events >= 0 && settle_watch(&w->settle, w->events, EPOLLIN))
		drop(&w->events);
	return 0;
}

void fact_watch_close(struct fact_watch *w)
{
	drop(&w->name);
	drop(&w->events);
	settle_close(&w->settle);
}

/* What they say is read where it comes from. One that was lost is news, too. */
static void drain(int fd)
{
	char some[64];

	while (recv(fd, some, sizeof(some), 0) >= 0 || errno == ENOBUFS)
		;
}

bool fact_watch_due(struct fact_watch *w)
{
	if (w->events >= 0)
		drain(w->events);
	if (settle_over(&w->settle))
		return true;
	settle_begin(&w->settle);
	return false;
}
