/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heartbeats as datagrams on a unix socket: who sends them, the kernel says. */
#ifndef KTACH_AGENTD_DOORS_BEATS_H
#define KTACH_AGENTD_DOORS_BEATS_H

#include "agentd/agents/model.h"

struct beats {
	struct loop_op op;
	struct loop *loop;
	struct agents *agents;
	int fd;
	char path[108];
};

/* Return 0, or -errno after a message. */
int beats_open(struct beats *b, struct loop *loop, struct agents *agents,
	       const char *folder);
void beats_close(struct beats *b);

#endif /* KTACH_AGENTD_DOORS_BEATS_H */
