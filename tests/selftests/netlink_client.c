// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_client: the family by way of lib/genl: sources, samples and what of
 * them can be asked for, periods, subscription, and who is refused.
 */
#include <sched.h>
#include <sys/wait.h>

#include "lib/netlink/genl.h"
#include "ring.h"

enum {
	KEPT_MAX = 512,
	MASK_BYTES = 32,
};

static struct family *f;
static unsigned int possible;

/* --- sources ------------------------------------------------------------ */

struct sources {
	struct family_source of[8];
	unsigned int count;
};

static void keep_source(const struct family_source *source, void *arg)
{
	struct sources *s = arg;

	if (s->count < 8)
		s->of[s->count++] = *source;
}

static void test_sources(void)
{
	struct sources s = { .count = 0 };
	struct family_source one;

	int err = family_sources(f, keep_source, &s);

	check(!err && s.count == 3, "there are three sources");
	check(!strcmp(s.of[0].name, "combined") && !s.of[0].kind &&
		      !s.of[0].device[0] && s.of[0].slots == 64,
	      "the combined samples, 64 of them");
	check(!strcmp(s.of[1].name, "cpustat") &&
		      !strcmp(s.of[1].device, "cpu_stat_monitor") &&
		      s.of[1].kind == KTACH_RING_CPUSTAT &&
		      s.of[1].records == possible,
	      "CPU times, with a record for each of %u CPUs", possible);
	check(family_source(f, "softirq", &one) == 0 &&
		      one.kind == KTACH_RING_SOFTIRQ &&
		      one.slots == attr_read("softirq", "slots") &&
		      one.period_us == attr_read("softirq", "period_us") &&
		      one.fill_ns_max && one.fill_ns_max >= one.fill_ns_last,
	      "softirqs, asked for by name, as sysfs has them");
	check(one.head > 0 && one.head <= attr_read("softirq", "head"),
	      "with a head that goes on");
	check(family_source(f, "nowhere", &one) == -ENOENT &&
		      !strcmp(family_error(f), "name: there is no such source"),
	      "one that is not there is refused: %s", family_error(f));
}

/* --- periods ------------------------------------------------------------ */

static void refused_period(const char *name, uint32_t us, int err,
			   const char *words)
{
	struct family_source before, after;
	int got;

	family_source(f, name, &before);
	got = family_set_period(f, name, us);
	check(got == err && strstr(family_error(f), words) == family_error(f),
	      "a period of %u us of %s is refused: %s", us, name,
	      family_error(f));
	if (family_source(f, name, &after) == 0)
		check(before.period_us == after.period_us,
		      "and changes nothing");
}

static void test_periods(void)
{
	struct family_source s;

	check(family_set_period(f, "cpustat", 5000) == 0 &&
		      attr_read("cpustat", "period_us") == 5000,
	      "the period of a source is set");
	check(family_set_period(f, "combined", 20000) == 0 &&
		      family_source(f, "combined", &s) == 0 &&
		      s.period_us == 20000,
	      "and that of combined samples");
	refused_period("cpustat", 99, -ERANGE, "period-us: ");
	refused_period("cpustat", 60000001, -ERANGE, "period-us: ");
	refused_period("combined", 999, -ERANGE, "period-us: ");
	refused_period("nowhere", 1000, -ENOENT, "name: ");
	refused_period("a-name-that-no-ring-has", 1000, -EINVAL, "name: ");
	family_set_period(f, "softirq", 5000);
}

/* --- samples ------------------------------------------------------------ */

struct samples {
	unsigned int count;
	unsigned int bad; /* not as samples are */
	uint64_t first, last;
	uint64_t lost;
	unsigned int cpus; /* of the last */
	uint32_t first_cpu, last_cpu;
	uint64_t metrics; /* in all */
	struct family_sample newest;
	struct ktach_cpu_sample cpu[256];
};

