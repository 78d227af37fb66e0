/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is missing between two frames of a session: a window over the newest
 * sequence numbers.
 *
 *                  .---- window: taken or not is known ----.
 *   ... late ...   | 1 1 0 1 1 1 1 1 0 1 1 ...           1 |   not yet sent
 *                                    ^ lost so far         ^ newest
 *
 * A number that fills a hole is a frame that came out of order; one that is
 * there already is a duplicate; one before the window can't be told from a
 * duplicate, is refused as late and stays lost.
 */
#ifndef KTACH_COLLECTOR_NODES_SEQUENCE_H
#define KTACH_COLLECTOR_NODES_SEQUENCE_H

#include <stdint.h>

enum sequence_limits {
	SEQUENCE_WINDOW = 1024,
	SEQUENCE_WORDS = SEQUENCE_WINDOW / 64,
};

/* A larger step ahead is not loss: the sender, or who claims to be it, errs. */
#define SEQUENCE_STEP_MAX (UINT64_C(1) << 32)

/**
 * struct sequence - the numbers of one session
 * @first: the first one that counts, 0 until known
 * @newest: the largest one taken
 * @received: how many were taken
 * @bits: number n was taken: bit n % SEQUENCE_WINDOW
 */
struct sequence {
	uint64_t first;
	uint64_t newest;
	uint64_t received;
	uint64_t bits[SEQUENCE_WORDS];
};

enum sequence_verdict {
	SEQUENCE_NEW,
	SEQUENCE_DUPLICATE,
	SEQUENCE_LATE,		/* before the window */
	SEQUENCE_ABSURD,	/* 0, or a step larger than SEQUENCE_STEP_MAX */
};

/**
 * sequence_start() - begin a session
 * @s: filled
 * @first: the first number that counts: 1 for a session that began under our
 *         eyes; 0 for whichever comes first, of a sender met on its way
 */
void sequence_start(struct sequence *s, uint64_t first);

/* What lies before a number, and did not come yet, is not missing: it went
 * elsewhere. Forgets what is lost so far.
 */
void sequence_skip(struct sequence *s, uint64_t number);

/* Take a number if it is new; everything else changes nothing. */
enum sequence_verdict sequence_take(struct sequence *s, uint64_t number);

/* Numbers from first to newest that were not taken. */
uint64_t sequence_lost(const struct sequence *s);

#endif /* KTACH_COLLECTOR_NODES_SEQUENCE_H */
