// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "collector/control.h"
#include "lib/log.h"

static sigset_t all_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return set;
}

void control_block_signals(void)
{
	sigset_t set = all_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void signalled(struct loop_op *op, int result, uint32_t flags)
{
	struct control *c = (struct control *)op;
	struct signalfd_siginfo info;
	bool reload = false;

	while (read(c->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload = true;
		else
			c->loop->stop = true;
	}
	if (c->loop->stop)
		return;
	if (reload)
		c->reload(c->argument);
	io_uring_prep_poll_add(loop_sqe(c->loop, &c->signal), c->fd, POLLIN);
}

static void arm_timer(struct control *c)
{
	io_uring_prep_timeout(loop_sqe(c->loop, &c->timer), &c->every, 0, 0);
}

static void fired(struct loop_op *op, int result, uint32_t flags)
{
	struct control *c = (struct control *)((char *)op -
					       offsetof(struct control, timer));

	arm_timer(c);
	c->tick(c->argument);
}

int control_open(struct control *c, struct loop *loop,
		 void (*tick)(void *argument), void (*reload)(void *argument),
		 void *argument)
{
	sigset_t set = all_signals();

	*c = (struct control){ .signal.done = signalled,
			       .timer.done = fired,
			       .loop = loop,
			       .every.tv_sec = 1,
			       .tick = tick,
			       .reload = reload,
			       .argument = argument };
	c->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->fd < 0) {
		log_error("signalfd: %s", strerror(errno));
		return -errno;
	}
	io_uring_prep_poll_add(loop_sqe(loop, &c->signal), c->fd, POLLIN);
	arm_timer(c);
	return 0;
}

void control_close(struct control *c)
{
	close(c->fd);
}
