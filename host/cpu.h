/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_CPU_H
#define KTACH_HOST_CPU_H

#include "host/collector.h"

extern const struct host_collector host_cpu;
extern const struct host_collector host_softirq;

#endif /* KTACH_HOST_CPU_H */
