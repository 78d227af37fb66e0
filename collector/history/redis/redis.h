/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine (collector/history/engine.h) on Redis or Valkey, one server or a cluster. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_REDIS_H
#define KTACH_COLLECTOR_HISTORY_REDIS_REDIS_H

struct engine;

/* Open for writing: waits until the servers are there, and says so. Return 0; -ECANCELED,
 * as a signal to end has come meanwhile; or another -errno after a message.
 */
int redis_open(struct engine **engine, const char *text, bool fleet);

/* Open for reading: does not wait. Return 0, or -errno after a message. */
int redis_read(struct engine **engine, const char *text);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_REDIS_H */
