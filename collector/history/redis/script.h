/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done at once on a server. Each script names all its keys, as only then a slot that
 * is moving to another server is told before anything is changed; and each one refuses if
 * its bucket's "own" is not what it was told: somebody else has taken it, or this process
 * itself has, after an answer was lost, so that what was sent before can't come later.
 *
 *   own      1 own, 2 log | epoch, new value: take the bucket, if nobody newer has: the
 *            last id of its log, and the value before
 *   commit   see commit.c
 *   apply    1 own, keys | value, then for each command: its name, which key, how many
 *            arguments, these
 *   lock     1 lock, 2 epoch | holder, ms, a holder that is dead: take it
 *   renew    1 lock | holder, ms
 *   release  1 lock | holder
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_SCRIPT_H
#define KTACH_COLLECTOR_HISTORY_REDIS_SCRIPT_H

enum script {
	SCRIPT_OWN,
	SCRIPT_COMMIT,
	SCRIPT_APPLY,
	SCRIPT_LOCK,
	SCRIPT_RENEW,
	SCRIPT_RELEASE,
	SCRIPTS
};

extern const char *const script_text[SCRIPTS];

/* What they refuse with. */
#define SCRIPT_FENCED "FENCED"
#define SCRIPT_CHANGED "CHANGED"

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_SCRIPT_H */
