// SPDX-License-Identifier: GPL-2.0-or-later
#include <ktach/wire.h>

#include "tables/sensor.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

const struct book_sensor *book_sensor(uint64_t type)
{
	static const struct book_sensor sensors[] = {
		{ "unknown", "", "", 1 },
		[WIRE_SENSOR_MILLI_CELSIUS] = { "temperature", "celsius", "C",
						1000 },
		[WIRE_SENSOR_RPM] = { "fan", "rpm", "rpm", 1 },
		[WIRE_SENSOR_MILLI_VOLT] = { "voltage", "volt", "V", 1000 },
		[WIRE_SENSOR_MICRO_WATT] = { "power", "watt", "W", 1000000 },
		[WIRE_SENSOR_MILLI_AMPERE] = { "current", "ampere", "A", 1000 },
		[WIRE_SENSOR_MICRO_JOULE] = { "energy", "joule", "J", 1000000 },
	};

	return &sensors[type < COUNT(sensors) ? type : 0];
}
