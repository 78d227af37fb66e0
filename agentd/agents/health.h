/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether agents are well, and what is done when they are not. */
#ifndef KTACH_AGENTD_AGENTS_HEALTH_H
#define KTACH_AGENTD_AGENTS_HEALTH_H

#include "agentd/agents/model.h"

void health_open(struct agent *a);
void health_close(struct agent *a);

/* It has just been started. */
void health_started(struct agent *a, uint64_t now_ns);

/* Somebody operates it: earlier restarts do not count any more. */
void health_forgive(struct agent *a);

/* Once a second: check it, if it is time. */
void health_tick(struct agent *a, uint64_t now_ns);

/* How long to wait after @restarts restarts that did not help. */
uint64_t health_delay_ns(const struct definition *d, unsigned int restarts);

#endif /* KTACH_AGENTD_AGENTS_HEALTH_H */
