// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says of a request that it refuses, in both of the answers that it
 * has for that.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "lib/netlink/genl_reason.h"
#include <linux/ktach_netlink.h>

enum {
	FIRST = NLMSG_HDRLEN + GENL_HDRLEN, /* attribute of a request */
	CAPPED = 1,
	DONE = 2,
	WITHOUT = 4, /* anything beside the number */
};

/* The answer to @request; @at: where it is wrong, 0: not told. */
static const char *reason_of(struct nl_msg *request, int how, const char *words,
			     uint32_t at)
{
	static char text[64];
	const struct nlmsghdr *asked = nlmsg_hdr(request);
	int flags = (how & CAPPED ? NLM_F_CAPPED : 0) |
		    (how & WITHOUT ? 0 : NLM_F_ACK_TLVS);
	struct nl_msg *answer = nlmsg_alloc_simple(
		how & DONE ? NLMSG_DONE : NLMSG_ERROR, flags);
	int error = -EINVAL;

	assert_int_equal(nlmsg_append(answer, &error, sizeof(error), 0), 0);
	if (!(how & DONE))
		assert_int_equal(nlmsg_append(answer, (void *)asked,
					      how & CAPPED ? sizeof(*asked) :
							     asked->nlmsg_len,
					      NLMSG_ALIGNTO),
				 0);
	if (words)
		nla_put_string(answer, NLMSGERR_ATTR_MSG, words);
	if (at)
		nla_put_u32(answer, NLMSGERR_ATTR_OFFS, at);
	strcpy(text, "as it was");
	refusal_reason(nlmsg_hdr(answer), text, sizeof(text));
	nlmsg_free(answer);
	return text;
}

static struct nl_msg *ask(uint8_t cmd, int attr)
{
	struct nl_msg *msg = nlmsg_alloc();

	genlmsg_put(msg, 0, 0, 77, 0, 0, cmd, KTACH_GENL_VERSION);
	nla_put_u32(msg, attr, 0);
	return msg;
}

static void names(void **state)
{
	static const struct {
		uint8_t cmd;
		int attr;
		const char *words, *text;
	} cases[] = {
		{ KTACH_CMD_PERIOD_SET, KTACH_A_SOURCE_PERIOD_US,
		  "out of range", "period-us: out of range" },
		{ KTACH_CMD_PERIOD_SET, KTACH_A_SOURCE_NAME, "too long",
		  "name: too long" },
		{ KTACH_CMD_SAMPLE_GET, KTACH_A_SAMPLE_SINCE, "no number",
		  "since: no number" },
		/* Named already. */
		{ KTACH_CMD_SAMPLE_GET, KTACH_A_SAMPLE_CPU_LAST,
		  "cpu-last: is less", "cpu-last: is less" },
		/* None of a request's. */
		{ KTACH_CMD_SAMPLE_GET, KTACH_A_SAMPLE_NUMBER, "what", "what" },
		{ KTACH_CMD_SAMPLE_GET, 99, "what", "what" },
		{ KTACH_CMD_SOURCE_GET, 99, "what", "what" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_msg *request = ask(cases[i].cmd, cases[i].attr);

		assert_string_equal(reason_of(request, 0, cases[i].words,
					      FIRST),
				    cases[i].text);
		nlmsg_free(request);
	}
}

static void without_a_name(void **state)
{
	struct nl_msg *request =
		ask(KTACH_CMD_SAMPLE_GET, KTACH_A_SAMPLE_SINCE);
	const uint32_t size = nlmsg_hdr(request)->nlmsg_len;

	assert_string_equal(reason_of(request, 0, "what", 0), "what");
	/* Before the first attribute, and behind the last one. */
	assert_string_equal(reason_of(request, 0, "what", 4), "what");
	assert_string_equal(reason_of(request, 0, "what", size), "what");
	assert_string_equal(reason_of(request, 0, "what", size - 2), "what");
	assert_string_equal(reason_of(request, CAPPED, "what", FIRST), "what");
	assert_string_equal(reason_of(request, DONE, "what", FIRST), "what");
	assert_string_equal(reason_of(request, DONE, "what", 0), "what");
	assert_string_equal(reason_of(request, WITHOUT, "what", 0), "");
	assert_string_equal(reason_of(request, 0, NULL, FIRST), "");
	nlmsg_free(request);
}

/* A number that is all the answer. */
static void cut_short(void **state)
{
	struct nl_msg *answer =
		nlmsg_alloc_simple(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED);
	char text[8] = "before";
	int error = -EPERM;

	nlmsg_append(answer, &error, sizeof(error), 0);
	refusal_reason(nlmsg_hdr(answer), text, sizeof(text));
	assert_string_equal(text, "");
	nlmsg_free(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(without_a_name),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
