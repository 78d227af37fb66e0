/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engines that there are, by where a history is: a folder is SQLite's, redis:// and
 * rediss:// name servers.
 */
#ifndef KTACH_COLLECTOR_HISTORY_ENGINES_ENGINES_H
#define KTACH_COLLECTOR_HISTORY_ENGINES_ENGINES_H

#include <stdbool.h>

struct engine;

/* Open for writing: makes, or brings up to date, what is there. @fleet: several collectors
 * write to it, each what it has claimed; of servers only. Return 0, or -errno after a
 * message; -ECANCELED if a signal to end came while it waited for servers.
 */
int engines_open(struct engine **engine, const char *where, bool fleet);

/* Open for reading. Return 0, or -errno after a message. */
int engines_read(struct engine **engine, const char *where);

/* What is wrong with the name of servers; NULL: nothing. */
const char *engines_problem(const char *servers);

#endif /* KTACH_COLLECTOR_HISTORY_ENGINES_ENGINES_H */
