/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chips of /sys/class/hwmon: Documentation/hwmon/sysfs-interface.rst. */
#ifndef KTACH_HOST_SENSOR_HWMON_H
#define KTACH_HOST_SENSOR_HWMON_H

#include "host/sensor/sensor_chip.h"

enum hwmon_limits {
	HWMON_CHANNEL_MAX = 4095,
};

/**
 * struct hwmon_input - what the name of a file says
 * @type: of the value
 * @kind: number of the type among hwmon's
 * @channel: number of the sensor
 * @stem: "temp1" of "temp1_input"
 */
struct hwmon_input {
	enum wire_sensor_type type;
	uint32_t kind;
	uint32_t channel;
	char stem[SENSOR_FILE_MAX / 2];
};

/* Whether a file is the value of a sensor of ours. */
bool hwmon_parse(const char *file, struct hwmon_input *in);

/**
 * hwmon_chip() - open a chip
 * @class: folder of the class
 * @name: "hwmon0"
 * @chip: set
 *
 * Return: 0; -ENOENT if it has no sensors; or another -errno.
 */
int hwmon_chip(int class, const char *name, struct sensor_chip **chip);

#endif /* KTACH_HOST_SENSOR_HWMON_H */
