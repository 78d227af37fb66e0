// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_agree SECONDS: under mixed load, three ways to know what the CPUs
 * did in the same time: combined samples, the rings, and /proc.
 *
 *   ring      n0        n0+1             n1        all at the same period;
 *   combined   |s0       |s0+1   ...      |s1      each made from the ring's
 *   /proc      |.........................|         samples beside it
 *
 * States agree within 0.5 points, softirqs within 0.1 %. At a tick a count is
 * between what /proc had in a read that ended before and in one that began after.
 */
#include <time.h>

#include "lib/netlink/genl.h"
#include "ring.h"
#include "ring_load.h"

enum {
	MAX_CPUS = 64,
	STATES = 10,
	VECTORS = KTACH_SOFTIRQ_VECTORS,
	PERIOD_US = 500000,
	TICKS_MAX = 256,
	USER_HZ_NS = 10000000, /* the unit of /proc/stat */
	STATE_LIMIT = KTACH_SHARE_ONE / 200,
	FEW = 3, /* events that rounding may add or take */
	READS = 4, /* that are remembered: few end after the tick */
};

/* A read of /proc/softirqs, and when it had ended. */
struct counts {
	uint64_t end_ns;
	uint64_t count[MAX_CPUS][VECTORS];
};

/* What /proc said just before and after a tick, and when. */
struct moment {
	uint64_t number, softirq_number;
	uint64_t late_ns, mono_ns;
	uint64_t events; /* between the two reads */
	uint64_t state_ns[MAX_CPUS][STATES];
	struct counts before, after;
};

static struct family *f;
static struct test_ring stat_ring, softirq_ring;
static struct moment moments[TICKS_MAX];
static unsigned int moment_count, cpus;
static const struct moment *first, *last;

/* What a combined sample says of the rings' samples; several, oldest first. */
struct interval {
	struct family_sample sample;
	struct ktach_cpu_sample cpu[MAX_CPUS];
};

static struct interval intervals[TICKS_MAX];
static unsigned int interval_count;

/* By combined samples, from first to last: shares and rates times seconds. */
static double combined[MAX_CPUS][KTACH_METRICS];

/* --- /proc -------------------------------------------------------------- */

static void read_softirqs(struct counts *c)
{
	char *at = slurp("/proc/softirqs");
	unsigned int cpu, i;

	for (i = 0; i < VECTORS; i++) {
		at = strchr(at, ':') + 1;
		for (cpu = 0; cpu < cpus; cpu++)
			c->count[cpu][i] = strtoull(at, &at, 10);
	}
	c->end_ns = mono_ns();
}

static void read_stat(struct moment *m)
{
	char *at = slurp("/proc/stat");
	unsigned int cpu, i;

	while ((at = strstr(at, "\ncpu")) != NULL) {
		cpu = strtoul(at + 4, &at, 10);
		for (i = 0; i < STATES && cpu < MAX_CPUS; i++)
			m->state_ns[cpu][i] =
				strtoull(at, &at, 10) * USER_HZ_NS;
	}
}

/* --- the watch ---------------------------------------------------------- */

static uint64_t tick_of(const struct test_ring *r, uint64_t n)
{
	static uint8_t slot[1 << 16];

	need(r->h.slot_stride <= sizeof(slot) &&
		     ring_copy(r, n, slot) == READ_OK,
	     "sample %lu", n);
	return ((struct ktach_slot *)slot)->mono_ns;
}

/* Read again and again up to the next tick of both rings. */
static void read_up_to_tick(struct counts *reads)
{
	uint64_t number = head(&stat_ring) + 1;
	uint64_t other = head(&softirq_ring) + 1;
	unsigned int i = 0;

	while (head(&stat_ring) < number || head(&softirq_ring) < other)
		if (mono_ns() / 1000 % PERIOD_US < PERIOD_US * 9 / 10)
			sleep_ms(5);
		else
			read_softirqs(&reads[i++ % READS]);
}

/* The last of the reads that had ended before @tick_ns; false if none had. */
static bool take_before(struct moment *m, const struct counts *reads,
			uint64_t tick_ns)
{
	const struct counts *best = NULL;
	unsigned int i;

	for (i = 0; i < READS; i++)
		if (reads[i].end_ns && reads[i].end_ns <= tick_ns &&
		    (!best || reads[i].end_ns > best->end_ns))
			best = &reads[i];
	if (best)
		m->before = *best;
	return best;
}

static uint64_t events_between(const struct counts *a, const struct counts *b)
{
	uint64_t sum = 0;
	unsigned int cpu, i;

	for (cpu = 0; cpu < cpus; cpu++)
		for (i = 0; i < VECTORS; i++)
			sum += b->count[cpu][i] - a->count[cpu][i];
	return sum;
}

/* Around the next tick of both rings; false if it was not seen from before. */
static bool watch_tick(struct moment *m)
{
	static struct counts reads[READS];

	memset(reads, 0, sizeof(reads));
	read_up_to_tick(reads);
	m->softirq_number = head(&softirq_ring);
	read_softirqs(&m->after);
	m->mono_ns = mono_ns();
	read_stat(m);
	m->number = head(&stat_ring);
	m->late_ns = mono_ns() - tick_of(&stat_ring, m->number);
	if (!take_before(m, reads, tick_of(&softirq_ring, m->softirq_number)))
		return false;
	m->events = events_between(&m->before, &m->after);
	return true;
}

