/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who writes: the one who has the lock, which has a time to live. It keeps a second collector
 * away for as long as the first one renews it. What makes sure that one which was stopped,
 * or cut off, writes nothing once another one has taken over is "own" of each bucket.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_LEASE_H
#define KTACH_COLLECTOR_HISTORY_REDIS_LEASE_H

#include "collector/history/redis/handle.h"

enum lease_numbers {
	LEASE_MS = 20000,
	LEASE_RENEW_MS = 1000,
};

/**
 * lease_take() - become the one who writes
 * @r: the handle
 * @holder: set to who has it, after -EBUSY
 * @left_ms: set to what is left of its time
 *
 * One on this host whose process is gone does not count. Return: 0, -EBUSY, or -EIO.
 */
int lease_take(struct redis *r, char *holder, size_t size, long long *left_ms);

/* Once a second at most. Return 0, -ENOENT if it is another one's, or -EIO. */
int lease_renew(struct redis *r);
void lease_release(struct redis *r);

/* "HOST, process PID" of a holder. */
void lease_tell(const char *holder, char *text, size_t size);

/* begin() and end() of an engine. */
uint64_t lease_begin(struct engine *e, const uint8_t *node, int64_t hour);
void lease_end(struct engine *e);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_LEASE_H */
