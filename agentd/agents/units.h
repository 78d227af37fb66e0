/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd is told what files ask for, and watched. */
#ifndef KTACH_AGENTD_AGENTS_UNITS_H
#define KTACH_AGENTD_AGENTS_UNITS_H

#include "agentd/agents/model.h"

void units_open(struct agents *l);

/* Once a second. */
void units_tick(struct agents *l);

#endif /* KTACH_AGENTD_AGENTS_UNITS_H */
