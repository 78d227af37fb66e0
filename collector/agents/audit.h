/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who had what done on which node, and how it ended: a line each in DATA/orders.log, and
 * in the log. Any thread may write.
 */
#ifndef KTACH_COLLECTOR_AGENTS_AUDIT_H
#define KTACH_COLLECTOR_AGENTS_AUDIT_H

#include <limits.h>
#include <pthread.h>

/**
 * struct audit - the file
 * @lock: of it
 * @path: of it; "" for none. At 4 MiB it becomes PATH.1, and what had that name goes
 */
struct audit {
	pthread_mutex_t lock;
	char path[PATH_MAX];
};

/**
 * struct audit_entry - one
 * @who: the token's name
 * @node: as it is called
 * @what: "restart web", "desired 17"
 * @result: how it ended
 */
struct audit_entry {
	const char *who;
	const char *node;
	const char *what;
	const char *result;
};

void audit_init(struct audit *a, const char *folder);
void audit_exit(struct audit *a);
void audit_write(struct audit *a, const struct audit_entry *e);

#endif /* KTACH_COLLECTOR_AGENTS_AUDIT_H */
