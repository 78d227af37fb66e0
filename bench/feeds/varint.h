/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_BENCH_FEEDS_VARINT_H
#define KTACH_BENCH_FEEDS_VARINT_H

#include <stddef.h>

#include "bench/feeds/host.h"

/* Bytes of the columns of some samples as zigzagged varints, no headers. */
size_t varint_size_of(const struct host_sample *samples, uint32_t count);

#endif /* KTACH_BENCH_FEEDS_VARINT_H */
