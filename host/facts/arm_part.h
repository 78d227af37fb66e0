/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an Arm CPU is called: 64-bit kernels tell numbers only. */
#ifndef KTACH_HOST_FACTS_ARM_PART_H
#define KTACH_HOST_FACTS_ARM_PART_H

#include <stdint.h>

/* Of /proc/cpuinfo's "CPU implementer" and "CPU part". NULL if not known here. */
const char *arm_part_name(uint32_t implementer, uint32_t part);

#endif /* KTACH_HOST_FACTS_ARM_PART_H */
