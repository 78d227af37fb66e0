// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/sensor/hwmon.h"
#include "host/sensor/rapl.h"
#include "host/sensor/sensor_scan.h"
#include "host/sensor/thermal.h"

static const struct class
{
	const char *folder;
	const char *prefix;
	int (*open)(int class, const char *name, struct sensor_chip **chip);
	enum sensor_class class;
} classes[] = {
	{ "class/hwmon", "hwmon", hwmon_chip, SENSOR_HWMON },
	{ "class/thermal", "thermal_zone", thermal_chip, SENSOR_THERMAL },
	{ "class/powercap", "intel-rapl:", rapl_chip, SENSOR_RAPL },
};

/* Another device may come to have the same name in its class. */
static char *id_of(int class, const char *name)
{
	char device[PATH_MAX], *id;

	if (host_link_at(class, name, device, sizeof(device)) <= 0)
		return strdup(name);
	return asprintf(&id, "%s %s", name, device) < 0 ? NULL : id;
}

static struct sensor_chip *take_old(struct sensor_scan *scan, const char *id)
{
	struct sensor_chip **at, *c;

	for (at = &scan->old; (c = *at); at = &c->next) {
		if (c->gone || strcmp(c->id, id))
			continue;
		*at = c->next;
		return c;
	}
	return NULL;
}

static void keep_chip(struct sensor_scan *scan, struct sensor_chip *c)
{
	c->next = NULL;
	*scan->last = c;
	scan->last = &c->next;
}

/* Zones are looked at where hwmon does not know the CPU's temperature. */
static bool has_cpu(const struct sensor_scan *scan)
{
	const struct sensor_chip *c;

	for (c = scan->found; c; c = c->next)
		if (sensor_chip_cpu(c))
			return true;
	return false;
}

static bool is_known(const struct sensor_scan *scan, const char *type)
{
	const struct sensor_chip *c;

	for (c = scan->found; c; c = c->next)
		if (c->class == SENSOR_HWMON && thermal_is_hwmon(type, c->name))
			return true;
	return false;
}

/* A device may have two chips of one name. */
static void tell_apart(const struct sensor_scan *scan, struct sensor_chip *chip,
		       const char *name)
{
	const size_t size = strlen(chip->title);
	const struct sensor_chip *c;

	for (c = scan->found; c && strcmp(c->title, chip->title); c = c->next)
		;
	if (c)
		snprintf(chip->title + size, sizeof(chip->title) - size,
			 " (%s)", name);
}

static void scan_chip(struct sensor_scan *scan, const struct class *class,
		      int dir, const char *name)
{
	char *id = id_of(dir, name);
	struct sensor_chip *c;
	int err;

	if (!id)
		return;
	c = take_old(scan, id);
	if (c) {
		free(id);
		keep_chip(scan, c);
		return;
	}
	err = class->open(dir, name, &c);
	if (err) {
		if (err == -EACCES)
			snprintf(scan->denied, sizeof(scan->denied), "%.90s",
				 name);
		free(id);
		return;
	}
	c->id = id;
	c->class = class->class;
	tell_apart(scan, c, name);
	if (class->open == thermal_chip && is_known(scan, c->name))
		sensor_chip_free(c);
	else
		keep_chip(scan, c);
}

static void scan_class(struct sensor_scan *scan, const struct class *class,
		       const char *sys)
{
	int i, n, dir = host_dir(sys, class->folder);
	struct dirent **entries;

	if (dir < 0)
		return;
	n = scandirat(dir, ".", &entries, NULL, versionsort);
	for (i = 0; i < n; i++) {
		if (!strncmp(entries[i]->d_name, class->prefix,
			     strlen(class->prefix)))
			scan_chip(scan, class, dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	close(dir);
}

void sensor_scan(struct sensor_scan *scan, const char *sys)
{
	size_t i;

	scan->found = NULL;
	scan->last = &scan->found;
	scan->denied[0] = '\0';
	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (classes[i].open != thermal_chip || !has_cpu(scan))
			scan_class(scan, &classes[i], sys);
}
