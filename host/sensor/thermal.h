/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Thermal zones of /sys/class/thermal, of boards without hwmon. */
#ifndef KTACH_HOST_SENSOR_THERMAL_H
#define KTACH_HOST_SENSOR_THERMAL_H

#include "host/sensor/sensor_chip.h"

/* Open one, as hwmon_chip() does. @name: "thermal_zone0" */
int thermal_chip(int class, const char *name, struct sensor_chip **chip);

/* Whether hwmon has a chip of this name for zones of that type. */
bool thermal_is_hwmon(const char *type, const char *chip);

#endif /* KTACH_HOST_SENSOR_THERMAL_H */
