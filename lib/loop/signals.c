// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/loop/signals.h"

static void came(struct loop_op *op, int result, uint32_t flags)
{
	struct signals *s = (struct signals *)op;
	struct signalfd_siginfo info;

	while (read(s->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			s->reload = true;
		else
			s->end = true;
	}
	s->loop->stop = true;
	if (!s->end)
		loop_poll(s->loop, &s->poll, s->fd, POLLIN);
}

int signals_open(struct signals *s, struct loop *loop)
{
	sigset_t set;

	*s = (struct signals){ .poll.done = came, .loop = loop };
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0) {
		int err = -errno;

		log_error("cannot wait for signals: %s", strerror(-err));
		return err;
	}
	loop_poll(loop, &s->poll, s->fd, POLLIN);
	return 0;
}

void signals_close(struct signals *s)
{
	close(s->fd);
}
