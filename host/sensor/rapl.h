/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Energy of packages and their parts: /sys/class/powercap, intel-rapl. */
#ifndef KTACH_HOST_SENSOR_RAPL_H
#define KTACH_HOST_SENSOR_RAPL_H

#include "host/sensor/sensor_chip.h"

/* Open a domain, as hwmon_chip() does. @name: "intel-rapl:0:1"; -EACCES: the
 * kernel lets only root read it.
 */
int rapl_chip(int class, const char *name, struct sensor_chip **chip);

#endif /* KTACH_HOST_SENSOR_RAPL_H */
