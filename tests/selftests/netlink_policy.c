// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_policy: print what the kernel says of the family, a fact a line, for
 * netlink_spec.py to compare with the family's specification:
 *
 *   policy version VERSION
 *   policy group NAME
 *   policy op CMD do|dump|admin			what there is
 *   policy op CMD do|dump policy INDEX
 *   policy attr INDEX ATTR type TYPE [min|max|min-len|max-len VALUE]...
 */
#include "netlink.h"

static int fd;

static void each(const struct nlattr *nest,
		 void (*fn)(const struct nlattr *attr, int arg), int arg)
{
	const struct nlattr *attr;

	for_each_attr(attr, attr_data(nest), attr_len(nest)) fn(attr, arg);
}

/* --- commands and groups ------------------------------------------------ */

static void print_op(const struct nlattr *op, int unused)
{
	const struct nlattr *id =
		find_attr(attr_data(op), attr_len(op), CTRL_ATTR_OP_ID);
	const struct nlattr *flags =
		find_attr(attr_data(op), attr_len(op), CTRL_ATTR_OP_FLAGS);
	uint32_t bits = flags ? attr_u32(flags) : 0;

	if (!id)
		return;
	if (bits & GENL_CMD_CAP_DO)
		printf("# policy op %u do\n", attr_u32(id));
	if (bits & GENL_CMD_CAP_DUMP)
		printf("# policy op %u dump\n", attr_u32(id));
	if (bits & GENL_ADMIN_PERM)
		printf("# policy op %u admin\n", attr_u32(id));
}

static void print_group(const struct nlattr *group, int unused)
{
	const struct nlattr *name = find_attr(attr_data(group), attr_len(group),
					      CTRL_ATTR_MCAST_GRP_NAME);

	if (name)
		printf("# policy group %s\n", (const char *)attr_data(name));
}

static void print_family(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *version = message_attr(h, CTRL_ATTR_VERSION);
	const struct nlattr *ops = message_attr(h, CTRL_ATTR_OPS);
	const struct nlattr *groups = message_attr(h, CTRL_ATTR_MCAST_GROUPS);

	if (version)
		printf("# policy version %u\n", attr_u32(version));
	if (ops)
		each(ops, print_op, 0);
	if (groups)
		each(groups, print_group, 0);
}

/* --- policies ----------------------------------------------------------- */

static void print_op_policy(const struct nlattr *attr, int op)
{
	const char *what = attr_type(attr) == CTRL_ATTR_POLICY_DO ? "do" :
								    "dump";

	printf("# policy op %d %s policy %u\n", op, what, attr_u32(attr));
}

static void print_op_policies(const struct nlattr *op, int unused)
{
	each(op, print_op_policy, attr_type(op));
}

static void print_limit(const struct nlattr *attr, int unused)
{
	switch (attr_type(attr)) {
	case NL_POLICY_TYPE_ATTR_TYPE:
		printf(" type %u", attr_u32(attr));
		break;
	case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
		printf(" min %lu", attr_u64(attr));
		break;
	case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
		printf(" max %lu", attr_u64(attr));
		break;
	case NL_POLICY_TYPE_ATTR_MIN_LENGTH:
		printf(" min-len %u", attr_u32(attr));
		break;
	case NL_POLICY_TYPE_ATTR_MAX_LENGTH:
		printf(" max-len %u", attr_u32(attr));
		break;
	}
}

static void print_attr(const struct nlattr *attr, int policy)
{
	printf("# policy attr %d %d", policy, attr_type(attr));
	each(attr, print_limit, 0);
	putchar('\n');
}

static void print_attrs(const struct nlattr *policy, int unused)
{
	each(policy, print_attr, attr_type(policy));
}

static void print_policy(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *ops = message_attr(h, CTRL_ATTR_OP_POLICY);
	const struct nlattr *policies = message_attr(h, CTRL_ATTR_POLICY);

	if (ops)
		each(ops, print_op_policies, 0);
	if (policies)
		each(policies, print_attrs, 0);
}

int main(void)
{
	struct request r;
	struct answer a;

	fd = raw_socket();
	need_family(fd);
	request_begin(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	request_string(&r, CTRL_ATTR_FAMILY_NAME, KTACH_GENL_NAME);
	a = raw_ask(fd, &r, print_family, NULL);
	check(!a.error && a.messages, "the kernel describes the family");
	request_begin(&r, GENL_ID_CTRL, CTRL_CMD_GETPOLICY, NLM_F_DUMP);
	request_add(&r, CTRL_ATTR_FAMILY_ID, &(uint16_t){ family_id }, 2);
	a = raw_ask(fd, &r, print_policy, NULL);
	check(!a.error && a.messages > 5, "and its policies");
	return done_testing();
}
