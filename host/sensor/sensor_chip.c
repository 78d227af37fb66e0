// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/file.h"
#include "host/sensor/sensor_chip.h"
#include "lib/wire/wire.h"

/* Beyond these it is no reading, or, of a limit, that there is none: absolute zero as
 * drivers have it, more than a machine can have. Some chips tell power and current that
 * flow back as less than 0.
 */
static const struct {
	int64_t above;
	int64_t below;
} ranges[] = {
	[WIRE_SENSOR_MILLI_CELSIUS] = { -273000, 1000000 },
	[WIRE_SENSOR_RPM] = { -1, 1000000 },
	[WIRE_SENSOR_MILLI_VOLT] = { -1000000000, 1000000000 },
	[WIRE_SENSOR_MICRO_WATT] = { -1000000000000, 1000000000000 },
	[WIRE_SENSOR_MILLI_AMPERE] = { -1000000000, 1000000000 },
	[WIRE_SENSOR_MICRO_JOULE] = { -1, INT64_MAX },
};

int sensor_text_at(int dir, const char *file, char text[SENSOR_TEXT_MAX])
{
	static const char blanks[] = " \t\r\n";
	int n = host_text_at(dir, file, text, SENSOR_TEXT_MAX), skip;

	if (n < 0)
		return n;
	skip = (int)strspn(text, blanks);
	while (n > skip && strchr(blanks, text[n - 1]))
		n--;
	text[n] = '\0';
	memmove(text, text + skip, (size_t)(n - skip) + 1);
	return n - skip;
}

static struct sensor_chip *chip_of(struct probe *p)
{
	return (struct sensor_chip *)((char *)p -
				      offsetof(struct sensor_chip, probe));
}

static bool makes_sense(const struct sensor *s, int64_t value)
{
	return value > ranges[s->type].above && value < ranges[s->type].below;
}

static uint64_t limit(const struct sensor_chip *c, const struct sensor *s,
		      const char *file)
{
	int64_t value;

	if (!*file || host_number_at(c->dir, file, &value) ||
	    !makes_sense(s, value) ||
	    (s->type == WIRE_SENSOR_MILLI_CELSIUS && value <= 0))
		return WIRE_ABSENT;
	return (uint64_t)value;
}

static void read_limits(struct sensor_chip *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		struct sensor *s = &c->sensors[i];

		s->latest_max = limit(c, s, s->max_file);
		s->latest_critical = limit(c, s, s->critical_file);
	}
	c->begun = true;
}

uint64_t sensor_widen(uint64_t wide, uint64_t last, uint64_t now,
		      uint64_t range)
{
	if (now >= last)
		return wide + (now - last);
	return range > last ? wide + (range - last) + now : now;
}

/* A counter that can't be read for once goes on from where it was. */
static uint64_t widen_count(struct sensor *s, uint64_t now)
{
	uint64_t wide = s->last == WIRE_ABSENT ?
				now :
				sensor_widen(s->latest, s->last, now, s->range);

	s->last = now;
	return wide;
}

static void read_one(struct sensor_chip *c, struct sensor *s)
{
	int64_t value, fault;
	int err = host_number(s->fd, &value);

	s->latest_gone = err == -ENODEV;
	c->gone |= s->latest_gone;
	if (!err && s->fault >= 0 && !host_number(s->fault, &fault) && fault)
		err = -EIO;
	s->known = !err && makes_sense(s, value);
	if (s->known)
		s->latest = s->type == WIRE_SENSOR_MICRO_JOULE ?
				    widen_count(s, (uint64_t)value) :
				    (uint64_t)value;
}

static void read_all(struct probe *p)
{
	struct sensor_chip *c = chip_of(p);
	size_t i;

	if (!c->begun)
		read_limits(c);
	for (i = 0; i < c->count; i++)
		read_one(c, &c->sensors[i]);
}

static void free_chip(struct probe *p)
{
	sensor_chip_free(chip_of(p));
}

void sensor_chip_free(struct sensor_chip *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		close(c->sensors[i].fd);
		if (c->sensors[i].fault >= 0)
			close(c->sensors[i].fault);
	}
	if (c->dir >= 0)
		close(c->dir);
	free(c->sensors);
	free(c->id);
	free(c);
}

struct sensor_chip *sensor_chip_new(int class, const char *name)
{
	struct sensor_chip *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->probe.run = read_all;
	c->probe.free = free_chip;
	c->dir = openat(class, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir >= 0)
		return c;
	sensor_chip_free(c);
	return NULL;
}

struct sensor *sensor_chip_add(struct sensor_chip *c, const char *file)
{
	struct sensor *more, *s;
	int fd;

	if (c->count == CHIP_SENSORS_MAX) {
		errno = ENOSPC;
		return NULL;
	}
	more = reallocarray(c->sensors, c->count + 1, sizeof(*more));
	if (!more)
		return NULL;
	c->sensors = more;
	fd = host_number_open(c->dir, file);
	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	s = &c->sensors[c->count++];
	*s = (struct sensor){
		.fd = fd,
		.fault = -1,
		.last = WIRE_ABSENT,
		.value = WIRE_ABSENT,
		.max = WIRE_ABSENT,
		.critical = WIRE_ABSENT,
	};
	return s;
}

const struct sensor *sensor_chip_cpu(const struct sensor_chip *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->sensors[i].type == WIRE_SENSOR_MILLI_CELSIUS &&
		    !strcmp(c->sensors[i].label, SENSOR_CPU))
			return &c->sensors[i];
	return NULL;
}

void sensor_chip_take(struct sensor_chip *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		struct sensor *s = &c->sensors[i];

		s->value = s->known ? s->latest : WIRE_ABSENT;
		s->gone = s->latest_gone;
		s->max = s->latest_max;
		s->critical = s->latest_critical;
	}
}
