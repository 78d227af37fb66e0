// SPDX-License-Identifier: GPL-2.0-only
/* ktach_softirq: how often each softirq runs on each CPU, as a source. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/ktach_ring.h>
#include <linux/ktach_sample.h>
#include <ktach/source.h>

#include "sample.h"
#include "timing.h"

static const struct ktach_series softirq_series[] = {
	{ offsetof(struct ktach_softirq_record, count), KTACH_SOFTIRQ_VECTORS,
	  KTACH_METRIC_SOFTIRQ_RATE, KTACH_UNIT_COUNT },
	{ sizeof(struct ktach_softirq_record), KTACH_SOFTIRQ_VECTORS,
	  KTACH_METRIC_SOFTIRQ_TIME, KTACH_UNIT_NS },
	{}
};

static struct ktach_source softirq_source = {
	.name = "softirq",
	.nodename = "cpu_softirq_monitor",
	.kind = KTACH_RING_SOFTIRQ,
	.record_size = sizeof(struct ktach_softirq_record),
	.period_us = 1000000,
	.sample = ktach_softirq_sample,
	.series = softirq_series,
};

/* No files below /sys/module: what is in force is in /sys/class/ktach. */
module_param_named(period_us, softirq_source.period_us, uint, 0);
MODULE_PARM_DESC(period_us,
		 "time between two samples at the start, 100 to 60000000 us");
module_param_named(slots, softirq_source.slots, uint, 0);
MODULE_PARM_DESC(slots,
		 "samples in the ring, a power of two; 0: 256, or what fits");
static bool timing;
module_param(timing, bool, 0444);
MODULE_PARM_DESC(timing,
		 "measure to the ns how long softirqs run; off by default");

static int start_timing(void)
{
	if (!timing)
		return 0;
	softirq_source.features |= KTACH_RING_TIMING;
	softirq_source.record_size += sizeof(struct ktach_softirq_timing);
	return ktach_softirq_timing_init();
}

static int __init softirq_init(void)
{
	int err = ktach_softirq_sample_init();

	if (err)
		return err;
	err = start_timing();
	if (err)
		goto uninit_sample;
	err = ktach_source_register(&softirq_source);
	if (err)
		goto stop_timing;
	return 0;

stop_timing:
	ktach_softirq_timing_uninit();
uninit_sample:
	ktach_softirq_sample_uninit();
	return err;
}

static void __exit softirq_exit(void)
{
	ktach_source_unregister(&softirq_source);
	ktach_softirq_timing_uninit();
	ktach_softirq_sample_uninit();
}

module_init(softirq_init);
module_exit(softirq_exit);

MODULE_DESCRIPTION("ktach: softirq counts of each CPU");
MODULE_AUTHOR("ktach authors");
MODULE_LICENSE("GPL");
