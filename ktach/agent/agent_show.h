/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_KTACH_AGENT_AGENT_SHOW_H
#define KTACH_KTACH_AGENT_AGENT_SHOW_H

#include <stdbool.h>

#include "ktach/agent/agent_ask.h"

/* A line an agent. */
void agent_show_table(const struct agent_answer *a);

/* All that is known of one. */
void agent_show_one(const struct agent_answer *a);

/* A line an order. */
void agent_show_orders(const struct agent_answer *a);

/* The same, of all, as a list of this name in JSON. Return enum exit_status. */
int agent_show_json(const struct agent_answer *a, const char *name);

#endif /* KTACH_KTACH_AGENT_AGENT_SHOW_H */
