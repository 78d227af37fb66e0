/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Even steps of time, and the signals that end a series in order. */
#ifndef KTACH_KTACH_PACE_H
#define KTACH_KTACH_PACE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * pace_until() - wait for a moment
 * @mono_ns: CLOCK_MONOTONIC
 *
 * Return: false if the user has asked to end: see pace_catch().
 */
bool pace_until(uint64_t mono_ns);

/* The step after @last_ns; steps that have passed are left out. */
uint64_t pace_next(uint64_t last_ns, uint64_t interval_ns);

/* Take SIGINT and SIGTERM as the wish to end. */
void pace_catch(void);

/* Was there one? */
bool pace_ended(void);

#endif /* KTACH_KTACH_PACE_H */
