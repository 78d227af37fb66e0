/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_SENSOR_H
#define KTACH_HOST_SENSOR_H

#include "host/collector.h"

extern const struct host_collector host_sensor;

#endif /* KTACH_HOST_SENSOR_H */
