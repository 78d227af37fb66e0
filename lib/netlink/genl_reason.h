/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a request that it refuses: for lib/netlink/genl.c only. */
#ifndef KTACH_LIB_NETLINK_GENL_REASON_H
#define KTACH_LIB_NETLINK_GENL_REASON_H

#include <stddef.h>

struct nlmsghdr;

/**
 * refusal_reason() - the reason in an NLMSG_ERROR or NLMSG_DONE
 * @answer: the message
 * @text: gets a line; "" if the kernel gave no reason
 * @size: of @text
 *
 * Where only the place in the request is known, the line names the attribute
 * that stands there.
 */
void refusal_reason(const struct nlmsghdr *answer, char *text, size_t size);

#endif /* KTACH_LIB_NETLINK_GENL_REASON_H */
