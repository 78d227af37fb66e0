// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "collector/nodes/sequence.h"

static bool get(const struct sequence *s, uint64_t number)
{
	uint64_t bit = number % SEQUENCE_WINDOW;

	return s->bits[bit / 64] >> (bit % 64) & 1;
}

static void set(struct sequence *s, uint64_t number, bool on)
{
	uint64_t bit = number % SEQUENCE_WINDOW;
	uint64_t mask = UINT64_C(1) << (bit % 64);

	if (on)
		s->bits[bit / 64] |= mask;
	else
		s->bits[bit / 64] &= ~mask;
}

void sequence_start(struct sequence *s, uint64_t first)
{
	memset(s, 0, sizeof(*s));
	s->first = first;
	s->newest = first ? first - 1 : 0;
}

void sequence_skip(struct sequence *s, uint64_t number)
{
	if (!s->first || number > s->newest + 1)
		sequence_start(s, number);
}

static void advance(struct sequence *s, uint64_t number)
{
	uint64_t step = number - s->newest;

	if (step >= SEQUENCE_WINDOW) {
		memset(s->bits, 0, sizeof(s->bits));
	} else {
		while (++s->newest < number)
			set(s, s->newest, false);
	}
	s->newest = number;
	set(s, number, true);
	s->received++;
}

static enum sequence_verdict take_older(struct sequence *s, uint64_t number)
{
	if (s->newest - number >= SEQUENCE_WINDOW)
		return SEQUENCE_LATE;
	if (get(s, number))
		return SEQUENCE_DUPLICATE;
	if (number < s->first)
		s->first = number;
	set(s, number, true);
	s->received++;
	return SEQUENCE_NEW;
}

enum sequence_verdict sequence_take(struct sequence *s, uint64_t number)
{
	if (!number)
		return SEQUENCE_ABSURD;
	if (!s->first) {
		s->first = number;
		s->newest = number - 1;
	}
	if (number <= s->newest)
		return take_older(s, number);
	if (number - s->newest > SEQUENCE_STEP_MAX)
		return SEQUENCE_ABSURD;
	advance(s, number);
	return SEQUENCE_NEW;
}

/* first > newest only before the first number, where the sum is 0, too. */
uint64_t sequence_lost(const struct sequence *s)
{
	return s->received ? s->newest - s->first + 1 - s->received : 0;
}
