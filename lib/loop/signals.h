/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGTERM and SIGINT end a program, SIGHUP has it read its configuration again. */
#ifndef KTACH_LIB_LOOP_SIGNALS_H
#define KTACH_LIB_LOOP_SIGNALS_H

#include "lib/loop/loop.h"

/**
 * struct signals - each one stops the loop and says why
 * @poll: operation
 * @loop: that it runs on
 * @fd: signalfd
 * @end: SIGTERM or SIGINT came
 * @reload: SIGHUP came; the caller clears it
 */
struct signals {
	struct loop_op poll;
	struct loop *loop;
	int fd;
	bool end;
	bool reload;
};

/* Return 0, or -errno after a message. */
int signals_open(struct signals *s, struct loop *loop);
void signals_close(struct signals *s);

#endif /* KTACH_LIB_LOOP_SIGNALS_H */
