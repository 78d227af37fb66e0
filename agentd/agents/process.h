/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control group of a process, which it cannot choose. */
#ifndef KTACH_AGENTD_AGENTS_PROCESS_H
#define KTACH_AGENTD_AGENTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PROCESS_GROUP_SIZE = 512,
};

/* Of systemd's hierarchy, from / on. Return 0 or -errno. */
int process_group(int pid, char *group, size_t size);

/* Whether a group is @outer or lies in it; never where that is empty. */
bool process_group_within(const char *group, const char *outer);

#endif /* KTACH_AGENTD_AGENTS_PROCESS_H */
