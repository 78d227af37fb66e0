// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "ktach/fields.h"

/* What a sensor measures, in units of which the wire has @parts. */
static const struct {
	const char *type;
	const char *unit;
	const char *sign;
	double parts;
} sensor_units[] = {
	[WIRE_SENSOR_MILLI_CELSIUS] = { "temperature", "celsius", "C", 1000 },
	[WIRE_SENSOR_RPM] = { "fan", "rpm", "rpm", 1 },
	[WIRE_SENSOR_MILLI_VOLT] = { "voltage", "volt", "V", 1000 },
	[WIRE_SENSOR_MICRO_WATT] = { "power", "watt", "W", 1000000 },
	[WIRE_SENSOR_MILLI_AMPERE] = { "current", "ampere", "A", 1000 },
	[WIRE_SENSOR_MICRO_JOULE] = { "energy", "joule", "J", 1000000 },
};

enum {
	SENSOR_UNITS = sizeof(sensor_units) / sizeof(sensor_units[0]),
};

/* 0 for a type that is not known. */
static uint64_t type_of(const struct change *c)
{
	uint64_t type = c->now[WIRE_SENSOR_TYPE];

	return type < SENSOR_UNITS ? type : 0;
}

static void type(const struct change *c, int index, struct value *v)
{
	if (type_of(c))
		value_text(v, sensor_units[type_of(c)].type);
}

static void unit(const struct change *c, int index, struct value *v)
{
	if (type_of(c))
		value_text(v, sensor_units[type_of(c)].unit);
}

/* Below 0 °C is below 0 on the wire. */
static void scaled(const struct change *c, int column, struct value *v)
{
	if (type_of(c) && c->now[column] != WIRE_ABSENT)
		value_real(v, (double)(int64_t)c->now[column] /
				      sensor_units[type_of(c)].parts);
}

/* What counts energy has a power: its growth. */
static void watts(const struct change *c, int index, struct value *v)
{
	if (type_of(c) != WIRE_SENSOR_MICRO_JOULE)
		return;
	field_rate(c, WIRE_SENSOR_VALUE, v);
	v->real /= sensor_units[WIRE_SENSOR_MICRO_JOULE].parts;
}

/* "45.0 C"; of energy, the power. */
static void reading(const struct change *c, int column, struct value *v)
{
	const bool energy = type_of(c) == WIRE_SENSOR_MICRO_JOULE;
	struct value real = { .type = VALUE_ABSENT };
	char text[FIELD_SIZE];

	if (energy && column == WIRE_SENSOR_VALUE)
		watts(c, 0, &real);
	else if (!energy)
		scaled(c, column, &real);
	if (!real.type)
		return;
	snprintf(text, sizeof(text), "%.*f %s",
		 type_of(c) == WIRE_SENSOR_RPM	      ? 0 :
		 type_of(c) == WIRE_SENSOR_MILLI_VOLT ? 3 :
							1,
		 real.real, energy ? "W" : sensor_units[type_of(c)].sign);
	value_text(v, text);
}

bool sensor_waits(const struct reading *r)
{
	const struct rows *rows = &r->table[WIRE_SENSOR].rows;
	const uint64_t *row = rows->cells;
	uint32_t i;

	for (i = 0; i < rows->count; i++, row += WIRE_SENSOR_COLUMNS)
		if (row[WIRE_SENSOR_VALUE] != WIRE_ABSENT)
			return false;
	return rows->count;
}

const struct field sensor_fields[] = {
	{ "chip", "chip", 20, UNIT_TEXT, field_text, WIRE_SENSOR_CHIP },
	{ "label", "sensor", 0, UNIT_TEXT, field_text, WIRE_SENSOR_LABEL },
	{ "type", NULL, 0, UNIT_TEXT, type },
	{ "unit", NULL, 0, UNIT_TEXT, unit },
	{ "reading", "now", -12, UNIT_TEXT, reading, WIRE_SENSOR_VALUE },
	{ "reading_max", "max", -11, UNIT_TEXT, reading, WIRE_SENSOR_MAX },
	{ "reading_critical", "critical", -11, UNIT_TEXT, reading,
	  WIRE_SENSOR_CRITICAL },
	{ "value", NULL, 0, UNIT_TENTHS, scaled, WIRE_SENSOR_VALUE },
	{ "max", NULL, 0, UNIT_TENTHS, scaled, WIRE_SENSOR_MAX },
	{ "critical", NULL, 0, UNIT_TENTHS, scaled, WIRE_SENSOR_CRITICAL },
	{ "watt", NULL, 0, UNIT_TENTHS, watts },
	{ 0 },
};
