// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_raw: requests byte by byte. Each command with each of its attributes
 * missing, doubled, cut short, too long, of another type, running over the
 * end; and headers that make no sense. Each gets an error, and a reason where
 * the kernel has one to give.
 */
#include "netlink.h"

enum kind {
	U32,
	U64,
	NAME,
	FLAG,
	BITS
};

struct attr {
	int type;
	enum kind kind;
	bool required;
	const char *text;
};

struct command {
	const char *text;
	int cmd;
	int flags;
	struct attr attr[8];
};

static const struct command commands[] = {
	{ "source-get",
	  KTACH_CMD_SOURCE_GET,
	  0,
	  { { KTACH_A_SOURCE_NAME, NAME, true, "name" } } },
	{ "source-get dump",
	  KTACH_CMD_SOURCE_GET,
	  NLM_F_DUMP,
	  { { KTACH_A_SOURCE_NAME, NAME, false, "name" } } },
	{ "period-set",
	  KTACH_CMD_PERIOD_SET,
	  0,
	  { { KTACH_A_SOURCE_NAME, NAME, true, "name" },
	    { KTACH_A_SOURCE_PERIOD_US, U32, true, "period-us" } } },
	{ "sample-get dump",
	  KTACH_CMD_SAMPLE_GET,
	  NLM_F_DUMP,
	  { { KTACH_A_SAMPLE_SINCE, U64, false, "since" },
	    { KTACH_A_SAMPLE_CPU_FIRST, U32, false, "cpu-first" },
	    { KTACH_A_SAMPLE_CPU_LAST, U32, false, "cpu-last" },
	    { KTACH_A_SAMPLE_AS_PACKED, FLAG, false, "as-packed" } } },
	{ "sample-get dump by mask",
	  KTACH_CMD_SAMPLE_GET,
	  NLM_F_DUMP,
	  { { KTACH_A_SAMPLE_CPU_MASK, BITS, false, "cpu-mask" } } },
	{ "sample-get dump of totals",
	  KTACH_CMD_SAMPLE_GET,
	  NLM_F_DUMP,
	  { { KTACH_A_SAMPLE_TOTALS_ONLY, FLAG, false, "totals-only" } } },
};

enum {
	COMMANDS = sizeof(commands) / sizeof(*commands)
};

static int fd;

/* --- good requests ------------------------------------------------------ */

static size_t good_value(const struct attr *a, void *to)
{
	uint32_t u32 = a->required ? 500000 : 0;

	memset(to, 0, 16);
	switch (a->kind) {
	case U32:
		memcpy(to, &u32, sizeof(u32));
		return sizeof(u32);
	case U64:
		return sizeof(uint64_t);
	case NAME:
		strcpy(to, "cpustat");
		return 8;
	case FLAG:
		return 0;
	default:
		*(uint8_t *)to = 1;
		return 1;
	}
}

static void add_good(struct request *r, const struct attr *a)
{
	uint8_t value[16];
	size_t len = good_value(a, value);

	request_add(r, a->type, value, len);
}

/* All attributes but @left_out, which may be NULL. */
static void begin(struct request *r, const struct command *c,
		  const struct attr *left_out)
{
	const struct attr *a;

	request_begin(r, family_id, c->cmd, c->flags);
	for (a = c->attr; a->text; a++)
		if (a != left_out)
			add_good(r, a);
}

static void test_good(const struct command *c)
{
	struct request r;
	struct answer a;

	begin(&r, c, NULL);
	a = raw_ask(fd, &r, NULL, NULL);
	check(!a.error && (a.messages || c->cmd == KTACH_CMD_PERIOD_SET),
	      "%s: as it should be: %d %s", c->text, a.error, a.text);
}

/* --- bad attributes ----------------------------------------------------- */