/* For so long, and as long again as a busy host may need to be in time. */
static void watch(unsigned int seconds)
{
	uint64_t end = mono_ns() + (seconds + 4) * 1000000000ULL;

	while (mono_ns() < end && moment_count < TICKS_MAX)
		moment_count += watch_tick(&moments[moment_count]);
	/* The combined sample of the last tick is yet to come. */
	sleep_ms(PERIOD_US / 1000);
}

/* --- combined samples --------------------------------------------------- */

static const struct family_ring *ring_of(const struct family_sample *s,
					 uint32_t kind)
{
	unsigned int i;

	for (i = 0; i < s->rings; i++)
		if (s->ring[i].kind == kind)
			return &s->ring[i];
	return NULL;
}

static void keep_sample(const struct family_sample *s, void *arg)
{
	struct interval *to = &intervals[interval_count];

	*(uint64_t *)arg += s->lost;
	if (interval_count == TICKS_MAX || s->cpus > MAX_CPUS)
		return;
	to->sample = *s;
	memcpy(to->cpu, s->cpu, s->cpus * sizeof(*s->cpu));
	interval_count++;
}

/* Does an interval of this ring end with sample @number? */
static bool ends_with(uint32_t kind, uint64_t number)
{
	const struct family_ring *ring;
	unsigned int i;

	for (i = 0; i < interval_count; i++) {
		ring = ring_of(&intervals[i].sample, kind);
		if (ring && ring->number == number)
			return true;
	}
	return false;
}

/* The moment between these, of those that all three have, in which least happened. */
static const struct moment *closest(unsigned int from, unsigned int to)
{
	const struct moment *best = NULL, *m;

	for (m = &moments[from]; m < &moments[to]; m++)
		if (ends_with(KTACH_RING_CPUSTAT, m->number) &&
		    ends_with(KTACH_RING_SOFTIRQ, m->softirq_number) &&
		    (!best || m->events < best->events))
			best = m;
	return best;
}

static void choose_moments(void)
{
	unsigned int few = moment_count / 8;

	first = closest(0, few);
	last = closest(moment_count - few, moment_count);
	need(first && last, "ticks that all three have");
	printf("# %lu to %lu of %u ticks, read %lu and %lu us after them\n",
	       first->number, last->number, moment_count, first->late_ns / 1000,
	       last->late_ns / 1000);
	printf("# while they were read there were %lu and %lu softirqs\n",
	       first->events, last->events);
}

/* Add up what lies between two samples of a ring; returns the seconds. */
static double add_up(uint32_t kind, uint64_t from, uint64_t to,
		     unsigned int metric, unsigned int count)
{
	const struct family_ring *ring;
	const struct interval *one;
	double sum_s = 0, s;
	unsigned int i, j, k;

	for (i = 0; i < interval_count; i++) {
		one = &intervals[i];
		ring = ring_of(&one->sample, kind);
		if (!ring || ring->number <= from || ring->number > to)
			continue;
		s = ring->interval_ns / 1e9;
		sum_s += s;
		for (j = 0; j < one->sample.cpus; j++)
			for (k = metric; k < metric + count; k++)
				combined[one->cpu[j].cpu][k] +=
					one->cpu[j].value[k] * s;
	}
	return sum_s;
}

/* --- comparison --------------------------------------------------------- */

static struct ktach_cpustat_record *stat_records(uint64_t n)
{
	uint8_t *slot = malloc(stat_ring.h.slot_stride);
	struct ktach_cpustat_record *r = calloc(cpus, sizeof(*r));
	unsigned int i;

	need(slot && r && ring_copy(&stat_ring, n, slot) == READ_OK,
	     "sample %lu of the ring", n);
	for (i = 0; i < cpus; i++)
		memcpy(&r[i], record_of(&stat_ring, slot, i), sizeof(*r));
	free(slot);
	return r;
}

static struct ktach_softirq_record *softirq_records(uint64_t n)
{
	uint8_t *slot = malloc(softirq_ring.h.slot_stride);
	struct ktach_softirq_record *r = calloc(cpus, sizeof(*r));
	unsigned int i;

	need(slot && r && ring_copy(&softirq_ring, n, slot) == READ_OK,
	     "sample %lu of the ring", n);
	for (i = 0; i < cpus; i++)
		memcpy(&r[i], record_of(&softirq_ring, slot, i), sizeof(*r));
	free(slot);
	return r;
}

static double span_s(const struct test_ring *r, uint64_t from, uint64_t to)
{
	return (tick_of(r, to) - tick_of(r, from)) / 1e9;
}

static double apart(double a, double b)
{
	return a > b ? a - b : b - a;
}

