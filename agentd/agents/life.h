/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts and ends of an agent, as systemd tells of them, become its record. */
#ifndef KTACH_AGENTD_AGENTS_LIFE_H
#define KTACH_AGENTD_AGENTS_LIFE_H

#include "agentd/agents/record.h"

/* What a change of the state has shown. */
enum life_event {
	LIFE_STARTED = 1,
	LIFE_ENDED = 2,
};

/**
 * life_take() - bring a record up to date
 * @r: the record
 * @s: the state as it is
 * @boot: this boot's id
 * @because: why it was to end; empty: nobody wanted it to
 *
 * Return: mask of enum life_event.
 */
unsigned int life_take(struct record *r, const struct unit_state *s,
		       const char *boot, const char *because);

/* systemd restarts it no more: whether that is news. */
bool life_give_up(struct record *r, const struct unit_state *s);

#endif /* KTACH_AGENTD_AGENTS_LIFE_H */