/* The reason is there, and the place of the attribute, the last one. */
static void refused(const struct command *c, const struct attr *attr,
		    const char *what, struct request *r, size_t at)
{
	struct answer a = raw_ask(fd, r, NULL, NULL);

	check((a.error == -EINVAL || a.error == -ERANGE) && a.text[0] &&
		      !a.messages && (!at || a.offset == (int)at),
	      "%s: %s %s: %d, %s, at %d", c->text, attr->text, what, a.error,
	      a.text, a.offset);
}

static void test_missing(const struct command *c, const struct attr *attr)
{
	struct request r;
	struct answer a;

	begin(&r, c, attr);
	a = raw_ask(fd, &r, NULL, NULL);
	if (attr->required)
		check(a.error == -EINVAL && a.missing == attr->type &&
			      strstr(a.text, attr->text) == a.text,
		      "%s: no %s: %s", c->text, attr->text, a.text);
	else
		check(!a.error, "%s: %s can be left out", c->text, attr->text);
}

/* The end of a dump has no place for the attribute's on older kernels. */
static void test_doubled(const struct command *c, const struct attr *attr)
{
	struct request r;
	size_t at;

	begin(&r, c, NULL);
	at = r.len;
	add_good(&r, attr);
	refused(c, attr, "given twice", &r, c->flags & NLM_F_DUMP ? 0 : at);
}

static void test_length(const struct command *c, const struct attr *attr,
			int change, const char *what)
{
	uint8_t value[KTACH_CPU_MASK_LEN + 16];
	struct request r;
	size_t len, at;

	begin(&r, c, attr);
	memset(value, 'x', sizeof(value));
	len = good_value(attr, value) + change;
	/* A name may be shorter, but then without its end. */
	memset(value + 16, 'x', sizeof(value) - 16);
	at = r.len;
	request_add(&r, attr->type, value, len);
	refused(c, attr, what, &r, at);
}

static void test_lengths(const struct command *c, const struct attr *attr)
{
	if (attr->kind != FLAG)
		test_length(c, attr, -1, "one byte short");
	if (attr->kind == U32 || attr->kind == U64)
		test_length(c, attr, -2, "two bytes short");
	if (attr->kind == NAME)
		test_length(c, attr, 16, "too long");
	else if (attr->kind == BITS)
		test_length(c, attr, KTACH_CPU_MASK_LEN, "too long");
	else
		test_length(c, attr, 4, "too long");
}

/* Its length reaches over the end of the message, or is none. */
static void test_claims(const struct command *c, const struct attr *attr)
{
	static const int claims[] = { 64, 65531, -1, -4 };
	uint8_t value[16];
	struct request r;
	size_t len, i;

	for (i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		begin(&r, c, attr);
		len = good_value(attr, value);
		request_claim(&r, attr->type, value, len, claims[i]);
		refused(c, attr, "with a length that is not its own", &r, 0);
	}
}

static void test_attr(const struct command *c, const struct attr *attr)
{
	test_missing(c, attr);
	test_doubled(c, attr);
	test_lengths(c, attr);
	test_claims(c, attr);
}

/* --- attributes that do not belong there -------------------------------- */

static void test_unknown(const struct command *c)
{
	static const int types[] = { 0, 1, 8, 30, 255, NLA_TYPE_MASK };
	static const struct attr unknown = { .text = "unknown" };
	struct request r;
	size_t i, at;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		begin(&r, c, NULL);
		at = r.len;
		request_u32(&r, types[i], 1);
		refused(c, &unknown, "attribute", &r, at);
	}
	begin(&r, c, NULL);
	memset(r.bytes + r.len, 0xff, 3);
	r.len += 3;
	refused(c, &unknown, "bytes at the end", &r, 0);
}

/* The first that comes again is named, and nothing is done. */
static void test_two_periods(void)
{
	unsigned long before = attr_read("cpustat", "period_us");
	struct request r;
	struct answer a;

	request_begin(&r, family_id, KTACH_CMD_PERIOD_SET, 0);
	request_string(&r, KTACH_A_SOURCE_NAME, "cpustat");
	request_u32(&r, KTACH_A_SOURCE_PERIOD_US, before + 10000);
	request_u32(&r, KTACH_A_SOURCE_PERIOD_US, before + 20000);
	request_string(&r, KTACH_A_SOURCE_NAME, "softirq");
	a = raw_ask(fd, &r, NULL, NULL);
	check(a.error == -EINVAL && strstr(a.text, "period-us: ") == a.text &&
		      attr_read("cpustat", "period_us") == before,
	      "of two periods and two names none is taken: %s", a.text);
}

