// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host/facts/fact_watch.h"
#include "host/link/rtnl.h"

static void close_descriptor(int *fd)
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
	w->events = rtnl_listen(RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
				RTMGRP_IPV6_IFADDR);
	if (w->name >= 0 && settle_watch(&w->settle, w->name, EPOLLPRI))
		close_descriptor(&w->name);
	if (w->events >= 0 && settle_watch(&w->settle, w->events, EPOLLIN))
		close_descriptor(&w->events);
	return 0;
}

void fact_watch_close(struct fact_watch *w)
{
	close_descriptor(&w->name);
	close_descriptor(&w->events);
	settle_close(&w->settle);
}

bool fact_watch_due(struct fact_watch *w)
{
	/* What the messages say does not matter: the facts are read anew. */
	if (w->events >= 0)
		rtnl_pass_over(w->events);
	if (settle_over(&w->settle))
		return true;
	settle_begin(&w->settle);
	return false;
}
