/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How agents are to be, as an operator has signed it: what differs is brought about, as
 * far as the agent's file and root on this host do not say otherwise.
 */
#ifndef KTACH_AGENTD_REMOTE_DESIRE_H
#define KTACH_AGENTD_REMOTE_DESIRE_H

#include "agentd/agents/model.h"
#include "agentd/remote/orders.h"

/**
 * struct desire - the state that is in force
 * @orders: where it is kept
 * @text: NULL: there is none
 * @size: of it
 * @desired: of @text
 */
struct desire {
	struct orders *orders;
	char *text;
	size_t size;
	struct desired desired;
};

/* Go on with what was kept. */
void desire_open(struct desire *d, struct orders *orders);
void desire_close(struct desire *d);

/* Put another one, which was judged, in force. Return 0, -ENOMEM or -EIO. */
int desire_change(struct desire *d, const char *text, size_t size);

/* Whether it is the one that is in force, to the byte. */
bool desire_is(const struct desire *d, const char *text, size_t size);

/* Once a second. */
void desire_tick(struct desire *d, struct agents *l, uint64_t now_ns);

#endif /* KTACH_AGENTD_REMOTE_DESIRE_H */
