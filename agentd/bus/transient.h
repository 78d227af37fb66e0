/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_AGENTD_BUS_TRANSIENT_H
#define KTACH_AGENTD_BUS_TRANSIENT_H

#include "agentd/agent/definition.h"
#include "agentd/bus/bus.h"

/**
 * transient_start() - run an agent's health command, once
 * @b: the bus
 * @job: is over when the command is: without a problem where it ended with 0
 * @d: the agent, whose user and limits the command has
 */
void transient_start(struct bus *b, struct bus_job *job,
		     const struct definition *d);

#endif /* KTACH_AGENTD_BUS_TRANSIENT_H */
