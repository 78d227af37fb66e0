/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_MEMORY_PRESSURE_H
#define KTACH_HOST_MEMORY_PRESSURE_H

#include "host/numbers.h"

enum pressure_of {
	PRESSURE_CPU,
	PRESSURE_MEMORY,
	PRESSURE_IO,
	PRESSURE_IRQ,
};

/* Take in a file of /proc/pressure. Return 0, or -EINVAL if a line of it is not
 * whole: those before it were taken.
 */
int pressure_parse(const char *text, enum pressure_of of, struct numbers *n);

#endif /* KTACH_HOST_MEMORY_PRESSURE_H */
