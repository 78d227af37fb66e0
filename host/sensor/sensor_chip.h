/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip and its sensors. To read one can take long, or for ever: of a disk that
 * does not answer, or over a slow bus. A probe does it.
 */
#ifndef KTACH_HOST_SENSOR_SENSOR_CHIP_H
#define KTACH_HOST_SENSOR_SENSOR_CHIP_H

#include <ktach/wire_tables.h>

#include "host/probe.h"

enum sensor_limits {
	SENSOR_FILE_MAX = 32, /* bytes of a file's name */
	SENSOR_TEXT_MAX = 96, /* bytes of a chip's or a sensor's */
	CHIP_SENSORS_MAX = 1024,
};

/* The label of what is a CPU's temperature as a whole, whatever its maker calls
 * it: "Package id 0", "Tctl", "soc-thermal".
 */
#define SENSOR_CPU "cpu"

/**
 * struct sensor - a sensor; a value that is not known is WIRE_ABSENT
 * @key: the same as long as the host is up
 * @type: its unit
 * @label: SENSOR_CPU, or its own, or the name of its files
 * @fd: of its value
 * @fault: of a file that says 1 if the value is wrong; negative: none
 * @max_file: of the chip's folder, or empty
 * @critical_file: the same
 * @range: of a counter: it goes from this to 0; 0: it is none, or not known
 * @last: of a counter: what was read
 * @latest: the thread's, until the probe is answered, as what follows
 * @known: it is; a counter's is kept if it isn't
 * @latest_gone: it said that it is not there any more
 * @latest_max: as read when the chip was new
 * @latest_critical: the same
 * @value: the owner's copy, as what follows
 * @gone: of @latest_gone
 * @max: of @latest_max
 * @critical: of @latest_critical
 */
struct sensor {
	uint64_t key;
	enum wire_sensor_type type;
	char label[SENSOR_TEXT_MAX];
	int fd;
	int fault;
	char max_file[SENSOR_FILE_MAX];
	char critical_file[SENSOR_FILE_MAX];
	uint64_t range;
	uint64_t last;
	uint64_t latest;
	bool known;
	bool latest_gone;
	uint64_t latest_max;
	uint64_t latest_critical;
	uint64_t value;
	bool gone;
	uint64_t max;
	uint64_t critical;
};

/* Where chips are found. */
enum sensor_class {
	SENSOR_HWMON = 1,
	SENSOR_THERMAL,
	SENSOR_RAPL,
};

/* @chip: number of the chip in its class; @sensor: below 2^16. */
static inline uint64_t sensor_key(enum sensor_class class, uint32_t chip,
				  uint32_t sensor)
{
	return (uint64_t) class << 48 | (uint64_t)chip << 16 | sensor;
}

/**
 * struct sensor_chip - a chip, a thermal zone or a domain of RAPL
 * @probe: reads all of it
 * @next: in the list of its owner
 * @id: tells it from others that may come to the same place
 * @class: where it was found
 * @title: as it is called
 * @name: without what makes the title unique
 * @dir: its folder
 * @sensors: at least one
 * @count: of them
 * @begun: its limits were read
 * @gone: it was there, and is not any more
 * @hung: it was told that it does not answer
 */
struct sensor_chip {
	struct probe probe;
	struct sensor_chip *next;
	char *id;
	enum sensor_class class;
	char title[SENSOR_TEXT_MAX];
	char name[SENSOR_TEXT_MAX];
	int dir;
	struct sensor *sensors;
	size_t count;
	bool begun;
	bool gone;
	bool hung;
};

/**
 * sensor_chip_new() - a chip without sensors
 * @class: folder of its class
 * @name: of its folder there
 *
 * Return: NULL without memory, or if it has gone. It is freed by
 * sensor_chip_free(), or, once a pool of probes has it, by probe_drop().
 */
struct sensor_chip *sensor_chip_new(int class, const char *name);
void sensor_chip_free(struct sensor_chip *c);

/**
 * sensor_chip_add() - open a sensor
 * @c: the chip
 * @file: of its value, in the chip's folder
 *
 * Return: the sensor, to be filled in, until the next one; NULL with errno set
 * if it can't be opened.
 */
struct sensor *sensor_chip_add(struct sensor_chip *c, const char *file);

/* The CPU's temperature; NULL if it isn't here. */
const struct sensor *sensor_chip_cpu(const struct sensor_chip *c);

/* When the probe is answered: take the values over. */
void sensor_chip_take(struct sensor_chip *c);

/* Make a counter that begins anew after @range go on. */
uint64_t sensor_widen(uint64_t wide, uint64_t last, uint64_t now,
		      uint64_t range);

/* A text of the chip's folder, without blanks around it: as host_text_at(). */
int sensor_text_at(int dir, const char *file, char text[SENSOR_TEXT_MAX]);

#endif /* KTACH_HOST_SENSOR_SENSOR_CHIP_H */
