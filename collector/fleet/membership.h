/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This collector among others that write to one history: a thread keeps a lease in etcd, sees who
 * else is there, and claims what is its own (store_claim()). Which owner a slice has follows
 * from the list of members alone; the epoch is the revision of etcd at which the list was so.
 *
 * Where etcd is away, all stays as it is. A collector whose lease ends has lost its slices to
 * others, which it is told by etcd, or by the history, whichever it reaches.
 */
#ifndef KTACH_COLLECTOR_FLEET_MEMBERSHIP_H
#define KTACH_COLLECTOR_FLEET_MEMBERSHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct membership;
struct store;

/**
 * struct membership_setup - who this is
 * @servers: etcd's, as PLACE_ETCD has them
 * @id: of this member
 * @feed: where shippers find it
 * @http: where its page is
 */
struct membership_setup {
	const char *servers;
	const char *id;
	const char *feed;
	const char *http;
};

/* Begin to be a member; it becomes one later. Return 0, or -errno after a message. */
int membership_open(struct membership **fleet,
		    const struct membership_setup *setup, struct store *store);

/* Be none any more: others take over at once. */
void membership_leave(struct membership *f);
void membership_close(struct membership *f);

/* Who has a node. */
enum membership_owner {
	MEMBERSHIP_NOBODY, /* or it is not known */
	MEMBERSHIP_US,
	MEMBERSHIP_OTHER,
};

/* @where: set to the other's address for shippers. */
enum membership_owner membership_owner(struct membership *f,
				       const uint8_t *node, char *where,
				       size_t size);

#endif /* KTACH_COLLECTOR_FLEET_MEMBERSHIP_H */
