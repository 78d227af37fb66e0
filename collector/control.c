// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "collector/control.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

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

static void signalled(struct watch *watch)
{
	struct control *c = (struct control *)watch;
	struct signalfd_siginfo info;
	bool reload = false;

	while (read(c->signal_fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload = true;
		else
			c->http->stop = true;
	}
	if (reload && !c->http->stop)
		c->reload(c->argument);
}

static void fired(struct watch *watch)
{
	struct control *c = container_of(watch, struct control, timer);
	uint64_t times;

	if (read(c->timer_fd, &times, sizeof(times)) == sizeof(times))
		c->tick(c->argument);
}

static int make_timer(void)
{
	const struct itimerspec every = { .it_interval.tv_sec = 1,
					  .it_value.tv_sec = 1 };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, 0, &every, NULL);
	return fd;
}

static int watch(struct control *c)
{
	int err;

	if (c->signal_fd < 0 || c->timer_fd < 0)
		return -errno;
	err = http_watch(c->http, &c->signal, c->signal_fd);
	return err ? err : http_watch(c->http, &c->timer, c->timer_fd);
}

int control_open(struct control *c, struct http *http,
		 void (*tick)(void *argument), void (*reload)(void *argument),
		 void *argument)
{
	sigset_t set = all_signals();
	int err;

	*c = (struct control){ .signal.ready = signalled,
			       .timer.ready = fired,
			       .http = http,
			       .tick = tick,
			       .reload = reload,
			       .argument = argument };
	c->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	c->timer_fd = make_timer();
	err = watch(c);
	if (!err)
		return 0;
	log_error("signals and timer: %s", strerror(-err));
	control_close(c);
	return err;
}

void control_close(struct control *c)
{
	if (c->signal_fd >= 0)
		close(c->signal_fd);
	if (c->timer_fd >= 0)
		close(c->timer_fd);
}
