/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_MEMORY_MEMORY_H
#define KTACH_HOST_MEMORY_MEMORY_H

#include "host/numbers.h"

/* Take in the lines of /proc/meminfo that collector memory tells, those that
 * collector meminfo tells, and /proc/vmstat. Return 0, or -EINVAL if there was nothing to
 * take.
 */
int meminfo_read(const char *text, struct numbers *n);
int meminfo_rest(const char *text, struct numbers *n);
int vmstat_read(const char *text, struct numbers *n);

#endif /* KTACH_HOST_MEMORY_MEMORY_H */