/* What holds for each of them, whatever the machine does. */
static bool is_sane(const struct samples *s, const struct family_sample *one)
{
	unsigned int i;

	for (i = 1; i < one->cpus; i++)
		if (one->cpu[i].cpu <= one->cpu[i - 1].cpu)
			return false;
	return (!s->last || one->number == s->last + 1 + one->lost) &&
	       one->mono_ns && one->real_ns > one->mono_ns &&
	       one->cpus_possible == possible && one->cpus_online >= 1 &&
	       one->cpus_online <= possible &&
	       one->memory.total > one->memory.available / 2 &&
	       one->memory.free && one->memory.available &&
	       one->memory.free < one->memory.total && one->rings <= 2;
}

static void keep_sample(const struct family_sample *one, void *arg)
{
	struct samples *s = arg;

	s->bad += !is_sane(s, one);
	s->first = s->count++ ? s->first : one->number;
	s->last = one->number;
	s->lost += one->lost;
	s->cpus = one->cpus;
	s->first_cpu = one->cpus ? one->cpu[0].cpu : 0;
	s->last_cpu = one->cpus ? one->cpu[one->cpus - 1].cpu : 0;
	s->metrics |= one->metrics;
	s->newest = *one;
	if (one->cpus <= 256)
		memcpy(s->cpu, one->cpu, one->cpus * sizeof(*s->cpu));
}

static struct samples ask(const struct family_query *q, int want)
{
	struct samples s = { .count = 0 };
	int err = family_samples(f, q, keep_sample, &s);

	if (err != want || s.bad)
		printf("# %d, expected %d: %s; %u bad samples\n", err, want,
		       family_error(f), s.bad);
	s.bad += err != want;
	return s;
}

static uint64_t newest(void)
{
	return ask(NULL, 0).last;
}

static void wait_for(uint64_t number)
{
	uint64_t end = mono_ns() + 20000000000ULL;

	while (newest() < number && mono_ns() < end)
		sleep_ms(5);
	need(newest() >= number, "combined sample %lu", number);
}

static void test_since(void)
{
	struct family_query q = { .has_since = true };
	struct samples s;
	uint64_t head;

	wait_for(80);
	s = ask(NULL, 0);
	check(!s.bad && s.count == 1 && s.cpus == possible && !s.lost,
	      "without a since there is the newest sample, with all CPUs");
	s = ask(&q, 0);
	check(!s.bad && s.count >= 60 && s.count <= 64 && s.first > 1 &&
		      s.lost == s.first - 1,
	      "since 0 there are all that are kept: %u, and %lu lost", s.count,
	      s.lost);
	head = newest();
	q.since = head - 5;
	s = ask(&q, 0);
	check(!s.bad && s.first == head - 4 && s.last >= head && !s.lost,
	      "since one of them, those after it");
	q.since = newest() + 1000;
	s = ask(&q, -ERANGE);
	check(!s.bad && !s.count && strstr(family_error(f), "since: is ahead"),
	      "since one that is to come is refused: %s", family_error(f));
	q.since = UINT64_MAX;
	check(!ask(&q, -ERANGE).bad, "and so is the last number of all");
}

static void expect_cpus(const char *what, const struct family_query *q,
			unsigned int count, uint32_t first, uint32_t last)
{
	struct samples s = ask(q, 0);

	check(!s.bad && s.count == 1 && s.cpus == count &&
		      s.first_cpu == first && s.last_cpu == last,
	      "%s: %u CPUs, %u to %u", what, s.cpus, s.first_cpu, s.last_cpu);
}

