// SPDX-License-Identifier: GPL-2.0-only
/* ktach_cpustat: where each CPU spends its time, as a source of samples. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/ktach_ring.h>
#include <linux/ktach_sample.h>
#include <ktach/source.h>

#include "sample.h"
#include "timing.h"

static const struct ktach_series cpustat_series[] = {
	{ offsetof(struct ktach_cpustat_record, user_ns), 10, KTACH_METRIC_USER,
	  KTACH_UNIT_NS },
	{ sizeof(struct ktach_cpustat_record), 2, KTACH_METRIC_EXACT_BUSY,
	  KTACH_UNIT_NS },
	{}
};

static struct ktach_source cpustat_source = {
	.name = "cpustat",
	.nodename = "cpu_stat_monitor",
	.kind = KTACH_RING_CPUSTAT,
	.record_size = sizeof(struct ktach_cpustat_record),
	.period_us = 1000000,
	.sample = ktach_cpustat_sample,
	.series = cpustat_series,
};

/* No files below /sys/module: what is in force is in /sys/class/ktach. */
module_param_named(period_us, cpustat_source.period_us, uint, 0);
MODULE_PARM_DESC(period_us,
		 "time between two samples at the start, 100 to 60000000 us");
module_param_named(slots, cpustat_source.slots, uint, 0);
MODULE_PARM_DESC(slots,
		 "samples in the ring, a power of two; 0: 256, or what fits");
static bool timing;
module_param(timing, bool, 0444);
MODULE_PARM_DESC(timing,
		 "measure to the ns how long CPUs are busy; off by default");

static int start_timing(void)
{
	if (!timing)
		return 0;
	cpustat_source.features |= KTACH_RING_TIMING;
	cpustat_source.record_size += sizeof(struct ktach_cpustat_timing);
	return ktach_cpustat_timing_init();
}

static int __init cpustat_init(void)
{
	int err = ktach_cpustat_sample_init();

	if (err)
		return err;
	err = start_timing();
	if (err)
		goto uninit_sample;
	err = ktach_source_register(&cpustat_source);
	if (err)
		goto stop_timing;
	return 0;

stop_timing:
	ktach_cpustat_timing_uninit();
uninit_sample:
	ktach_cpustat_sample_uninit();
	return err;
}

static void __exit cpustat_exit(void)
{
	ktach_source_unregister(&cpustat_source);
	ktach_cpustat_timing_uninit();
	ktach_cpustat_sample_uninit();
}

module_init(cpustat_init);
module_exit(cpustat_exit);

MODULE_DESCRIPTION("ktach: CPU times of each CPU");
MODULE_AUTHOR("ktach authors");
MODULE_LICENSE("GPL");
