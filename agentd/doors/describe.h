/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_AGENTD_DOORS_DESCRIBE_H
#define KTACH_AGENTD_DOORS_DESCRIBE_H

#include <stdio.h>

struct agent;

/* All that is known of an agent: a line "KEY VALUE" each, and an empty one. What is not
 * known has no line.
 */
void describe_agent(FILE *out, const struct agent *a);

/* A word: "running", "failed", ... (docs/agents.md). */
const char *describe_state(const struct agent *a);

#endif /* KTACH_AGENTD_DOORS_DESCRIBE_H */