/* --- headers ------------------------------------------------------------ */

static void expect_error(struct request *r, int error, bool reason,
			 const char *what)
{
	struct answer a = raw_ask(fd, r, NULL, NULL);

	check(a.error == error && !a.messages && (!reason || a.text[0]),
	      "%s: %d, %s", what, a.error, a.text);
}

static void test_headers(void)
{
	struct request r;
	int cmd;

	for (cmd = 0; cmd < 256; cmd = cmd < 8 ? cmd + 1 : cmd * 2 - 1) {
		if (cmd >= KTACH_CMD_SOURCE_GET && cmd <= KTACH_CMD_SAMPLE_GET)
			continue;
		request_begin(&r, family_id, cmd, 0);
		expect_error(&r, -EOPNOTSUPP, false, "an unknown command");
		request_begin(&r, family_id, cmd, NLM_F_DUMP);
		expect_error(&r, -EOPNOTSUPP, false, "and as a dump");
	}
	request_begin(&r, family_id, KTACH_CMD_SAMPLE_GET, 0);
	expect_error(&r, -EOPNOTSUPP, false, "sample-get that is no dump");
	request_begin(&r, family_id, KTACH_CMD_PERIOD_SET, NLM_F_DUMP);
	expect_error(&r, -EOPNOTSUPP, false, "period-set that is a dump");

	begin(&r, &commands[0], NULL);
	r.bytes[NLMSG_HDRLEN + 2] = 1;
	expect_error(&r, -EINVAL, true, "a header whose reserved field is set");
	begin(&r, &commands[0], NULL);
	request_header(&r)->nlmsg_flags |= NLM_F_ROOT;
	expect_error(&r, -EINVAL, true, "flags that mean nothing here");
	begin(&r, &commands[0], NULL);
	r.len = NLMSG_HDRLEN + 2;
	expect_error(&r, -EINVAL, false, "a message without its header");
}

/* Several requests in one send() are several requests. */
static void test_batch(void)
{
	struct request r, one;
	unsigned int i, acks = 0;
	struct answer a;

	r.len = 0;
	for (i = 0; i < 50; i++) {
		begin(&one, &commands[i % 2 ? 2 : 0], NULL);
		request_header(&one)->nlmsg_len = one.len;
		memcpy(r.bytes + r.len, one.bytes, one.len);
		r.len += NLMSG_ALIGN(one.len);
	}
	need(send(fd, r.bytes, r.len, 0) == (ssize_t)r.len, "send");
	while (acks < 50) {
		answer_begin(&a);
		acks += receive_once(fd, &a, NULL, NULL);
		if (a.error)
			break;
	}
	check(acks == 50, "of 50 requests in one piece, each is answered");
}

/* After the load it takes a while. */
static void wait_for_sample(void)
{
	uint64_t end = mono_ns() + 10000000000ULL;
	struct request r;
	struct answer a;

	do {
		sleep_ms(10);
		begin(&r, &commands[COMMANDS - 1], NULL);
		a = raw_ask(fd, &r, NULL, NULL);
	} while (!a.messages && mono_ns() < end);
	need(a.messages, "a first sample");
}

int main(void)
{
	const struct attr *attr;
	unsigned int i;

	fd = raw_socket();
	need_family(fd);
	wait_for_sample();
	for (i = 0; i < COMMANDS; i++) {
		test_good(&commands[i]);
		for (attr = commands[i].attr; attr->text; attr++)
			test_attr(&commands[i], attr);
		test_unknown(&commands[i]);
	}
	test_two_periods();
	test_headers();
	test_batch();
	return done_testing();
}
