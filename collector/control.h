/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes from neither network: signals that end the program or
 * have it read its configuration again, the clock.
 */
#ifndef KTACH_COLLECTOR_CONTROL_H
#define KTACH_COLLECTOR_CONTROL_H

#include "collector/http/http.h"

/**
 * struct control - signals and ticks
 * @signal: of @signal_fd
 * @timer: of @timer_fd
 * @http: whose loop they are in; SIGTERM and SIGINT set its stop
 * @signal_fd: a signalfd
 * @timer_fd: a timerfd, of each second
 * @tick: called each second
 * @reload: called after a SIGHUP
 * @argument: of both
 */
struct control {
	struct watch signal;
	struct watch timer;
	struct http *http;
	int signal_fd;
	int timer_fd;
	void (*tick)(void *argument);
	void (*reload)(void *argument);
	void *argument;
};

/* Keep signals for control_open(): before any thread is made. */
void control_block_signals(void);

/* Return 0, or -errno after a message. */
int control_open(struct control *c, struct http *http,
		 void (*tick)(void *argument), void (*reload)(void *argument),
		 void *argument);
void control_close(struct control *c);

#endif /* KTACH_COLLECTOR_CONTROL_H */
