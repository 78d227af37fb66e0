/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The largest value that there can be: what a kernel has numbers for, or what can be
 * built. A file that tells of more is wrong about it, and the value is not known.
 */
#ifndef KTACH_HOST_MOST_H
#define KTACH_HOST_MOST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/wire/wire.h"

/* Addresses of memory have 52 bits (x86), 56 at most (Arm). */
#define MOST_MEMORY_BYTES (UINT64_C(1) << 56)

/* Of a row of WIRE_GAUGES: whether there can be that much of @key. */
bool most_gauge(uint64_t key, uint64_t value);

/* Make WIRE_ABSENT of each cell of a table's rows that has more than there can be. */
void most_cells(uint32_t kind, uint32_t columns, uint64_t *cells,
		uint32_t rows);

#endif /* KTACH_HOST_MOST_H */
