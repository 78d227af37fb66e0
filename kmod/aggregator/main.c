// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktach_aggregator: owns the rings of all sources, and everything through
 * which user space sees them. It samples nothing itself.
 */
#include <linux/module.h>

#include "sysfs.h"

static int __init aggregator_init(void)
{
	return ktach_sysfs_init();
}

static void __exit aggregator_exit(void)
{
	ktach_sysfs_uninit();
}

module_init(aggregator_init);
module_exit(aggregator_exit);

MODULE_DESCRIPTION("ktach: rings of samples for user space");
MODULE_AUTHOR("ktach authors");
MODULE_LICENSE("GPL");
