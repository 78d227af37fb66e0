// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/log.h"
#include "shipper/dev_watch.h"

static void arm(struct dev_watch *w)
{
	loop_poll(w->loop, &w->poll, w->fd, POLLIN);
}

static void poll_done(struct loop_op *op, int result, uint32_t flags)
{
	struct dev_watch *w = (struct dev_watch *)op;
	char events[4096];

	if (result < 0)
		return;
	while (read(w->fd, events, sizeof(events)) > 0)
		;
	w->changed(w->data);
	arm(w);
}

int dev_watch_open(struct dev_watch *w, struct loop *loop,
		   void (*changed)(void *data), void *data)
{
	int err;

	*w = (struct dev_watch){
		.poll.done = poll_done,
		.loop = loop,
		.changed = changed,
		.data = data,
	};
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd >= 0 &&
	    inotify_add_watch(w->fd, "/dev",
			      IN_CREATE | IN_MOVED_TO | IN_ATTRIB) >= 0) {
		arm(w);
		return 0;
	}
	err = -errno;
	log_error("/dev: cannot be watched: %s", strerror(-err));
	if (w->fd >= 0)
		close(w->fd);
	return err;
}

void dev_watch_close(struct dev_watch *w)
{
	close(w->fd);
}
