/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of the book. Each formula has its figure's inputs, in their order. */
#ifndef KTACH_TABLES_FORMULAS_H
#define KTACH_TABLES_FORMULAS_H

#include "tables/entry.h"

/* Share of the time that a time in ns grew by. */
book_formula formula_time_share;

/*
 * Shares of a CPU's time are parts of what its states grew by together: of the
 * eight of /proc/stat that hold no other one, or of the two exact ones. So the parts
 * add up to 1, whatever the clock says: ticks are booked late, or not at all.
 */

/* That sum, a second. */
book_formula formula_cpu_whole;

/* A state; the first one without the second, which it has in it; the first one, as
 * far as it is in the second; what is neither of both.
 */
book_formula formula_cpu_share;
book_formula formula_cpu_less;
book_formula formula_cpu_within;
book_formula formula_cpu_busy;

/* Growth of all inputs together, a second. */
book_formula formula_sum_of_rates;

/* Requests under way, from their time. */
book_formula formula_queue;

/* Mean time of an operation: inputs are pairs of a number and of its time. */
book_formula formula_await;

/* The first input without the second: bytes, and as a share of the first. */
book_formula formula_less;
book_formula formula_used;

/* The first input as a share of the second. */
book_formula formula_ratio;

/* The first input of both. What is kept for root is neither used nor available. */
book_formula formula_mount_used;
book_formula formula_mount_error;

/* The first input, where the growth of the second is known, or BPF counts, which the
 * third one tells.
 */
book_formula formula_net_rate;

/* Of a frequency as adjtimex(2) has it: 2^-16 ppm. */
book_formula formula_clock_ratio;

/* Series of one's own: their type and value. The second is of counters alone. */
book_formula formula_own;
book_formula formula_own_rate;

/* Sensors: their type, and one of their columns. */
book_formula formula_measure;
book_formula formula_watts;
book_formula formula_celsius;
book_formula formula_rpm;
book_formula formula_volts;
book_formula formula_power;
book_formula formula_amperes;
book_formula formula_joules;

#endif /* KTACH_TABLES_FORMULAS_H */
