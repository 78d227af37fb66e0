/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_OWN_STATSD_LINE_H
#define KTACH_HOST_OWN_STATSD_LINE_H

#include "host/own/own_rows.h"

enum statsd_type {
	STATSD_COUNTER,
	STATSD_GAUGE,
	STATSD_TIMER,
	STATSD_SET,
};

/**
 * struct statsd_line - a line
 * @name: with '_' for what Prometheus has not in names
 * @labels: as own_labels() writes them
 * @type: which
 * @value: of all but sets; of a timer in its unit
 * @change: a gauge's value is to be added
 * @rate: how many of all are told, 0 to 1
 * @member: of a set, a number that is made of it
 */
struct statsd_line {
	char name[OWN_NAME_SIZE];
	char labels[OWN_NAME_SIZE];
	enum statsd_type type;
	double value;
	bool change;
	double rate;
	uint64_t member;
};

/* Take a line of @size bytes apart. NULL, or what is wrong with it. */
const char *statsd_line(struct statsd_line *l, const char *text, size_t size);

#endif /* KTACH_HOST_OWN_STATSD_LINE_H */
