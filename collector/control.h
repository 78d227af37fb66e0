/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes from neither network: signals that end the program or
 * have it read its configuration again, the clock.
 */
#ifndef KTACH_COLLECTOR_CONTROL_H
#define KTACH_COLLECTOR_CONTROL_H

#include "lib/loop.h"

/**
 * struct control - signals and ticks
 * @signal: a poll of @fd
 * @timer: fires each second
 * @loop: that they run on; SIGTERM and SIGINT set its stop
 * @fd: a signalfd
 * @every: a second
 * @tick: called each second
 * @reload: called after a SIGHUP
 * @argument: of both
 */
struct control {
	struct loop_op signal;
	struct loop_op timer;
	struct loop *loop;
	int fd;
	struct __kernel_timespec every;
	void (*tick)(void *argument);
	void (*reload)(void *argument);
	void *argument;
};

/* Keep signals for control_open(): before any thread is made. */
void control_block_signals(void);

/* Return 0, or -errno after a message. */
int control_open(struct control *c, struct loop *loop,
		 void (*tick)(void *argument), void (*reload)(void *argument),
		 void *argument);
void control_close(struct control *c);

#endif /* KTACH_COLLECTOR_CONTROL_H */
