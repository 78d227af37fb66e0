// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktach_aggregator: owns the rings of all sources, and everything through
 * which user space sees them. It samples nothing itself.
 */
#include <linux/module.h>

#include "sysfs.h"
#include "tick.h"

static int __init aggregator_init(void)
{
	int err = ktach_ticks_init();

	if (err)
		return err;
	err = ktach_sysfs_init();
	if (err)
		ktach_ticks_uninit();
	return err;
}

static void __exit aggregator_exit(void)
{
	ktach_sysfs_uninit();
	ktach_ticks_uninit();
}

module_init(aggregator_init);
module_exit(aggregator_exit);

MODULE_DESCRIPTION("ktach: rings of samples for user space");
MODULE_AUTHOR("ktach authors");
MODULE_LICENSE("GPL");
