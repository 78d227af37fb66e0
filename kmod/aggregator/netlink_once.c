// SPDX-License-Identifier: GPL-2.0-only
/*
 * Of an attribute that is given twice, netlink's own parser takes the last. A
 * request that says two things is more likely wrong than meant so: refused.
 */
#include <linux/bits.h>
#include <net/genetlink.h>
#include <linux/ktach_netlink.h>

#include "netlink.h"

static const char *const source_twice[] = {
	[KTACH_A_SOURCE_NAME] = "name: is given twice",
	[KTACH_A_SOURCE_PERIOD_US] = "period-us: is given twice",
};

static const char *const sample_twice[] = {
	[KTACH_A_SAMPLE_SINCE] = "since: is given twice",
	[KTACH_A_SAMPLE_CPU_FIRST] = "cpu-first: is given twice",
	[KTACH_A_SAMPLE_CPU_LAST] = "cpu-last: is given twice",
	[KTACH_A_SAMPLE_CPU_MASK] = "cpu-mask: is given twice",
	[KTACH_A_SAMPLE_TOTALS_ONLY] = "totals-only: is given twice",
	[KTACH_A_SAMPLE_AS_PACKED] = "as-packed: is given twice",
};

/* The policies let no other types through. */
static const char *reason(const struct nlmsghdr *nlh, int type)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);

	return genl->cmd == KTACH_CMD_SAMPLE_GET ? sample_twice[type] :
						   source_twice[type];
}

int ktach_netlink_check_once(const struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	u32 seen = 0;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		if (seen & BIT(nla_type(attr))) {
			if (extack) {
				extack->bad_attr = attr;
				extack->_msg = reason(nlh, nla_type(attr));
			}
			return -EINVAL;
		}
		seen |= BIT(nla_type(attr));
	}
	return 0;
}
