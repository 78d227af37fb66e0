// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktach_aggregator: owns the rings of all sources, and everything through
 * which user space sees them. It samples nothing itself.
 */
#include <linux/module.h>

#include "combine.h"
#include "netlink.h"
#include "sysfs.h"
#include "tick.h"

static int __init aggregator_init(void)
{
	int err;

	err = ktach_ticks_init();
	if (err)
		return err;
	err = ktach_sysfs_init();
	if (err)
		goto uninit_ticks;
	err = ktach_combine_init();
	if (err)
		goto uninit_sysfs;
	err = ktach_netlink_init();
	if (err)
		goto uninit_combine;
	err = ktach_combine_start(ktach_netlink_publish);
	if (err)
		goto uninit_netlink;
	return 0;

uninit_netlink:
	ktach_netlink_uninit();
uninit_combine:
	ktach_combine_uninit();
uninit_sysfs:
	ktach_sysfs_uninit();
uninit_ticks:
	ktach_ticks_uninit();
	return err;
}

static void __exit aggregator_exit(void)
{
	ktach_combine_stop();
	ktach_netlink_uninit();
	ktach_combine_uninit();
	ktach_sysfs_uninit();
	ktach_ticks_uninit();
}

module_init(aggregator_init);
module_exit(aggregator_exit);

MODULE_DESCRIPTION("ktach: rings of samples for user space");
MODULE_VERSION("0.1.0");
MODULE_AUTHOR("ktach authors");
MODULE_LICENSE("GPL");
