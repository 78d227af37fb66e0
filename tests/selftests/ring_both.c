// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_both SECONDS [CPU]: the modules' rings, those that BPF fills (RINGS_PINS) and /proc,
 * at once, under load, while CPU goes and comes.
 *
 *   module: sample m     BPF: sample n    module: sample m + 1
 *   -------|------------------|------------------|-----------> time
 *
 * Every value of BPF's must lie between the module's before and after it; softirq
 * counts exactly, times within a tick of the kernel; those of CPU, whose way is not
 * seen at the same moments by both, within one of the rings, and idle times within what
 * its ways took. And between what /proc said before the sample and after it, but for
 * the idle time of CPU, to which /proc/stat may add the time that it was off.
 */
#include "ring.h"
#include "ring_load.h"
#include "ring_table.h"

enum {
	VALUES = 10,
	PERIOD_US = 10000,
	AWAY_MS = 700, /* the CPU is, and is there */
	READING_NS = 5000000, /* of a sample of BPF's, on a slow machine */
	WAITS = 20, /* for the module's next samples */
	HISTORY = 64, /* samples back that are looked at */
};

/**
 * struct pair - a source's two rings
 * @name: of the source
 * @proc: reads what /proc has of it
 * @slack_ns: how far outside a value may be
 * @proc_slack_ns: the same of what was in /proc before
 * @module: the one
 * @bpf: the other one
 * @before: a sample of the module's
 * @after: the next one
 * @sample: of BPF's, in between
 * @proc_before: what /proc had
 * @proc_after: the same
 * @compared: values
 * @outside: of them
 * @proc_compared: with /proc
 * @proc_outside: of them
 * @worst: by how much
 * @flags: of CPUs that differ from both of the module's
 * @late_ns: how late samples were in all, of the module and of BPF
 * @timed: how many of them, up to the newest that was looked at
 */
struct pair {
	const char *name;
	void (*proc)(struct proc_table *t);
	uint64_t slack_ns;
	uint64_t proc_slack_ns;
	struct test_ring module;
	struct test_ring bpf;
	uint8_t *before;
	uint8_t *after;
	uint8_t *sample;
	struct proc_table proc_before;
	struct proc_table proc_after;
	unsigned long compared;
	unsigned long outside;
	unsigned long proc_compared;
	unsigned long proc_outside;
	uint64_t worst;
	unsigned long flags;
	uint64_t late_ns[2];
	uint64_t timed[2];
};

static unsigned int away; /* the CPU that goes and comes; 0: none */
static uint64_t ways_ns; /* how long all its ways took */

/* In the order of a record, behind its head. */
static bool is_idle_field(unsigned int i)
{
	return i == 3 || i == 4;
}

/* What a CPU idles on its way, one of the rings may have and the other not. */
static void go_or_come(bool online)
{
	uint64_t begin_ns = mono_ns();

	set_online(away, online);
	ways_ns += mono_ns() - begin_ns;
}

static uint64_t away_slack_ns(unsigned int i)
{
	return PERIOD_US * 1000U + (is_idle_field(i) ? ways_ns : 0);
}

static uint64_t time_of(const uint8_t *slot)
{
	return ((const struct ktach_slot *)slot)->mono_ns;
}

static void open_pair(struct pair *p, const char *device)
{
	char *pins = strdup(ring_pins());

	setenv("RINGS_PINS", pins, 1);
	ring_open(&p->bpf, device, 0);
	set_period(p->name, PERIOD_US);
	unsetenv("RINGS_PINS");
	ring_open(&p->module, device, 0);
	set_period(p->name, PERIOD_US);
	setenv("RINGS_PINS", pins, 1);
	free(pins);
	p->before = malloc(p->module.h.slot_stride);
	p->after = malloc(p->module.h.slot_stride);
	p->sample = malloc(p->bpf.h.slot_stride);
	need(p->before && p->after && p->sample, "memory");
}

