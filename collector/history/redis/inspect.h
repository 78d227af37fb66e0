/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether servers are as a history needs them. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_INSPECT_H
#define KTACH_COLLECTOR_HISTORY_REDIS_INSPECT_H

#include "collector/history/redis/handle.h"

/* Look at all masters, and choose how many copies there have to be if that is not said.
 * Return 0, or -EIO with a problem that says what to do.
 */
int inspect_servers(struct redis *r);

/* Say what can be lost with them, once. */
void inspect_tell(const struct redis *r);

/* How much memory there is. Return 0 or -EIO. */
int inspect_memory(struct redis *r);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_INSPECT_H */
