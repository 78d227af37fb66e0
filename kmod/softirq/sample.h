/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTACH_SOFTIRQ_SAMPLE_H
#define KTACH_SOFTIRQ_SAMPLE_H

#include <linux/types.h>

struct ktach_source;

int ktach_softirq_sample_init(void);
void ktach_softirq_sample_uninit(void);

/* The callback of struct ktach_source. Hard interrupt. */
void ktach_softirq_sample(struct ktach_source *source, void *records,
			  size_t stride);

#endif /* KTACH_SOFTIRQ_SAMPLE_H */
