/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A heartbeat: a JSON object {"agent_id": NAME, "pid": N, "cpu": N, "memory": N}. */
#ifndef KTACH_AGENTD_DOORS_HEARTBEAT_H
#define KTACH_AGENTD_DOORS_HEARTBEAT_H

#include <stddef.h>
#include <sys/types.h>

#include "agentd/agents/model.h"

enum {
	HEARTBEAT_MAX = 4096, /* bytes */
};

/**
 * struct heartbeat - what came, and what becomes of it
 * @text: the object
 * @size: of it
 * @sender: the process that sent it, as the kernel says; 0: not known
 * @uid: of that
 * @token: that came with it; NULL: none
 * @field: that is wrong; NULL: none is
 * @problem: what is wrong; empty: nothing, it was taken
 * @status: of an answer by HTTP
 */
struct heartbeat {
	const char *text;
	size_t size;
	pid_t sender;
	uid_t uid;
	const char *token;
	const char *field;
	char problem[160];
	int status;
};

/* Take it, if it is of the agent that it names. */
void heartbeat_take(struct heartbeat *h, struct agents *agents);

#endif /* KTACH_AGENTD_DOORS_HEARTBEAT_H */
