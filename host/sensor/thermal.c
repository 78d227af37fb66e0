// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/file.h"
#include "host/sensor/sensor_cpu.h"
#include "host/sensor/thermal.h"

enum {
	TRIPS_MAX = 16, /* points of a zone that are looked at */
};

/* hwmon's names have no dashes. */
bool thermal_is_hwmon(const char *type, const char *chip)
{
	for (; *type && *chip; type++, chip++)
		if (*chip != (*type == '-' ? '_' : *type))
			return false;
	return *type == *chip;
}

/* The trip point that is critical has its temperature in the file beside. */
static void find_critical(const struct sensor_chip *c, struct sensor *s)
{
	char file[SENSOR_FILE_MAX], type[SENSOR_TEXT_MAX];
	int i;

	for (i = 0; i < TRIPS_MAX; i++) {
		snprintf(file, sizeof(file), "trip_point_%d_type", i);
		if (host_text_at(c->dir, file, type, sizeof(type)) <= 0)
			return;
		if (strcmp(type, "critical"))
			continue;
		snprintf(s->critical_file, sizeof(s->critical_file),
			 "trip_point_%d_temp", i);
		return;
	}
}

static int add_sensor(struct sensor_chip *c, uint32_t number)
{
	int n = sensor_text_at(c->dir, "type", c->name);
	struct sensor *s;

	if (n < 0)
		return n;
	if (!n)
		snprintf(c->name, sizeof(c->name), "%s", c->title);
	s = sensor_chip_add(c, "temp");
	if (!s)
		return -errno;
	s->type = WIRE_SENSOR_MILLI_CELSIUS;
	s->key = sensor_key(SENSOR_THERMAL, number, 0);
	snprintf(s->label, sizeof(s->label), "%s",
		 sensor_cpu_named(c->name) ? SENSOR_CPU : c->name);
	find_critical(c, s);
	return 0;
}

int thermal_chip(int class, const char *name, struct sensor_chip **chip)
{
	struct sensor_chip *c;
	uint32_t number;
	int err;

	if (sscanf(name, "thermal_zone%u", &number) != 1)
		return -EINVAL;
	c = sensor_chip_new(class, name);
	if (!c)
		return -ENOENT;
	snprintf(c->title, sizeof(c->title), "thermal_zone%u", number);
	err = add_sensor(c, number);
	if (err) {
		sensor_chip_free(c);
		return err;
	}
	*chip = c;
	return 0;
}
