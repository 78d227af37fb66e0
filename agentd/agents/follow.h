/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of files is followed: agents come, change and go. */
#ifndef KTACH_AGENTD_AGENTS_FOLLOW_H
#define KTACH_AGENTD_AGENTS_FOLLOW_H

#include "agentd/agents/model.h"

/* Return 0, or -errno after a message. */
int follow_open(struct agents *l);
void follow_close(struct agents *l);

/* Once a second: read it, if anything has changed. */
void follow_tick(struct agents *l);

#endif /* KTACH_AGENTD_AGENTS_FOLLOW_H */
