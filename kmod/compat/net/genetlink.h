/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KTACH_COMPAT_NET_GENETLINK_H
#define KTACH_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>

/* Older kernels have the attributes at hand under another name. */
#ifndef KTACH_HAVE_GENL_INFO_DUMP
static inline const struct genl_dumpit_info *
genl_info_dump(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb);
}
#endif

#endif /* KTACH_COMPAT_NET_GENETLINK_H */
