/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_AGENTD_AGENTS_FIND_H
#define KTACH_AGENTD_AGENTS_FIND_H

#include "agentd/agents/model.h"

/* One that has a unit; NULL: there is none of that name. */
struct agent *agents_find(const struct agents *l, const char *name);

#endif /* KTACH_AGENTD_AGENTS_FIND_H */
