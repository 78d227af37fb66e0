/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of etcd, by the JSON that its servers speak beside gRPC (/v3/...): keys with a
 * lease, and a watch that tells of their changes.
 *
 * It is one thread's, and keeps nobody waiting for longer than a second (ETCD_CALL_MS) a server: one that
 * is away, slow, or answers what is no answer is left for the next one. What servers say is
 * believed only as far as it has the form that it has to have.
 *
 * Errors are negative errnos, etcd_problem() has one line about the last one:
 *   -EIO      no server did it; it may have been done all the same
 *   -ENOENT   there is no such lease any more
 *   -ENOMEM
 */
#ifndef KTACH_COLLECTOR_FLEET_ETCD_H
#define KTACH_COLLECTOR_FLEET_ETCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct etcd;
struct place;

enum etcd_limits {
	ETCD_KEY_SIZE = 256,
	ETCD_VALUE_MAX = 4096,
};

/**
 * struct etcd_key - one that is there, or that is gone
 * @key: its name
 * @value: its bytes, and a NUL
 * @gone: it was deleted, or its lease has ended
 * @lease: that it is kept by; 0: none
 * @changed: revision of that
 */
struct etcd_key {
	char key[ETCD_KEY_SIZE];
	char value[ETCD_VALUE_MAX + 1];
	bool gone;
	uint64_t lease;
	uint64_t changed;
};

typedef void etcd_found(void *context, const struct etcd_key *k);

/* @place is copied. Return NULL if memory is short. */
struct etcd *etcd_open(const struct place *place);
void etcd_close(struct etcd *e);
const char *etcd_problem(const struct etcd *e);

/* A lease that ends if it is not kept alive for so many seconds. */
int etcd_grant(struct etcd *e, unsigned int seconds, uint64_t *lease);
int etcd_keep_alive(struct etcd *e, uint64_t lease);

/* End it: its keys are gone at once. */
int etcd_revoke(struct etcd *e, uint64_t lease);

/* Tell all keys that begin with @prefix, and at which revision that was. */
int etcd_range(struct etcd *e, const char *prefix, etcd_found *found,
	       void *context, uint64_t *revision);

/* Put a key that is not there. Return 0, or -EEXIST: it is. @lease 0: it stays. */
int etcd_put_new(struct etcd *e, const char *key, const char *value,
		 uint64_t lease);

/* Put it, whether it is there or not. */
int etcd_put(struct etcd *e, const char *key, const char *value,
	     uint64_t lease);
int etcd_delete(struct etcd *e, const char *key);

/**
 * etcd_watch() - be told what changes of keys that begin with a prefix
 * @e: the client, which has one watch at most
 * @prefix: of the keys
 * @from: the first revision that is told
 *
 * etcd_wait() tells. Return: 0 or -ENOMEM.
 */
int etcd_watch(struct etcd *e, const char *prefix, uint64_t from);

/**
 * etcd_wait() - wait for changes
 * @e: the client
 * @ms: for so long at most
 * @found: told each
 * @context: for it
 *
 * Return: 0, also if there were none; or -EIO: the watch has ended, and what changed since is
 * not known.
 */
int etcd_wait(struct etcd *e, int ms, etcd_found *found, void *context);

/* Another thread's: whoever waits goes on. */
void etcd_wake(struct etcd *e);

#endif /* KTACH_COLLECTOR_FLEET_ETCD_H */
