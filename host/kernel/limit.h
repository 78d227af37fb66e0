/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_KERNEL_LIMIT_H
#define KTACH_HOST_KERNEL_LIMIT_H

#include "host/numbers.h"

/* Take in /proc/sys/fs/file-nr. Return 0, or -EINVAL if it makes no sense. */
int limit_files(const char *text, struct numbers *n);

/* The same of a file with one number in it, which becomes the gauge @key. */
int limit_number(const char *text, struct numbers *n, uint64_t key);

#endif /* KTACH_HOST_KERNEL_LIMIT_H */
