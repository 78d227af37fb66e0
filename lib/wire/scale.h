/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What integers have in common: times in ticks, sizes in pages. */
#ifndef KTACH_LIB_WIRE_SCALE_H
#define KTACH_LIB_WIRE_SCALE_H

#include <stddef.h>
#include <stdint.h>

/* The largest number that all values, taken as signed, are multiples of; 1 for
 * less than two values, if all are 0, or if only INT64_MIN has it.
 */
uint64_t scale_of(const uint64_t *values, size_t count);

/* Divide values by a scale that they are multiples of. */
void scale_down(uint64_t *values, size_t count, uint64_t scale);

#endif /* KTACH_LIB_WIRE_SCALE_H */
