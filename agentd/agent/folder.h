/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All agents of this host: a folder's files NAME.conf, in the order of their names. */
#ifndef KTACH_AGENTD_AGENT_FOLDER_H
#define KTACH_AGENTD_AGENT_FOLDER_H

#include <stddef.h>

#include "agentd/agent/definition.h"

#define AGENTS_FOLDER "/etc/ktach/agents.d"
/* Another folder, for tests; read by whoever reads the folder. */
#define AGENTS_FOLDER_VARIABLE "KTACH_AGENTS"

/**
 * struct folder_entry - a file
 * @definition: what it says; where it is wrong no more than its path and name
 * @problem: what is wrong, "path:line: key: ..."; empty: nothing
 */
struct folder_entry {
	struct definition definition;
	char problem[AGENT_PROBLEM_SIZE];
};

struct folder {
	struct folder_entry *entries;
	size_t count;
};

/* A file that is wrong does not keep the others from being read. Of two with the same
 * name the first one counts. Return 0 (a folder that is not there is empty) or -errno.
 */
int folder_read(struct folder *f, const char *path);
void folder_free(struct folder *f);

#endif /* KTACH_AGENTD_AGENT_FOLDER_H */
