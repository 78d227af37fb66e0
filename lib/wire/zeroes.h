/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Most values of a series are steps of 0: what tells so, quickly. */
#ifndef KTACH_LIB_WIRE_ZEROES_H
#define KTACH_LIB_WIRE_ZEROES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool zeroes(const uint64_t *values, size_t count)
{
	const uint64_t *end = values + count;

	for (; end - values >= 4; values += 4)
		if (values[0] | values[1] | values[2] | values[3])
			return false;
	for (; values < end; values++)
		if (*values)
			return false;
	return true;
}

#endif /* KTACH_LIB_WIRE_ZEROES_H */