static void test_states(void)
{
	struct ktach_cpustat_record *a = stat_records(first->number);
	struct ktach_cpustat_record *b = stat_records(last->number);
	double s = span_s(&stat_ring, first->number, last->number);
	double proc_s = (last->mono_ns - first->mono_ns) / 1e9;
	double netlink, ring, proc, to_ring = 0, to_proc = 0, most = 0;
	unsigned int cpu, i;

	check(apart(add_up(KTACH_RING_CPUSTAT, first->number, last->number,
			   KTACH_METRIC_USER, STATES),
		    s) < 1e-6,
	      "the samples cover the time: %.6f s", s);
	for (cpu = 0; cpu < cpus; cpu++)
		for (i = 0; i < STATES; i++) {
			netlink = combined[cpu][i] / s;
			ring = ((&b[cpu].user_ns)[i] - (&a[cpu].user_ns)[i]) /
			       1e9 / s * KTACH_SHARE_ONE;
			proc = (last->state_ns[cpu][i] -
				first->state_ns[cpu][i]) /
			       1e9 / proc_s * KTACH_SHARE_ONE;
			most = i != KTACH_METRIC_IDLE && netlink > most ?
				       netlink :
				       most;
			to_ring = apart(netlink, ring) > to_ring ?
					  apart(netlink, ring) :
					  to_ring;
			to_proc = apart(netlink, proc) > to_proc ?
					  apart(netlink, proc) :
					  to_proc;
		}
	check(to_ring < 1, "states agree with the rings within %.4f points",
	      to_ring / 100);
	check(to_proc < STATE_LIMIT,
	      "and with /proc/stat within %.3f points, 0.5 is the limit",
	      to_proc / 100);
	check(most > KTACH_SHARE_ONE / 10, "under load: %.1f %% of a CPU",
	      most / 100);
	free(a);
	free(b);
}

/* Within 0.1 % of what /proc says, which is from here to there. */
static bool is_close(double events, unsigned int cpu, unsigned int i)
{
	double least =
		(double)last->before.count[cpu][i] - first->after.count[cpu][i];
	double most =
		(double)last->after.count[cpu][i] - first->before.count[cpu][i];

	return events >= least - least / 1000 - FEW &&
	       events <= most + most / 1000 + FEW;
}

static void test_softirqs(void)
{
	struct ktach_softirq_record *a = softirq_records(first->softirq_number);
	struct ktach_softirq_record *b = softirq_records(last->softirq_number);
	double s = span_s(&softirq_ring, first->softirq_number,
			  last->softirq_number);
	double netlink, ring, proc, most = 0;
	unsigned int cpu, i, off_ring = 0, off_proc = 0;

	check(apart(add_up(KTACH_RING_SOFTIRQ, first->softirq_number,
			   last->softirq_number, KTACH_METRIC_SOFTIRQ_RATE,
			   VECTORS),
		    s) < 1e-6,
	      "the samples cover the time: %.6f s", s);
	for (cpu = 0; cpu < cpus; cpu++)
		for (i = 0; i < VECTORS; i++) {
			netlink = combined[cpu][KTACH_METRIC_SOFTIRQ_RATE + i] /
				  s / KTACH_RATE_ONE;
			ring = (b[cpu].count[i] - a[cpu].count[i]) / s;
			proc = (last->after.count[cpu][i] -
				first->after.count[cpu][i]) /
			       s;
			most = netlink > most ? netlink : most;
			off_ring += apart(netlink, ring) > ring / 1e4 + 0.001;
			if (!is_close(netlink * s, cpu, i) && ++off_proc)
				printf("# CPU %u, vector %u: %.3f, in /proc %.3f\n",
				       cpu, i, netlink, proc);
		}
	check(!off_ring, "softirqs agree with the rings");
	check(!off_proc, "and with /proc/softirqs within 0.1 %%");
	check(most > 100, "under load: %.0f a second", most);
	free(a);
	free(b);
}

static void set(const char *name)
{
	need(family_set_period(f, name, PERIOD_US) == 0, "set the period of %s",
	     name);
}

int main(int argc, char **argv)
{
	struct family_query q = { .has_since = true };
	struct family_source source;
	uint64_t lost = 0;

	need(argc > 1, "arguments: SECONDS");
	ring_open(&stat_ring, STAT_DEV, 0);
	ring_open(&softirq_ring, SOFTIRQ_DEV, 0);
	cpus = stat_ring.h.records;
	need(cpus <= MAX_CPUS, "fewer than %d CPUs", MAX_CPUS);
	need((errno = -family_open(&f)) == 0, "open the family");
	set("cpustat");
	set("softirq");
	set(KTACH_COMBINED_NAME);
	load_start();
	sleep_ms(2000);
	need(family_source(f, KTACH_COMBINED_NAME, &source) == 0, "the source");
	q.since = source.head;
	watch(atoi(argv[1]));
	load_stop();
	check(family_samples(f, &q, keep_sample, &lost) == 0 && !lost,
	      "all combined samples of that time are there: %s",
	      family_error(f));
	choose_moments();
	check(last->mono_ns - first->mono_ns >
		      (atoi(argv[1]) - 2) * 1000000000ULL,
	      "they are %.1f s apart", (last->mono_ns - first->mono_ns) / 1e9);
	test_states();
	test_softirqs();
	family_close(f);
	return done_testing();
}