/* A sample of the module's that is later by some time: BPF may still have read when
 * one in between was made.
 */
static bool find_after(struct pair *p, uint64_t n, uint64_t at_ns)
{
	uint64_t newest = head(&p->module);

	for (; n <= newest; n++) {
		if (ring_copy(&p->module, n, p->after) != READ_OK)
			return false;
		if (time_of(p->after) >= at_ns + READING_NS)
			return true;
	}
	return false;
}

/* The module's samples around @at_ns; false if they are not there. */
static bool find_around(struct pair *p, uint64_t at_ns)
{
	uint64_t newest = head(&p->module), n;

	for (n = newest; n && n + HISTORY > newest; n--) {
		if (ring_copy(&p->module, n, p->before) != READ_OK)
			return false;
		if (time_of(p->before) <= at_ns)
			return find_after(p, n + 1, at_ns);
	}
	return false;
}

/* BPF's are made a millisecond before the multiples. */
static void time_sample(struct pair *p, int which, const uint8_t *slot)
{
	uint64_t period_ns = PERIOD_US * 1000ULL;
	uint64_t lead_ns = which ? 1000000 : 0;

	p->late_ns[which] += (time_of(slot) + lead_ns) % period_ns;
	p->timed[which]++;
}

static const uint64_t *values(const struct test_ring *r, const uint8_t *slot,
			      unsigned int cpu)
{
	return (const uint64_t *)record_of(r, slot, cpu) + 1;
}

static uint32_t flags(const struct test_ring *r, const uint8_t *slot,
		      unsigned int cpu)
{
	const struct ktach_record *record = record_of(r, slot, cpu);

	return record->flags;
}

static void compare_value(struct pair *p, unsigned int cpu, unsigned int i)
{
	uint64_t least = values(&p->module, p->before, cpu)[i];
	uint64_t most = values(&p->module, p->after, cpu)[i];
	uint64_t is = values(&p->bpf, p->sample, cpu)[i], off = 0;

	if (is < least)
		off = least - is;
	else if (is > most)
		off = is - most;
	p->compared++;
	if (off > p->worst)
		p->worst = off;
	if (off <= (p->slack_ns && cpu && cpu == away ? away_slack_ns(i) :
							p->slack_ns))
		return;
	if (p->outside++ < 10)
		printf("# %s of CPU %u, field %u: %lu not in %lu to %lu\n",
		       p->name, cpu, i, is, least, most);
}

/* Counts lie there exactly. */
static bool is_in_proc(const struct pair *p, unsigned int cpu, unsigned int i,
		       uint64_t is)
{
	if (p->proc_slack_ns)
		return proc_times_hold(&p->proc_before, &p->proc_after, cpu, i,
				       is, p->proc_slack_ns);
	return is >= p->proc_before.value[cpu][i] &&
	       is <= p->proc_after.value[cpu][i];
}

static void compare_proc(struct pair *p, unsigned int cpu, unsigned int i)
{
	uint64_t is = values(&p->bpf, p->sample, cpu)[i];

	if (!p->proc_before.present[cpu] || !p->proc_after.present[cpu] ||
	    (p->proc_slack_ns && cpu == away && is_idle_field(i)))
		return;
	p->proc_compared++;
	if (!is_in_proc(p, cpu, i, is) && p->proc_outside++ < 10)
		printf("# %s of CPU %u, field %u: %lu, and in /proc %lu to %lu\n",
		       p->name, cpu, i, is, p->proc_before.value[cpu][i],
		       p->proc_after.value[cpu][i]);
}

/* A new sample of BPF's, of which nothing was read much later than it says: a
 * virtual CPU may stand still in between.
 */
static bool take_sample(struct pair *p)
{
	uint64_t n = head(&p->bpf) + 1, fill_ns, since_ns;

	p->proc(&p->proc_before);
	since_ns = mono_ns();
	need(wait_head(&p->bpf, n), "sample %lu of BPF's", n);
	n = head(&p->bpf);
	fill_ns = header(&p->bpf)->fill_ns_last;
	if (ring_copy(&p->bpf, n, p->sample) != READ_OK || head(&p->bpf) != n ||
	    fill_ns >= READING_NS)
		return false;
	p->proc(&p->proc_after);
	return time_of(p->sample) > since_ns;
}

