/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_SYSTEM_H
#define KTACH_HOST_SYSTEM_H

#include "host/numbers.h"

extern const struct host_collector host_system;

/* Take in what /proc/stat has beside CPUs. Return 0, or -EINVAL if there was
 * nothing to take.
 */
int system_parse(const char *text, struct numbers *n);

#endif /* KTACH_HOST_SYSTEM_H */
