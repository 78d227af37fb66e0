// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_fuzz COUNT [SEED]: random requests, from nearly right to nonsense,
 * one after the other. The kernel has to answer each: with what was asked for,
 * or with an error that it gives and, where the family refuses, a reason.
 */
#include "netlink.h"

static uint64_t seed;
static unsigned long answered[256], silent, strange, messages;
static char first_strange[400];

static uint32_t pick(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

/* Numbers that mean something, and some that don't. A period of less would
 * leave this machine time for nothing else.
 */
static uint32_t pick_u32(void)
{
	static const uint32_t values[] = {
		0,	  1,	      2,	  3,	      7,      8,
		63,	  64,	      99,	  100000,     500000, 60000000,
		60000001, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	return values[pick(sizeof(values) / sizeof(*values))];
}

static size_t pick_name(uint8_t *to)
{
	static const char *const names[] = {
		"combined", "cpustat",	       "softirq",	   "nowhere",
		"",	    "fifteen-letters", "sixteen-letters-", "cpustat ",
	};
	const char *name = names[pick(sizeof(names) / sizeof(*names))];

	memcpy(to, name, strlen(name) + 1);
	return strlen(name) + 1;
}

static size_t pick_bytes(uint8_t *to)
{
	size_t i, len = pick(4) ? pick(40) : pick(1100);

	for (i = 0; i < len; i++)
		to[i] = pick(256);
	return len;
}

static size_t pick_value(uint8_t *to)
{
	uint32_t u32 = pick_u32();
	uint64_t u64 = pick(3) ? pick(200) : (uint64_t)u32 << pick(33);

	switch (pick(6)) {
	case 0:
		return pick_name(to);
	case 1:
		return pick_bytes(to);
	case 2:
		return 0;
	case 3:
		memcpy(to, &u64, sizeof(u64));
		return sizeof(u64);
	default:
		memcpy(to, &u32, sizeof(u32));
		return sizeof(u32);
	}
}

/* Of the kind that belongs to the type, mostly. */
static size_t pick_fitting(int cmd, int type, uint8_t *to)
{
	uint64_t u64 = pick(3) ? pick(200) : 0;
	uint32_t u32 = pick_u32();

	if (!pick(8))
		return pick_value(to);
	if (cmd != KTACH_CMD_SAMPLE_GET && type == KTACH_A_SOURCE_NAME)
		return pick_name(to);
	if (cmd == KTACH_CMD_SAMPLE_GET && type == KTACH_A_SAMPLE_SINCE) {
		memcpy(to, &u64, sizeof(u64));
		return sizeof(u64);
	}
	if (cmd == KTACH_CMD_SAMPLE_GET && type == KTACH_A_SAMPLE_CPU_MASK)
		return pick_bytes(to);
	if (cmd == KTACH_CMD_SAMPLE_GET && type >= KTACH_A_SAMPLE_TOTALS_ONLY)
		return 0;
	memcpy(to, &u32, sizeof(u32));
	return sizeof(u32);
}

static void add_attr(struct request *r, int cmd)
{
	uint8_t value[1200];
	int type = pick(20) ? (int)pick(8) : (int)pick(65536);
	size_t len = pick_fitting(cmd, type, value);

	if (pick(30))
		request_add(r, type, value, len);
	else
		request_claim(r, type, value, len,
			      pick(3) ? pick(64) : pick(65532));
}

/* A bit or some of them, but never those by which netlink finds the end. */
static void damage(struct request *r)
{
	unsigned int i, bits = 1 + pick(6);

	for (i = 0; i < bits && r->len > NLMSG_HDRLEN; i++)
		r->bytes[NLMSG_HDRLEN + pick(r->len - NLMSG_HDRLEN)] ^=
			1 << pick(8);
}

static bool sets_period(const struct request *r)
{
	return r->len > NLMSG_HDRLEN &&
	       r->bytes[NLMSG_HDRLEN] == KTACH_CMD_PERIOD_SET;
}

static void make_request(struct request *r)
{
	int cmd = pick(16) ? 1 + (int)pick(3) : (int)pick(256);
	int flags = pick(3) ? (cmd == KTACH_CMD_PERIOD_SET ? 0 : NLM_F_DUMP) :
			      0;
	unsigned int attrs = pick(5);

	if (!pick(40))
		flags = pick(65536) & ~NLM_F_REQUEST;
	request_begin(r, family_id, cmd, flags);
	while (attrs--)
		add_attr(r, cmd);
	if (!pick(10) && !sets_period(r))
		damage(r);
	if (!pick(50) && r->len > NLMSG_HDRLEN)
		r->len -= pick(r->len - NLMSG_HDRLEN + 1);
	request_header(r)->nlmsg_flags |= NLM_F_ACK;
}

/* Where the family or its policy refuses, there has to be a reason. */
static bool is_in_order(const struct request *r, const struct answer *a)
{
	switch (a->error) {
	case 0:
	case -EOPNOTSUPP:
		return true;
	case -EINVAL:
	case -ERANGE:
		return a->text[0] || r->len < NLMSG_HDRLEN + GENL_HDRLEN;
	case -ENOENT:
		return a->text[0];
	default:
		return false;
	}
}

static void ask_once(int fd)
{
	struct request r;
	struct answer a;

	make_request(&r);
	a = raw_ask(fd, &r, NULL, NULL);
	messages += a.messages;
	if (a.error > -256 && a.error <= 0)
		answered[-a.error]++;
	if (is_in_order(&r, &a))
		return;
	if (!strange++)
		snprintf(first_strange, sizeof(first_strange),
			 "command %u, %zu bytes, flags %x: %d '%s'",
			 r.bytes[NLMSG_HDRLEN], r.len,
			 request_header(&r)->nlmsg_flags, a.error, a.text);
	silent += a.error == -EAGAIN;
}

int main(int argc, char **argv)
{
	unsigned long i, count = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	struct timeval patience = { .tv_sec = 60 };
	int fd = raw_socket();

	need(count > 0, "arguments: COUNT [SEED]");
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	printf("# seed %lu\n", seed);
	need_family(fd);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (i = 0; i < count && !silent; i++)
		ask_once(fd);
	for (i = 0; i < 256; i++)
		if (answered[i])
			printf("# %lu with error %lu: %s\n", answered[i], i,
			       strerror(i));
	check(!silent, "%lu random requests were answered", count);
	check(!strange, "with an error and a reason where it takes one: %s",
	      first_strange);
	check(answered[0] > count / 20 && answered[EINVAL] > count / 20 &&
		      messages > count / 20,
	      "some were right: %lu, with %lu messages", answered[0], messages);
	return done_testing();
}
