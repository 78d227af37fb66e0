/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for chips in /sys. */
#ifndef KTACH_HOST_SENSOR_SENSOR_SCAN_H
#define KTACH_HOST_SENSOR_SENSOR_SCAN_H

#include "host/sensor/sensor_chip.h"

/**
 * struct sensor_scan - a search, and what was found
 * @old: chips of the search before: those that are still there are taken out
 * @found: chips, in the order of their classes and numbers
 * @last: where the next one is hung in
 * @denied: name of one that may not be read, or empty
 */
struct sensor_scan {
	struct sensor_chip *old;
	struct sensor_chip *found;
	struct sensor_chip **last;
	char denied[SENSOR_TEXT_MAX];
};

/* All that @sys has. What is in @scan->old then has gone; it is not freed. */
void sensor_scan(struct sensor_scan *scan, const char *sys);

#endif /* KTACH_HOST_SENSOR_SENSOR_SCAN_H */
