// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/file.h"
#include "host/sensor/rapl.h"

enum {
	PARTS_MAX = 255, /* of a package */
};

static int add_sensor(struct sensor_chip *c, uint32_t package, uint32_t part)
{
	struct sensor *s = sensor_chip_add(c, "energy_uj");
	int64_t range;
	int n;

	if (!s)
		return -errno;
	n = host_text_at(c->dir, "name", s->label, sizeof(s->label));
	if (n <= 0)
		return n ? n : -EINVAL;
	s->type = WIRE_SENSOR_MICRO_JOULE;
	s->key = sensor_key(SENSOR_RAPL, package, part);
	if (!host_number_at(c->dir, "max_energy_range_uj", &range) && range > 0)
		s->range = (uint64_t)range;
	return 0;
}

/* A package is part 0 of itself. */
int rapl_chip(int class, const char *name, struct sensor_chip **chip)
{
	struct sensor_chip *c;
	uint32_t package, part;
	int err, n = sscanf(name, "intel-rapl:%u:%u", &package, &part);

	if (n < 1 || (n == 2 && part >= PARTS_MAX))
		return -EINVAL;
	c = sensor_chip_new(class, name);
	if (!c)
		return -ENOENT;
	if (n == 2)
		snprintf(c->title, sizeof(c->title), "intel-rapl:%u:%u",
			 package, part);
	else
		snprintf(c->title, sizeof(c->title), "intel-rapl:%u", package);
	err = add_sensor(c, package, n == 2 ? part + 1 : 0);
	if (err) {
		sensor_chip_free(c);
		return err;
	}
	*chip = c;
	return 0;
}
