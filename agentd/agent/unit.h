/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An agent as a service of systemd. */
#ifndef KTACH_AGENTD_AGENT_UNIT_H
#define KTACH_AGENTD_AGENT_UNIT_H

#include <stdbool.h>
#include <stdio.h>

#include "agentd/agent/definition.h"

#define UNIT_PREFIX "ktach-agent@"
#define UNIT_CHECK_PREFIX "ktach-agent-check@"
#define UNIT_SLICE "ktach-agents.slice"
#define UNIT_JOURNAL "ktach-agents"
#define AGENT_HEARTBEAT_SOCKET "/run/ktach/heartbeat.sock"

enum {
	UNIT_NAME_SIZE = AGENT_NAME_SIZE + 32,
};

/* "ktach-agent@NAME.service", and that of its health command. */
void unit_name(char *unit, const char *agent);
void unit_check_name(char *unit, const char *agent);

/**
 * unit_write() - write the unit file
 * @out: where to
 * @d: a good definition
 * @grows: systemd lets the delay between restarts grow (from 254 on)
 */
void unit_write(FILE *out, const struct definition *d, bool grows);

#endif /* KTACH_AGENTD_AGENT_UNIT_H */
