/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that may hang: the file system of a server that is away, a chip that
 * does not answer. A thread makes them, one after the other; if that takes
 * longer, more threads help, so that one that hangs doesn't hold up the rest.
 * Between two rounds there is no thread but those that hang.
 *
 *   probe_ask()... probe_go() -> threads: run() -> results, in the probes
 *                  probe_wait(): for those that are quick
 *                  probe_pool_fd(): then for the others, or for the deadline
 *
 * All functions but run() are called by one thread, the pool's owner.
 */
#ifndef KTACH_HOST_PROBE_H
#define KTACH_HOST_PROBE_H

#include <stdbool.h>
#include <stdint.h>

enum probe_limits {
	PROBE_THREADS = 32,		/* of a pool: calls that may hang at once */
	PROBE_THREADS_TRUSTED = 4,	/* of them, not for doubtful calls */
	PROBE_QUICK_MS = 10,		/* slower ones are not waited for */
	PROBE_TRUSTED_MS = 100,		/* the same, if they are not doubtful */
};

struct probe_pool;

/**
 * struct probe - a call; lives in its owner's struct
 * @run: makes it, in a thread; has the owner's struct for itself meanwhile
 * @free: frees the owner's struct, in either thread
 * @doubtful: more likely to hang than others, which come first and always have
 *          threads left
 * @next: this and what follows is the pool's own
 */
struct probe {
	void (*run)(struct probe *p);
	void (*free)(struct probe *p);
	bool doubtful;
	struct probe *next;
	enum probe_state {
		PROBE_IDLE,
		PROBE_QUEUED,
		PROBE_RUNNING,
	} state;
	bool slow;
	bool dropped;
	uint64_t round;
	uint64_t begun_ns;
};

/* Returns 0 or -errno. @deadline_ns: what a call may take. */
int probe_pool_new(struct probe_pool **pool, uint64_t deadline_ns);

/* All probes were dropped before. A thread that hangs frees what it uses when it
 * comes back, if ever.
 */
void probe_pool_free(struct probe_pool *pool);

/* Readable when what probe_wait() did not wait for is answered, or hangs. */
int probe_pool_fd(struct probe_pool *pool);

/* Ask for a call. Nothing is done for one that is not answered yet. */
void probe_ask(struct probe_pool *pool, struct probe *p);

/* Begin with what was asked for. Returns 0, or -errno: there is no thread. */
int probe_go(struct probe_pool *pool);

/* Wait until all of this round are answered that have been quick so far, but no
 * longer than PROBE_QUICK_MS, or PROBE_TRUSTED_MS. So a call that begins to hang is
 * waited for once. Called again, this doesn't wait. Makes probe_pool_fd() quiet
 * until there is more.
 */
void probe_wait(struct probe_pool *pool);

/* Whether probe_pool_fd() tells of something yet: calls are not answered. */
bool probe_pending(struct probe_pool *pool);

/* Whether the owner may look at the results: the call is not under way. */
bool probe_answered(struct probe_pool *pool, const struct probe *p);

/* Whether it was begun, and did not answer in time. */
bool probe_hangs(struct probe_pool *pool, const struct probe *p);

/* Frees it, as soon as the call comes back if it is under way. */
void probe_drop(struct probe_pool *pool, struct probe *p);

#endif /* KTACH_HOST_PROBE_H */
