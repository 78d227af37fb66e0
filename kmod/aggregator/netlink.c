// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <net/genetlink.h>
#include <ktach/source.h>
#include <linux/ktach_netlink.h>

#include "netlink.h"

/*
 * All but exact times is what /proc tells everybody. Exact ones tell when somebody
 * else's task ran, to the ns.
 */
static const u64 exact_metrics =
	GENMASK_ULL(KTACH_METRIC_EXACT_IDLE, KTACH_METRIC_EXACT_BUSY) |
	GENMASK_ULL(KTACH_METRIC_SOFTIRQ_TIME_LAST, KTACH_METRIC_SOFTIRQ_TIME);

static bool exact_for_all;
module_param(exact_for_all, bool, 0644);
MODULE_PARM_DESC(exact_for_all,
		 "give exact times to everybody; else with CAP_PERFMON only");

u64 ktach_netlink_hidden(bool may_measure)
{
	return may_measure || READ_ONCE(exact_for_all) ? 0 : exact_metrics;
}

bool ktach_netlink_may_measure(struct sk_buff *skb)
{
	return netlink_capable(skb, CAP_PERFMON) ||
	       netlink_capable(skb, CAP_SYS_ADMIN);
}

/* With a NUL, which NLA_NUL_STRING does not count. */
#define NAME_POLICY                                                     \
	{                                                               \
		.type = NLA_NUL_STRING, .len = KTACH_RING_NAME_LEN - 1, \
	}

static const struct nla_policy source_policy[] = {
	[KTACH_A_SOURCE_NAME] = NAME_POLICY,
};

/* Not const: older kernels' policies point to it as to one that is not. */
static struct netlink_range_validation period_range = {
	.min = KTACH_PERIOD_US_MIN,
	.max = KTACH_PERIOD_US_MAX,
};

static const struct nla_policy period_policy[] = {
	[KTACH_A_SOURCE_NAME] = NAME_POLICY,
	[KTACH_A_SOURCE_PERIOD_US] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &period_range),
};

static const struct nla_policy query_policy[] = {
	[KTACH_A_SAMPLE_SINCE] = { .type = NLA_U64 },
	[KTACH_A_SAMPLE_CPU_FIRST] = { .type = NLA_U32 },
	[KTACH_A_SAMPLE_CPU_LAST] = { .type = NLA_U32 },
	[KTACH_A_SAMPLE_CPU_MASK] =
		NLA_POLICY_RANGE(NLA_BINARY, 1, KTACH_CPU_MASK_LEN),
	[KTACH_A_SAMPLE_TOTALS_ONLY] = { .type = NLA_FLAG },
	[KTACH_A_SAMPLE_AS_PACKED] = { .type = NLA_FLAG },
};

/*
 * Plain operations, not split ones: each command has one shape of request,
 * whether it is a dump or not, and these are the same on all kernels.
 */
static const struct genl_ops ops[] = {
	{
		.cmd = KTACH_CMD_SOURCE_GET,
		.policy = source_policy,
		.maxattr = ARRAY_SIZE(source_policy) - 1,
		.doit = ktach_netlink_source_get,
		.dumpit = ktach_netlink_source_dump,
	},
	{
		.cmd = KTACH_CMD_PERIOD_SET,
		.policy = period_policy,
		.maxattr = ARRAY_SIZE(period_policy) - 1,
		.doit = ktach_netlink_period_set,
	},
	{
		.cmd = KTACH_CMD_SAMPLE_GET,
		.policy = query_policy,
		.maxattr = ARRAY_SIZE(query_policy) - 1,
		.dumpit = ktach_netlink_sample_dump,
		.done = ktach_netlink_sample_done,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = KTACH_GENL_GROUP_SAMPLE },
};

/*
 * netnsok is not set: the figures are the machine's, so only its own network
 * namespace has the family. A dump holds the module, a subscriber does not.
 * resv_start_op is not set: no command is older than the rule that what is
 * reserved in a header is zero.
 */
struct genl_family ktach_genl_family __ro_after_init = {
	.name = KTACH_GENL_NAME,
	.version = KTACH_GENL_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

int __init ktach_netlink_init(void)
{
	int err = ktach_netlink_publish_init();

	if (err)
		return err;
	err = genl_register_family(&ktach_genl_family);
	if (err)
		ktach_netlink_publish_uninit();
	return err;
}

/* Nothing may be sent to a group whose family is gone. */
void ktach_netlink_uninit(void)
{
	ktach_netlink_publish_uninit();
	genl_unregister_family(&ktach_genl_family);
}
