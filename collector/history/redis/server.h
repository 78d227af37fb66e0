/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The servers of a history: who has which slots, and a connection to each. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_SERVER_H
#define KTACH_COLLECTOR_HISTORY_REDIS_SERVER_H

#include "collector/history/redis/handle.h"

/* The server HOST:PORT; made if missing. Return its number, or -1. */
int server_get(struct redis *r, const char *host);

/* Connected, if it can be now. Return 0 or -EIO with a problem. */
int server_connect(struct redis *r, struct server *s);

/* Ask anybody who has which slots, if that may have changed. Return 0, or -EIO. */
int server_learn(struct redis *r);

/* One that a slot is with; NULL: nobody knows. */
struct server *server_of(struct redis *r, unsigned int bucket);

/* Its connection failed, or it is not the one to ask. */
void server_doubt(struct redis *r, struct server *s);

void server_free_all(struct redis *r);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_SERVER_H */
