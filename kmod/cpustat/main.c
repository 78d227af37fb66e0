// SPDX-License-Identifier: GPL-2.0-only
/* ktach_cpustat: where each CPU spends its time, as a source of samples. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/ktach_ring.h>
#include <ktach/source.h>

#include "sample.h"

static struct ktach_source cpustat_source = {
	.name = "cpustat",
	.nodename = "cpu_stat_monitor",
	.kind = KTACH_RING_CPUSTAT,
	.record_size = sizeof(struct ktach_cpustat_record),
	.period_us = 1000000,
	.slots = 256,
	.sample = ktach_cpustat_sample,
};

module_param_named(period_us, cpustat_source.period_us, uint, 0444);
MODULE_PARM_DESC(period_us,
		 "time between two samples at the start, 100 to 60000000 us");
module_param_named(slots, cpustat_source.slots, uint, 0444);
MODULE_PARM_DESC(slots, "samples that the ring holds, a power of two");

static int __init cpustat_init(void)
{
	int err = ktach_cpustat_sample_init();

	if (err)
		return err;
	err = ktach_source_register(&cpustat_source);
	if (err)
		ktach_cpustat_sample_uninit();
	return err;
}

static void __exit cpustat_exit(void)
{
	ktach_source_unregister(&cpustat_source);
	ktach_cpustat_sample_uninit();
}

module_init(cpustat_init);
module_exit(cpustat_exit);

MODULE_DESCRIPTION("ktach: CPU times of each CPU");
MODULE_AUTHOR("ktach authors");
MODULE_LICENSE("GPL");