/* Until the module has one that is later by that. */
static bool wait_around(struct pair *p)
{
	uint64_t at_ns = time_of(p->sample);
	unsigned int i;

	for (i = 0; i < WAITS; i++) {
		sleep_ms(READING_NS / 1000000);
		if (find_around(p, at_ns))
			return true;
	}
	return false;
}

static void compare(struct pair *p)
{
	unsigned int cpu, i;
	uint32_t is;

	if (!take_sample(p) || !wait_around(p))
		return;
	time_sample(p, 0, p->before);
	time_sample(p, 1, p->sample);
	for (cpu = 0; cpu < p->module.h.records; cpu++) {
		is = flags(&p->bpf, p->sample, cpu);
		p->flags += is != flags(&p->module, p->before, cpu) &&
			    is != flags(&p->module, p->after, cpu);
		for (i = 0; i < VALUES; i++) {
			compare_value(p, cpu, i);
			compare_proc(p, cpu, i);
		}
	}
}

static void watch(struct pair *pairs, unsigned int seconds)
{
	uint64_t end = mono_ns() + seconds * 1000000000ULL;
	uint64_t turn = mono_ns() + AWAY_MS * 1000000ULL;
	bool online = true;

	while (mono_ns() < end) {
		compare(&pairs[0]);
		compare(&pairs[1]);
		if (!away || mono_ns() < turn)
			continue;
		online = !online;
		go_or_come(online);
		turn = mono_ns() + AWAY_MS * 1000000ULL;
	}
	if (away)
		set_online(away, true);
}

static void report(const struct pair *p, unsigned int seconds)
{
	printf("# %s: %lu values, up to %lu outside; a sample cost %lu ns by the module, %lu ns by BPF\n",
	       p->name, p->compared, p->worst,
	       (unsigned long)header(&p->module)->fill_ns_last,
	       (unsigned long)header(&p->bpf)->fill_ns_last);
	printf("# %s: samples were %lu us late by the module, %lu us by BPF\n",
	       p->name, p->late_ns[0] / (p->timed[0] + 1) / 1000,
	       p->late_ns[1] / (p->timed[1] + 1) / 1000);
	check(p->compared > 100 * seconds, "%s: samples were compared",
	      p->name);
	check(!p->outside, "%s: both rings agree; %lu values do not", p->name,
	      p->outside);
	printf("# %s: %lu values beside those of /proc\n", p->name,
	       p->proc_compared);
	check(p->proc_compared > 100 * seconds && !p->proc_outside,
	      "%s: and /proc with BPF's; %lu values do not", p->name,
	      p->proc_outside);
	check(!p->flags, "%s: on who is online, too; %lu flags do not", p->name,
	      p->flags);
}

int main(int argc, char **argv)
{
	static struct pair pairs[2] = {
		{ .name = "cpustat", .proc = proc_read_stat },
		{ .name = "softirq", .proc = proc_read_softirqs },
	};
	unsigned int seconds;
	struct timespec tick;

	skip_without(STAT_DEV);
	need(argc > 1 && ring_pins(),
	     "arguments: SECONDS [CPU], and RINGS_PINS");
	seconds = atoi(argv[1]);
	away = argc > 2 ? atoi(argv[2]) : 0;
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	pairs[0].slack_ns = tick.tv_nsec;
	pairs[0].proc_slack_ns = tick.tv_nsec;
	open_pair(&pairs[0], STAT_DEV);
	open_pair(&pairs[1], SOFTIRQ_DEV);
	load_start();
	watch(pairs, seconds);
	load_stop();
	report(&pairs[0], seconds);
	report(&pairs[1], seconds);
	return done_testing();
}
