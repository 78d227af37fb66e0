/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One agent, as systemd's signals and its file change it. */
#ifndef KTACH_AGENTD_AGENTS_AGENT_H
#define KTACH_AGENTD_AGENTS_AGENT_H

#include "agentd/agents/model.h"

/* Add one that has a file, and nothing else yet. NULL without memory. */
struct agent *agent_new(struct agents *l, const struct folder_entry *e);
void agent_free(struct agent *a);

/* Once a second: has systemd given it up? */
void agent_look_for_end(struct agent *a);

#endif /* KTACH_AGENTD_AGENTS_AGENT_H */
