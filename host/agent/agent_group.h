/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control group of an agent, and what the kernel counts there. */
#ifndef KTACH_HOST_AGENT_AGENT_GROUP_H
#define KTACH_HOST_AGENT_AGENT_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the unified hierarchy. */
#define AGENT_GROUPS "fs/cgroup/ktach.slice/ktach-agents.slice"

/**
 * agent_group_read() - fill a row of WIRE_AGENT, but for its key
 * @dir: descriptor of the group's folder
 * @proc: where /proc is
 * @row: its cells; what is not known stays WIRE_ABSENT
 */
void agent_group_read(int dir, const char *proc, uint64_t *row);

/* The agent of a folder "ktach-agent@NAME.service": its length at *name; 0: of none. */
size_t agent_group_name(const char *folder, const char **name);

#endif /* KTACH_HOST_AGENT_AGENT_GROUP_H */