static void test_cpus(void)
{
	uint8_t mask[MASK_BYTES] = { 0x02 };
	struct family_query q = { .totals_only = true };
	struct samples s;

	expect_cpus("totals only", &q, 0, 0, 0);
	q = (struct family_query){ .has_range = true, .cpu_last = 0 };
	expect_cpus("a range of one", &q, 1, 0, 0);
	q.cpu_first = 1;
	q.cpu_last = UINT32_MAX;
	expect_cpus("a range to the end", &q, possible - 1, 1, possible - 1);
	q.cpu_first = 4096;
	s = ask(&q, -ERANGE);
	check(!s.bad && strstr(family_error(f), "cpu-first: "),
	      "a range behind the end is refused: %s", family_error(f));
	q.cpu_first = 1;
	q.cpu_last = 0;
	s = ask(&q, -EINVAL);
	check(!s.bad && strstr(family_error(f), "cpu-last: "),
	      "so is one that is upside down: %s", family_error(f));

	q = (struct family_query){ .cpu_mask = mask, .cpu_mask_len = 1 };
	expect_cpus("a mask", &q, 1, 1, 1);
	memset(mask, 0xff, sizeof(mask));
	q.cpu_mask_len = sizeof(mask);
	expect_cpus("a mask of all", &q, possible, 0, possible - 1);
	memset(mask, 0, sizeof(mask));
	s = ask(&q, -ERANGE);
	check(!s.bad && strstr(family_error(f), "cpu-mask: "),
	      "a mask of none is refused: %s", family_error(f));
	q.has_range = true;
	s = ask(&q, -EINVAL);
	check(!s.bad && strstr(family_error(f), "cpu-mask: "),
	      "so are a mask and a range: %s", family_error(f));
}

/* --- figures ------------------------------------------------------------ */

static uint64_t states(const uint64_t *share)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = KTACH_METRIC_USER; i <= KTACH_METRIC_STEAL; i++)
		sum += share[i];
	return sum;
}

static void test_figures(void)
{
	const uint64_t all = 0x3fffff & ~(3ULL << KTACH_METRIC_EXACT_BUSY);
	struct samples s = { .count = 0 };
	uint64_t sum = 0;
	unsigned int i;

	family_set_period(f, "combined", 1000000);
	family_set_period(f, "cpustat", 10000);
	family_set_period(f, "softirq", 10000);
	wait_for(newest() + 3);
	s = ask(NULL, 0);
	printf("# metrics %lx, states %lu, user %lu, idle %lu, load %u, online %u\n",
	       s.newest.metrics, states(s.newest.total),
	       s.newest.total[KTACH_METRIC_USER],
	       s.newest.total[KTACH_METRIC_IDLE], s.newest.load[0],
	       s.newest.cpus_online);
	check((s.newest.metrics & all) == all && s.newest.rings == 2,
	      "both rings are in a sample");
	check(s.newest.ring[0].interval_ns > 900000000 &&
		      s.newest.ring[0].interval_ns < 5000000000 &&
		      s.newest.mono_ns >= s.newest.ring[0].mono_ns &&
		      s.newest.mono_ns - s.newest.ring[0].mono_ns < 1000000000,
	      "from two of their samples, a second apart, the newer one new");
	/*
	 * A guest that is not run for a while loses ticks. If that is while a
	 * sample is made, its times are newer than its stamp.
	 */
	check(states(s.newest.total) > 5000 && states(s.newest.total) < 15000,
	      "the states of a second add up to a second: %lu",
	      states(s.newest.total));
	for (i = 0; i < s.cpus; i++)
		sum += s.cpu[i].value[KTACH_METRIC_SOFTIRQ_RATE +
				      KTACH_SOFTIRQ_TIMER];
	check(s.newest.total[KTACH_METRIC_SOFTIRQ_RATE + KTACH_SOFTIRQ_TIMER] +
				      possible >=
			      sum &&
		      sum > 0,
	      "a total is the sum of the CPUs: %lu", sum);
	for (i = 0; i < s.cpus; i++)
		if (!(s.cpu[i].flags & KTACH_CPU_ONLINE) &&
		    s.cpu[i].value[KTACH_METRIC_IDLE])
			break;
	check(i == s.cpus, "a CPU that is offline has no time");
}

