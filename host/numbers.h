/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gauges and counters of the host: a reading of them, and how they are found in
 * files of /proc that have a name and a value a line.
 */
#ifndef KTACH_HOST_NUMBERS_H
#define KTACH_HOST_NUMBERS_H

#include "host/rows.h"

/**
 * struct numbers - all zeroes: empty, without memory
 * @gauges: WIRE_GAUGES
 * @counters: WIRE_COUNTERS
 * @real_ns: CLOCK_REALTIME of the reading, ns
 * @mono_ns: its CLOCK_MONOTONIC
 */
struct numbers {
	struct rows gauges;
	struct rows counters;
	uint64_t real_ns;
	uint64_t mono_ns;
};

/* A reading begins now. */
void numbers_begin(struct numbers *n);
void numbers_put(struct numbers *n, const struct host_sink *sink);
void numbers_exit(struct numbers *n);

/* Take in a value of enum wire_gauge or wire_counter. WIRE_ABSENT is left out, as is more
 * than there can be (host/most.h); of a key that comes twice the first value counts.
 */
void numbers_gauge(struct numbers *n, uint64_t key, uint64_t value);
void numbers_counter(struct numbers *n, uint64_t key, uint64_t value);

/* The value of a gauge that was taken in, to be read or changed; NULL if there is
 * none.
 */
uint64_t *numbers_find(const struct numbers *n, uint64_t key);

/**
 * struct number_line - a line that is wanted
 * @name: what it begins with, up to the value: "MemTotal:", "ctxt "
 * @rest: what follows the value: " kB\n". Without it the line was cut off
 * @unit: what the value counts, bytes or ns: 1024
 * @key: enum wire_gauge, or wire_counter if @counter
 * @counter: whether it only grows
 */
struct number_line {
	const char *name;
	const char *rest;
	uint64_t unit;
	uint64_t key;
	bool counter;
};

/**
 * number_lines() - take in the lines that are wanted
 * @n: gets the values
 * @text: the file, NUL-terminated; goes behind the last line that is wanted
 * @lines: a table of what is wanted, with a NULL name at its end
 *
 * A line that is missing, is cut short or has something else in it is left out,
 * as is a value that fits no 63 bits.
 *
 * Return: values taken.
 */
unsigned int number_lines(struct numbers *n, const char **text,
			  const struct number_line *lines);

/**
 * number_hundredths() - take "12.34" as 1234
 * @at: goes behind it
 * @value: set; UINT64_MAX if it does not fit, or is below 0
 *
 * Return: false if it is anything else than digits, a point and two digits.
 */
bool number_hundredths(const char **at, uint64_t *value);

#endif /* KTACH_HOST_NUMBERS_H */
