/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of many temperatures is the CPU's. */
#ifndef KTACH_HOST_SENSOR_SENSOR_CPU_H
#define KTACH_HOST_SENSOR_SENSOR_CPU_H

#include <stdbool.h>

#include "host/sensor/sensor_chip.h"

/* Whether a chip or a thermal zone of this name measures the CPU, or the chip
 * that the CPU is on.
 */
bool sensor_cpu_named(const char *name);

/* Find the CPU's temperature among a chip's, and label it so. A chip that is
 * known to measure nothing else has one; others have none.
 */
void sensor_cpu_label(struct sensor_chip *c);

#endif /* KTACH_HOST_SENSOR_SENSOR_CPU_H */
