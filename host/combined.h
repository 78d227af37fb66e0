/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's combined samples, by generic netlink: what CPUs' shares and rates
 * were, computed in the kernel, added up to the counters that have such shares and
 * rates; with memory and load. Not in the table of collectors: what it tells is
 * in rings, too, and more exact. ktach reads it where it is there.
 */
#ifndef KTACH_HOST_COMBINED_H
#define KTACH_HOST_COMBINED_H

#include "host/collector.h"

extern const struct host_collector host_combined;

#endif /* KTACH_HOST_COMBINED_H */
