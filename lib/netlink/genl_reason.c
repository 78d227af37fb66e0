// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/netlink/genl_reason.h"
#include <linux/ktach_netlink.h>

/* By attribute, as the specification of the family names them. */
static const char *const source_names[] = {
	[KTACH_A_SOURCE_NAME] = "name",
	[KTACH_A_SOURCE_PERIOD_US] = "period-us",
};

static const char *const sample_names[] = {
	[KTACH_A_SAMPLE_SINCE] = "since",
	[KTACH_A_SAMPLE_CPU_FIRST] = "cpu-first",
	[KTACH_A_SAMPLE_CPU_LAST] = "cpu-last",
	[KTACH_A_SAMPLE_CPU_MASK] = "cpu-mask",
	[KTACH_A_SAMPLE_TOTALS_ONLY] = "totals-only",
	[KTACH_A_SAMPLE_AS_PACKED] = "as-packed",
};

#define NAME(names, type)                                                   \
	((type) < (int)(sizeof(names) / sizeof(*(names))) ? (names)[type] : \
							    NULL)

/* The attribute at @offset of the request that @error repeats, or NULL. */
static const char *name_at(const struct nlmsgerr *error, uint32_t offset,
			   size_t size)
{
	const struct nlmsghdr *request = &error->msg;
	const struct genlmsghdr *genl = NLMSG_DATA(request);
	const struct nlattr *attr =
		(const void *)((const char *)request + offset);

	if (offset < NLMSG_HDRLEN + GENL_HDRLEN ||
	    offset + sizeof(*attr) > size)
		return NULL;
	return genl->cmd == KTACH_CMD_SAMPLE_GET ?
		       NAME(sample_names, nla_type(attr)) :
		       NAME(source_names, nla_type(attr));
}

/* Bytes before the attributes; 0 if there are none. */
static size_t before_attrs(const struct nlmsghdr *answer)
{
	const struct nlmsgerr *error = NLMSG_DATA(answer);

	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (answer->nlmsg_type == NLMSG_DONE)
		return NLMSG_ALIGN(sizeof(int));
	if (answer->nlmsg_flags & NLM_F_CAPPED)
		return sizeof(*error);
	return sizeof(*error) - sizeof(error->msg) +
	       NLMSG_ALIGN(error->msg.nlmsg_len);
}

void refusal_reason(const struct nlmsghdr *answer, char *text, size_t size)
{
	const struct nlmsgerr *error = NLMSG_DATA(answer);
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];
	size_t at = before_attrs(answer);
	const char *message, *name = NULL;

	text[0] = '\0';
	if (!at || (int)at > nlmsg_datalen(answer) ||
	    nla_parse(attrs, NLMSGERR_ATTR_MAX,
		      (void *)((char *)NLMSG_DATA(answer) + at),
		      nlmsg_datalen(answer) - (int)at, NULL) < 0 ||
	    !attrs[NLMSGERR_ATTR_MSG])
		return;
	message = nla_get_string(attrs[NLMSGERR_ATTR_MSG]);
	if (attrs[NLMSGERR_ATTR_OFFS])
		name = name_at(error, nla_get_u32(attrs[NLMSGERR_ATTR_OFFS]),
			       at - sizeof(error->error));
	if (name && strncmp(message, name, strlen(name)) != 0)
		snprintf(text, size, "%s: %s", name, message);
	else
		snprintf(text, size, "%s", message);
}
