// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "host/sensor/sensor_cpu.h"

/* Drivers, and what they call the temperature of all cores, best first. Tctl of
 * some AMD processors is higher than what is measured, for the fans' sake; these
 * have Tdie as well. Where nothing has a label, the first is the CPU's.
 */
static const struct driver {
	const char *name;
	const char *labels[2];
} drivers[] = {
	{ "coretemp", { "Package id *" } },
	{ "k10temp", { "Tdie", "Tctl" } },
	{ "zenpower", { "Tdie", "Tctl" } },
	{ "k8temp" },
	{ "via_cputemp" },
	{ "x86_pkg_temp" },
};

/* Firmware of boards names zones as it likes: cpu-thermal, cpu0-thermal,
 * CPU-therm, soc_thermal, soc-thermal.
 */
static const char *const zones[] = { "cpu[-_0-9]*", "CPU[-_0-9]*",
				     "soc[-_0-9]*", "cpu", "soc" };

static const struct driver *driver_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (!strcmp(name, drivers[i].name))
			return &drivers[i];
	return NULL;
}

bool sensor_cpu_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		if (!fnmatch(zones[i], name, 0))
			return true;
	return driver_of(name);
}

static struct sensor *find_sensor(struct sensor_chip *c, const char *label)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->sensors[i].type == WIRE_SENSOR_MILLI_CELSIUS &&
		    !fnmatch(label, c->sensors[i].label, 0))
			return &c->sensors[i];
	return NULL;
}

void sensor_cpu_label(struct sensor_chip *c)
{
	const struct driver *driver = driver_of(c->name);
	struct sensor *s = NULL;
	size_t i;

	if (!sensor_cpu_named(c->name))
		return;
	for (i = 0; driver && i < 2 && driver->labels[i] && !s; i++)
		s = find_sensor(c, driver->labels[i]);
	if (!s)
		s = find_sensor(c, "temp[0-9]*");
	if (s)
		snprintf(s->label, sizeof(s->label), "%s", SENSOR_CPU);
}