static void test_slow_ring(void)
{
	struct family_query q = { .has_since = true };
	unsigned int left = 0;
	struct samples s;
	uint64_t head;

	quiet("softirq");
	family_set_period(f, "combined", 10000);
	sleep_ms(200);
	head = newest();
	wait_for(head + 20);
	q.since = head;
	s = ask(&q, 0);
	left = s.metrics >> KTACH_METRIC_SOFTIRQ_RATE & 0x3ff;
	check(!s.bad && s.count >= 20 && !left,
	      "a ring without a new sample is left out");
	check(s.metrics & 1, "and the others are not");
	family_set_period(f, "softirq", 5000);
}

/* --- subscription ------------------------------------------------------- */

static void receive_for(struct samples *s, unsigned int ms)
{
	struct pollfd p = { .fd = family_fd(f), .events = POLLIN };
	uint64_t end = mono_ns() + ms * 1000000ULL;
	int err;

	while (mono_ns() < end && poll(&p, 1, ms) >= 0) {
		err = family_receive(f, keep_sample, s);
		need(err == 0, "receive: %d", err);
	}
}

static void test_subscription(void)
{
	uint64_t last, end = mono_ns() + 60000000000ULL;
	struct samples s = { .count = 0 };

	family_set_period(f, "combined", 10000);
	check(family_subscribe(f) == 0 && family_subscribe(f) == 0,
	      "the group is joined, twice is no error");
	check(family_receive(f, keep_sample, &s) == 0,
	      "to receive does not wait");
	while (s.count < 50 && mono_ns() < end)
		receive_for(&s, 100);
	check(!s.bad && !s.lost && s.count >= 50 && s.cpus == possible,
	      "%u samples come, with all CPUs, none lost", s.count);
	last = s.last;
	family_set_period(f, "combined", 1000);
	sleep_ms(5000);
	receive_for(&s, 500);
	check(!s.bad && s.last > last + 50 &&
		      s.count + s.lost == s.last - s.first + 1,
	      "after a pause of 5 s at 1 ms, %u received and %lu lost are all that there were",
	      s.count, s.lost);
	family_set_period(f, "combined", 1000000);
}

/* --- who is refused ----------------------------------------------------- */

/* Run @test in a process of its own; it returns an exit status. */
static int in_child(int (*test)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(test());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int as_nobody(void)
{
	struct samples s = { .count = 0 };
	struct family *own;

	if (setgid(65534) || setuid(65534) || family_open(&own))
		return 1;
	if (family_samples(own, NULL, keep_sample, &s) || s.count != 1)
		return 2;
	if (family_subscribe(own))
		return 3;
	return family_set_period(own, "cpustat", 2000) == -EPERM ? 0 : 4;
}

static int in_namespace(void)
{
	struct family *own;

	if (unshare(CLONE_NEWNET))
		return 1;
	return family_open(&own) == -ENOENT ? 0 : 2;
}

static void test_refused(void)
{
	int got = in_child(as_nobody);

	check(got == 0, "an ordinary user reads, but sets no period: %d", got);
	check(attr_read("cpustat", "period_us") != 2000, "and it is not set");
	got = in_child(in_namespace);
	check(got == 0, "another network namespace has no such family: %d",
	      got);
}

int main(void)
{
	struct test_ring ring;

	ring_open(&ring, STAT_DEV, 0);
	possible = ring.h.records;
	need(wait_head(&ring, 1), "a first sample");
	ring_close(&ring);
	ring_open(&ring, SOFTIRQ_DEV, 0);
	need(wait_head(&ring, 1), "a first sample");
	ring_close(&ring);
	need((errno = -family_open(&f)) == 0, "open the family");
	test_sources();
	test_periods();
	test_since();
	test_cpus();
	test_figures();
	test_slow_ring();
	test_subscription();
	test_refused();
	family_close(f);
	return done_testing();
}
