/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All agents of this host: their folder is followed, and systemd. */
#ifndef KTACH_AGENTD_AGENTS_AGENTS_H
#define KTACH_AGENTD_AGENTS_AGENTS_H

#include "agentd/agents/model.h"

/* Return 0, or -errno after a message. */
int agents_open(struct agents *l, struct loop *loop, const char *folder,
		const char *state);
void agents_close(struct agents *l);

/* Once a second. */
void agents_tick(struct agents *l, uint64_t now_ns);

#endif /* KTACH_AGENTD_AGENTS_AGENTS_H */
