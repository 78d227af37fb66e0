/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /heartbeat and GET /healthz, for programs of this host. */
#ifndef KTACH_AGENTD_DOORS_BEAT_HTTP_H
#define KTACH_AGENTD_DOORS_BEAT_HTTP_H

#include "agentd/agents/model.h"
#include "agentd/doors/door.h"

struct beat_http {
	struct door door;
	struct agents *agents;
};

/* @address: of the loopback, or "none". Return 0, or -errno after a message. */
int beat_http_open(struct beat_http *h, struct loop *loop, struct agents *agents,
	      const char *address);
void beat_http_close(struct beat_http *h);

#endif /* KTACH_AGENTD_DOORS_BEAT_HTTP_H */
