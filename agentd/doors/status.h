/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_AGENTD_DOORS_STATUS_H
#define KTACH_AGENTD_DOORS_STATUS_H

#include "agentd/agents/model.h"

/**
 * struct status - a file that anybody may read: how agents are
 * @path: RUN/agents
 * @text: what it says; NULL: nothing yet
 * @written_ns: since when
 * @failed: it was told that it cannot be written
 */
struct status {
	char path[108];
	char *text;
	uint64_t written_ns;
	bool failed;
};

/* @folder: of the sockets. */
void status_open(struct status *s, const char *folder);
void status_close(struct status *s);

/* Once a second: a line an agent, "NAME STATE FAILURES RESTARTS HEALTH-RESTARTS". What is
 * older than 30 s is of one who does not run any more: it is written each 10 s at least.
 */
void status_tick(struct status *s, const struct agents *agents,
		 uint64_t now_ns);

#endif /* KTACH_AGENTD_DOORS_STATUS_H */
