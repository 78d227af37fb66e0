// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_nested: samples as nested attributes, for people, say the same as
 * packed ones; a dump that takes many messages, that is interrupted, lapped,
 * or filtered goes on where it was.
 */
#include "netlink.h"

enum {
	KEPT = 64,
	CPUS_MAX = 256
};

struct sample {
	uint64_t number, lost, metrics, mono_ns;
	uint64_t total[KTACH_METRICS];
	unsigned int parts, cpus;
	bool whole, flagged;
	struct ktach_cpu_sample cpu[CPUS_MAX];
};

struct dump {
	struct sample of[2 * KEPT];
	unsigned int count;
	unsigned int bad;
};

static struct dump nested, packed;
static unsigned int possible;
static int fd;

/* --- messages ----------------------------------------------------------- */

static void take_metrics(const struct nlattr *nest, uint64_t *value)
{
	const struct nlattr *attr;
	int metric;

	for_each_attr(attr, attr_data(nest), attr_len(nest))
	{
		metric = attr_type(attr) - KTACH_A_METRIC_FIRST;
		if (metric >= 0 && metric < KTACH_METRICS)
			value[metric] = attr_u64(attr);
	}
}

static void take_cpu(struct sample *s, const struct nlattr *nest)
{
	const struct nlattr *number =
		find_attr(attr_data(nest), attr_len(nest), KTACH_A_CPU_NUMBER);
	const struct nlattr *flags =
		find_attr(attr_data(nest), attr_len(nest), KTACH_A_CPU_FLAGS);
	const struct nlattr *metrics =
		find_attr(attr_data(nest), attr_len(nest), KTACH_A_CPU_METRICS);
	struct ktach_cpu_sample *cpu = &s->cpu[s->cpus];
	uint64_t value[KTACH_METRICS] = { 0 };
	unsigned int i;

	if (!number || !flags || !metrics || s->cpus == CPUS_MAX)
		return;
	s->cpus++;
	cpu->cpu = attr_u32(number);
	cpu->flags = attr_u32(flags);
	take_metrics(metrics, value);
	for (i = 0; i < KTACH_METRICS; i++)
		cpu->value[i] = value[i];
}

static void take_packed(struct sample *s, const struct nlattr *attr)
{
	const struct ktach_cpu_sample *cpu = attr_data(attr);
	size_t count = attr_len(attr) / sizeof(*cpu);

	for (; count-- && s->cpus < CPUS_MAX; cpu++)
		s->cpu[s->cpus++] = *cpu;
}

static struct sample *sample_of(struct dump *d, const struct nlmsghdr *h)
{
	uint64_t number = attr_u64(message_attr(h, KTACH_A_SAMPLE_NUMBER));
	struct sample *s = &d->of[d->count ? d->count - 1 : 0];

	if (message_attr(h, KTACH_A_SAMPLE_MONO_NS)) {
		if (d->count == 2 * KEPT) {
			d->bad++;
			d->count--;
		}
		s = &d->of[d->count++];
		memset(s, 0, sizeof(*s));
		s->number = number;
	} else if (!d->count || s->whole || s->number != number) {
		d->bad++;
	}
	return s;
}

static void take_sample(const struct nlmsghdr *h, void *arg)
{
	struct dump *d = arg;
	struct sample *s = sample_of(d, h);
	const struct nlattr *attr;
	const uint8_t *start;
	size_t size;

	s->parts++;
	s->whole = true;
	s->flagged |= h->nlmsg_flags & NLM_F_DUMP_INTR;
	start = message_attrs(h, &size);
	for_each_attr(attr, start, size)
	{
		switch (attr_type(attr)) {
		case KTACH_A_SAMPLE_MORE:
			s->whole = false;
			break;
		case KTACH_A_SAMPLE_LOST:
			s->lost = attr_u64(attr);
			break;
		case KTACH_A_SAMPLE_METRICS:
			s->metrics = attr_u64(attr);
			break;
		case KTACH_A_SAMPLE_MONO_NS:
			s->mono_ns = attr_u64(attr);
			break;
		case KTACH_A_SAMPLE_TOTALS:
			take_metrics(attr, s->total);
			break;
		case KTACH_A_SAMPLE_CPU:
			take_cpu(s, attr);
			break;
		case KTACH_A_SAMPLE_PACKED:
			take_packed(s, attr);
			break;
		}
	}
}

static void begin_query(struct request *r, bool is_packed, uint64_t since)
{
	request_begin(r, family_id, KTACH_CMD_SAMPLE_GET, NLM_F_DUMP);
	request_u64(r, KTACH_A_SAMPLE_SINCE, since);
	if (is_packed)
		request_add(r, KTACH_A_SAMPLE_AS_PACKED, NULL, 0);
}

static struct answer dump(struct dump *d, bool is_packed, uint64_t since)
{
	struct request r;

	d->count = 0;
	d->bad = 0;
	begin_query(&r, is_packed, since);
	return raw_ask(fd, &r, take_sample, d);
}

static void set_combined(uint32_t period_us)
{
	struct request r;
	struct answer a;

	request_begin(&r, family_id, KTACH_CMD_PERIOD_SET, 0);
	request_string(&r, KTACH_A_SOURCE_NAME, KTACH_COMBINED_NAME);
	request_u32(&r, KTACH_A_SOURCE_PERIOD_US, period_us);
	a = raw_ask(fd, &r, NULL, NULL);
	need(!a.error, "set the period of combined samples: %s", a.text);
}

