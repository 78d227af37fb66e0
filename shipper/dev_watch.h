/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls back when a device node comes to /dev, or its rights change. */
#ifndef KTACH_SHIPPER_DEV_WATCH_H
#define KTACH_SHIPPER_DEV_WATCH_H

#include "lib/loop.h"

struct dev_watch {
	struct loop_op poll;
	struct loop *loop;
	int fd;
	void (*changed)(void *data);
	void *data;
};

/* Return 0, or -errno after a message. */
int dev_watch_open(struct dev_watch *w, struct loop *loop,
		   void (*changed)(void *data), void *data);
void dev_watch_close(struct dev_watch *w);

#endif /* KTACH_SHIPPER_DEV_WATCH_H */
