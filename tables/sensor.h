/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_TABLES_SENSOR_H
#define KTACH_TABLES_SENSOR_H

#include <stdint.h>

/* What a sensor is, by enum wire_sensor_type; the last ones' are empty. */
struct book_sensor {
	const char *type;	/* "temperature" */
	const char *unit;	/* "celsius" */
	const char *sign;	/* "°C" */
	double parts;		/* how many of the wire's units are one of its own */
};

const struct book_sensor *book_sensor(uint64_t type);

#endif /* KTACH_TABLES_SENSOR_H */
