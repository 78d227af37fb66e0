/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_MEMORY_SYSTEM_H
#define KTACH_HOST_MEMORY_SYSTEM_H

#include "host/numbers.h"

/* Take in what /proc/stat has beside CPUs. Return 0, or -EINVAL if there was
 * nothing to take.
 */
int system_parse(const char *text, struct numbers *n);

/* Forks since boot, of the same text: the same returns. */
int system_forks(const char *text, uint64_t *forks);

#endif /* KTACH_HOST_MEMORY_SYSTEM_H */
