/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket that 'ktach agent' asks: a line "VERB [NAME]", answered by "ok" or
 * "error TEXT", and after "ok" what describe_agent() says of agents. Who asks is known from the
 * kernel: root and the group ktach may list, root alone may start and stop.
 */
#ifndef KTACH_AGENTD_DOORS_OPERATOR_H
#define KTACH_AGENTD_DOORS_OPERATOR_H

#include "agentd/agents/model.h"
#include "agentd/doors/door.h"
#include "agentd/doors/gate.h"

struct operator {
	struct door door;
	struct agents *agents;
	struct gate *gate; /* set before it is opened */
	char path[108];
};

/* Return 0, or -errno after a message. */
int operator_open(struct operator *c, struct loop *loop, struct agents *agents,
		 const char *folder);
void operator_close(struct operator *c);

#endif /* KTACH_AGENTD_DOORS_OPERATOR_H */
