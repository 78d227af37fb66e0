/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_KTACH_AGENT_AGENT_SWITCH_H
#define KTACH_KTACH_AGENT_AGENT_SWITCH_H

#include <stdbool.h>

/* Have an agent's file say "enabled = yes" or no, which ktach-agentd follows. All else
 * of it stays. Return 0, or -errno after a message.
 */
int agent_switch(const char *path, bool on);

#endif /* KTACH_KTACH_AGENT_AGENT_SWITCH_H */
