/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_LOAD_H
#define KTACH_HOST_LOAD_H

#include "host/numbers.h"

extern const struct host_collector host_load;

/* Take in /proc/loadavg. Return 0, or -EINVAL if it is not that: nothing of it
 * was taken.
 */
int load_parse(const char *text, struct numbers *n);

#endif /* KTACH_HOST_LOAD_H */
