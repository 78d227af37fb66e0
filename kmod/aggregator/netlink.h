/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family "ktach": see <linux/ktach_netlink.h>. */
#ifndef KTACH_AGGREGATOR_NETLINK_H
#define KTACH_AGGREGATOR_NETLINK_H

#include <linux/netlink.h>

struct genl_info;
extern struct genl_family ktach_genl_family;

int ktach_netlink_init(void);
void ktach_netlink_uninit(void);

/* The commands. */
int ktach_netlink_source_get(struct sk_buff *skb, struct genl_info *info);
int ktach_netlink_source_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ktach_netlink_period_set(struct sk_buff *skb, struct genl_info *info);
int ktach_netlink_sample_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ktach_netlink_sample_done(struct netlink_callback *cb);

/**
 * ktach_netlink_check_once() - refuse a request that has an attribute twice
 * @nlh: the request, which has passed its command's policy
 * @extack: where to say which, or NULL
 *
 * Return: 0 or -EINVAL.
 */
int ktach_netlink_check_once(const struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack);

/**
 * ktach_netlink_may_measure() - may who asks look into what others do?
 * @skb: the request
 *
 * Return: whether the socket, and who sends now, have CAP_PERFMON or CAP_SYS_ADMIN
 * in the initial user namespace.
 */
bool ktach_netlink_may_measure(struct sk_buff *skb);

/*
 * Bits of the metrics that are left out of what goes to somebody, who may measure
 * or is anybody.
 */
u64 ktach_netlink_hidden(bool may_measure);

/* The group "sample": send what is new, when there is time. Does not wait. */
int ktach_netlink_publish_init(void);
void ktach_netlink_publish_uninit(void);
void ktach_netlink_publish(void);

#endif /* KTACH_AGGREGATOR_NETLINK_H */
