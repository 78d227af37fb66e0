/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file "lock" of the history's folder: held by the one process that writes
 * there, and a note of what it works on:
 *
 *   0   text, 16 bytes: its pid
 *   16  struct lock_work
 *   48  text, 36 bytes: the host's boot that it ran in
 *
 * The note outlives the process: a start finds what the one before was at when it
 * was killed.
 */
#ifndef KTACH_COLLECTOR_HISTORY_SQLITE_LOCK_H
#define KTACH_COLLECTOR_HISTORY_SQLITE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ktach/wire.h>

#define LOCK_NAME "lock"

/**
 * struct lock_work - what is being worked on
 * @tries: how often it was begun, and not ended; 0: nothing is under way
 * @node: whose frames or chunks
 * @slot: of the chunks that are merged; -1: frames are folded
 */
struct lock_work {
	uint64_t tries;
	uint8_t node[WIRE_ID_SIZE];
	int64_t slot;
};

/**
 * struct lock - held
 * @fd: the file
 * @before: what the process before did not end
 * @same_boot: it ran since the host was started: what it wrote is there
 * @work: what is under way
 */
struct lock {
	int fd;
	struct lock_work before;
	bool same_boot;
	struct lock_work work;
};

/* Return 0; -EBUSY with @holder's pid, 0 if that is not known; or -errno. */
int lock_take(struct lock *l, const char *folder, pid_t *holder);
void lock_release(struct lock *l);

/* Note what is begun: how often it was, this time counted. */
uint64_t lock_begin(struct lock *l, const uint8_t *node, int64_t slot);

/* It is done, or will not be tried again. */
void lock_end(struct lock *l);

#endif /* KTACH_COLLECTOR_HISTORY_SQLITE_LOCK_H */
