/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server that speaks to the history as Redis does, until it is told to lie. */
#ifndef KTACH_TESTS_FUZZ_REDIS_LIAR_H
#define KTACH_TESTS_FUZZ_REDIS_LIAR_H

#include <stdbool.h>
#include <stdint.h>

/* Begin one, of a thread. Return its port, or 0. */
uint16_t liar_start(void);
void liar_stop(void);

/* From now on one of so many answers is a lie; 0: none. Values are made with a seed. */
void liar_turn(unsigned int seed, unsigned int one_of);

/* Whether the last commit was answered as it has to be. */
bool liar_kept(void);

/* Answers, and lies among them. */
unsigned long liar_answers(void);
unsigned long liar_lies(void);

#endif /* KTACH_TESTS_FUZZ_REDIS_LIAR_H */