/* --- both forms --------------------------------------------------------- */

static const struct sample *find(const struct dump *d, uint64_t number)
{
	unsigned int i;

	for (i = 0; i < d->count; i++)
		if (d->of[i].number == number)
			return &d->of[i];
	return NULL;
}

static bool is_same(const struct sample *a, const struct sample *b)
{
	return a->mono_ns == b->mono_ns && a->metrics == b->metrics &&
	       a->cpus == b->cpus &&
	       !memcmp(a->total, b->total, sizeof(a->total)) &&
	       !memcmp(a->cpu, b->cpu, a->cpus * sizeof(*a->cpu));
}

static void test_forms(void)
{
	unsigned int i, both = 0, same = 0, whole = 0, parts = 0;
	bool moved = false;
	const struct sample *s, *other;
	struct answer a, b;

	/* No sample is made meanwhile, however long the dumps take. */
	set_combined(60000000);
	sleep_ms(200); /* one may be under way */
	a = dump(&nested, false, 0);
	b = dump(&packed, true, 0);
	set_combined(20000);
	check(!a.error && !b.error && !nested.bad && !packed.bad,
	      "all samples in both forms: %u and %u", nested.count,
	      packed.count);
	for (i = 0; i < nested.count; i++) {
		s = &nested.of[i];
		whole += s->whole && s->cpus == possible;
		parts += s->parts;
		moved |= s->metrics && s->total[KTACH_METRIC_IDLE] > 0;
		other = find(&packed, s->number);
		both += other != NULL;
		same += other && is_same(s, other);
	}
	printf("# %u samples, %u of them in %u messages\n", nested.count, whole,
	       parts);
	check(whole == nested.count && whole >= 10,
	      "each sample has its %u CPUs", possible);
	check(same == both && same >= 10 && moved,
	      "and says the same in both: %u", same);
	check(possible < 100 || parts > 2 * nested.count,
	      "a sample of many CPUs takes some messages: %u", parts);
}

/* --- a slow reader ------------------------------------------------------ */

/*
 * Lost ones are told where they are missing. A sample of which only a part
 * came is lost, too.
 */
static void check_gaps(const struct dump *d)
{
	unsigned int i, wrong = 0, flagged = 0;
	uint64_t want, lost = 0;

	for (i = 1; i < d->count; i++) {
		want = d->of[i - 1].number + d->of[i - 1].whole + d->of[i].lost;
		wrong += d->of[i].number != want;
		flagged += d->of[i].flagged;
		wrong += d->of[i].flagged != (d->of[i].lost > 0);
		lost += d->of[i].lost;
	}
	printf("# %u samples, %lu lost, %u flagged\n", d->count, lost, flagged);
	check(lost > 0 && flagged > 0, "a reader that pauses loses samples");
	check(!wrong && !d->bad, "and is told where, each time");
	check(d->of[d->count - 1].whole, "and gets the last one whole");
}

static void test_lapped(void)
{
	struct answer a;
	struct request r;
	unsigned int pauses = 0;
	int slow = raw_socket();

	set_period("cpustat", 1000);
	set_combined(1000);
	sleep_ms(200);
	/* In small pieces: the kernel makes each when the last was taken. */
	receive_bytes = 4096;
	nested.count = 0;
	nested.bad = 0;
	answer_begin(&a);
	begin_query(&r, false, 0);
	need(request_send(slow, &r) == 0, "send");
	while (!receive_once(slow, &a, take_sample, &nested))
		if (pauses++ < 3)
			sleep_ms(500);
	receive_bytes = RECEIVE_BYTES_MAX;
	close(slow);
	check(!a.error && a.interrupted, "a dump that is lapped says so: %d",
	      a.error);
	check_gaps(&nested);
	set_combined(20000);
	set_period("cpustat", 10000);
}

/* One dump at a time on a socket; others go on meanwhile. */
static void test_second_dump(void)
{
	struct answer a, b;
	struct request r;
	int other = raw_socket();

	answer_begin(&a);
	nested.count = 0;
	nested.bad = 0;
	begin_query(&r, false, 0);
	need(request_send(other, &r) == 0, "send");
	b = dump(&packed, true, 0);
	check(!b.error && packed.count > 10,
	      "a dump goes on beside one that is not read");
	while (!receive_once(other, &a, take_sample, &nested))
		;
	check(!a.error && !nested.bad && nested.count > 10,
	      "which comes to its own end later");
	close(other);
}

/* Left unread, and closed. */
static void test_abandoned(void)
{
	struct request r;
	unsigned int i;
	int other;

	for (i = 0; i < 200; i++) {
		other = raw_socket();
		begin_query(&r, i & 1, 0);
		need(request_send(other, &r) == 0, "send");
		close(other);
	}
	check(true, "200 dumps are begun and left");
}

static void keep_possible(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *attr =
		message_attr(h, KTACH_A_SAMPLE_CPUS_POSSIBLE);

	if (attr)
		possible = attr_u32(attr);
}

static void prepare(void)
{
	struct request r;

	set_combined(20000);
	sleep_ms(2500);
	begin_query(&r, true, 0);
	raw_ask(fd, &r, keep_possible, NULL);
	need(possible > 0, "samples");
}

int main(void)
{
	fd = raw_socket();
	need_family(fd);
	set_period("cpustat", 10000);
	set_period("softirq", 10000);
	prepare();
	test_forms();
	test_lapped();
	test_second_dump();
	test_abandoned();
	return done_testing();
}
