/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Idle times of a ring against those of /proc/stat, where CPUs go and come.
 *
 * When an interrupt comes to a CPU that is on its way back, /proc/stat takes the
 * time that it was off for idle time, for good: then, and only then, /proc/stat is
 * ahead of the samples. What others who took CPUs away left it ahead by is known from
 * the start.
 *
 * That it took it is certain where the CPU's idle time in /proc/stat and the time that
 * it ran together went up by more than the time that it was online; that it did not,
 * where idle time went up by less than the time off. On a busy host there is a time
 * between the two: a guest's CPU stands still, which is neither, or waits for
 * others on its way. The ring may say either then, but nothing else. SLACK_MS in the
 * environment is how far they may be apart on a slow machine.
 *
 * How long a CPU ran is in /proc/schedstat, by the clock. In /proc/stat that is counted
 * in ticks, which a guest loses where its host lets it wait, while idle time goes by
 * the clock: on a busy host more than the time that the CPU was off.
 */
#ifndef KTACH_SELFTESTS_RING_AGAINST_H
#define KTACH_SELFTESTS_RING_AGAINST_H

#include <sched.h>

#include "ring.h"

#define SCHEDSTAT "/proc/schedstat"

enum {
	AGAINST_MAX = 8, /* CPUs */
	SLACK_MS = 100, /* ticks of /proc/stat, and of a busy host */
	AGAIN_MS = 300,
	SETTLE_MS = 60, /* for a CPU that is back */
	GRAIN_MS = 20, /* ticks of /proc/stat, at both ends */
	KEEP_S = 60, /* for a sample; with others who change periods */
	FRESH_MS = 20, /* a sample that says much */
};

/* The fields of a CPU in /proc/stat, in its order; what follows is in user, nice. */
enum proc_field {
	PROC_USER,
	PROC_NICE,
	PROC_SYSTEM,
	PROC_IDLE,
	PROC_IOWAIT,
	PROC_IRQ,
	PROC_SOFTIRQ,
	PROC_STEAL,
	PROC_FIELDS
};

struct proc_times {
	uint64_t ns[PROC_FIELDS];
};

/* What a CPU did with its time, up to @mono_ns. */
struct account {
	uint64_t mono_ns;
	uint64_t idle_ns;
	uint64_t ran_ns;
};

/**
 * struct against - a CPU
 * @cpu: its number
 * @before: what there was before it went
 * @after: the same when it was back
 * @away_ns: how long it was off, at least; 0: it was not
 * @taken_ns: what /proc/stat took for idle time, ever
 */
struct against {
	unsigned int cpu;
	struct account before;
	struct account after;
	uint64_t away_ns;
	int64_t taken_ns;
};

static unsigned long times_taken;
static unsigned int kept_period_us;

static inline int64_t slack_ns(void)
{
	const char *slack = getenv("SLACK_MS");

	return (slack ? atoi(slack) : SLACK_MS) * 1000000LL;
}

/* False for a CPU that is not online. */
static inline bool proc_times(unsigned int cpu, struct proc_times *t)
{
	const uint64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	char name[16];
	char *at;
	int i;

	snprintf(name, sizeof(name), "\ncpu%u ", cpu);
	at = strstr(slurp("/proc/stat"), name);
	if (!at)
		return false;
	at += strlen(name);
	for (i = 0; i < PROC_FIELDS; i++)
		t->ns[i] = strtoull(at, &at, 10) * tick_ns;
	return true;
}

static inline uint64_t proc_idle_ns(const struct proc_times *t)
{
	return t->ns[PROC_IDLE] + t->ns[PROC_IOWAIT];
}

static inline uint64_t proc_ran_ns(const struct proc_times *t)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < PROC_FIELDS; i++)
		sum += t->ns[i];
	return sum - proc_idle_ns(t);
}

/* The period of cpustat, also when somebody else sets it, too. */
static inline void keep_period(unsigned int period_us)
{
	kept_period_us = period_us;
	set_period("cpustat", period_us);
}

/* Copy a sample that is made from now on to @slot. */
static inline void kept_sample(const struct test_ring *r, void *slot)
{
	uint64_t limit_ns = mono_ns() + KEEP_S * 1000000000ULL;
	uint64_t n = head(r) + 2;

	while (mono_ns() < limit_ns) {
		if (header(r)->period_ns != kept_period_us * 1000ULL)
			keep_period(kept_period_us);
		if (head(r) < n)
			sleep_ms(1);
		else if (ring_copy(r, n, slot) == READ_OK)
			return;
		else
			n = head(r) + 1;
	}
	need(false, "sample %lu", n);
}

/*
 * What /proc/stat has more than a sample, ns, but for the sample's age. The sample is a
 * fresh one, unless there is none on this machine.
 */
static inline int64_t ahead_ns(const struct test_ring *r, unsigned int cpu)
{
	uint64_t limit_ns = mono_ns() + KEEP_S * 1000000000ULL;
	uint8_t *slot = malloc(r->h.slot_stride);
	const struct ktach_cpustat_record *record;
	struct proc_times times;
	int64_t ahead, age;

	do {
		kept_sample(r, slot);
		need(proc_times(cpu, &times), "CPU %u in /proc/stat", cpu);
		age = (int64_t)(mono_ns() -
				((struct ktach_slot *)slot)->mono_ns);
	} while (age > FRESH_MS * 1000000LL && mono_ns() < limit_ns);
	record = record_of(r, slot, cpu);
	ahead = (int64_t)(proc_idle_ns(&times) - record->idle_ns -
			  record->iowait_ns);
	free(slot);
	if (ahead > age)
		return ahead - age;
	return ahead < 0 ? ahead : 0;
}

/* However far apart they are now is no fault of the ring's. */
static inline void against_begin(struct against *a, const struct test_ring *r)
{
	a->taken_ns = ahead_ns(r, a->cpu);
	a->away_ns = 0;
}

/* --- what it did with its time -------------------------------------------- */

static inline bool knows_runs(void)
{
	return !access(SCHEDSTAT, R_OK);
}

static inline void run_on(const cpu_set_t *set)
{
	need(sched_setaffinity(0, sizeof(*set), set) == 0, "run on a CPU");
}

/*
 * What @cpu, on which we are, ran till we came to it; a kernel without
 * CONFIG_SCHEDSTATS knows ticks only.
 */
static inline uint64_t ran_ns(unsigned int cpu)
{
	struct proc_times times;
	uint64_t ns = 0;
	char name[16];
	char *at;
	int i;

	if (!knows_runs()) {
		need(proc_times(cpu, &times), "CPU %u in /proc/stat", cpu);
		return proc_ran_ns(&times);
	}
	snprintf(name, sizeof(name), "\ncpu%u ", cpu);
	at = strstr(slurp(SCHEDSTAT), name);
	need(at != NULL, "CPU %u in " SCHEDSTAT, cpu);
	at += strlen(name);
	for (i = 0; i < 7; i++)
		ns = strtoull(at, &at, 10);
	return ns;
}

/*
 * The kernel knows of a thread how long it ran when it has left its CPU: we go there.
 * What is read last before a CPU goes is read first when it is back, so that nothing
 * that is too much comes from us.
 */
static inline struct account account(unsigned int cpu, bool is_back)
{
	struct proc_times times;
	struct account a = { 0 };
	cpu_set_t all, one;

	need(sched_getaffinity(0, sizeof(all), &all) == 0, "ask for our CPUs");
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	run_on(&one);
	if (is_back)
		a.ran_ns = ran_ns(cpu);
	else
		a.mono_ns = mono_ns();
	need(proc_times(cpu, &times), "CPU %u in /proc/stat", cpu);
	a.idle_ns = proc_idle_ns(&times);
	if (is_back)
		a.mono_ns = mono_ns();
	else
		a.ran_ns = ran_ns(cpu);
	run_on(&all);
	return a;
}

/*
 * By how much the idle time in /proc/stat grew more than there can have been while the
 * CPU was away, at least.
 */
static inline int64_t too_much_ns(const struct against *a)
{
	uint64_t grew_ns = a->after.idle_ns - a->before.idle_ns +
			   a->after.ran_ns - a->before.ran_ns;

	return (int64_t)(grew_ns + a->away_ns -
			 (a->after.mono_ns - a->before.mono_ns));
}

/* --- apart, or not ---------------------------------------------------------- */

/**
 * struct look - how far /proc/stat is ahead, and why it may be
 * @ahead: of what it was before the CPU went
 * @least: that it is if it took the time off
 * @most: the same
 * @may_be_taken: it can have taken it
 * @is_taken: it has
 */
struct look {
	int64_t ahead;
	int64_t least;
	int64_t most;
	bool may_be_taken;
	bool is_taken;
};

/*
 * It is all of the time off or nothing, and what the clocks make of the sum is far from
 * either; but for ticks.
 */
static inline struct look look(const struct against *a,
			       const struct test_ring *r)
{
	struct look l = { .ahead = ahead_ns(r, a->cpu) - a->taken_ns };
	int64_t too_much, grain = GRAIN_MS * 1000000;

	if (!a->away_ns)
		return l;
	l.least = a->away_ns;
	l.most = a->after.mono_ns - a->before.mono_ns;
	l.may_be_taken = (int64_t)(a->after.idle_ns - a->before.idle_ns) >=
			 l.least - grain;
	too_much = too_much_ns(a);
	if (knows_runs())
		l.is_taken = too_much > l.least / 2;
	else
		l.is_taken = too_much > grain && l.ahead > slack_ns();
	return l;
}

static inline bool is_near(int64_t ns, int64_t least, int64_t most)
{
	return ns >= least - slack_ns() && ns <= most + slack_ns();
}

static inline bool is_as_taken(const struct look *l)
{
	return (l->may_be_taken || l->is_taken) &&
	       is_near(l->ahead, l->least, l->most);
}

static inline bool is_right(const struct look *l)
{
	return is_as_taken(l) || (!l->is_taken && is_near(l->ahead, 0, 0));
}

/*
 * How far a CPU's times are apart, ns; 0 if that is little or no fault of the
 * ring's. @what was done since the last comparison.
 */
static inline uint64_t
against_compare(struct against *a, const struct test_ring *r, const char *what)
{
	struct look l = look(a, r);
	bool right = is_right(&l);

	/* Of a step that is longer than the time the ring has the rest later. */
	if (!right) {
		sleep_ms(AGAIN_MS);
		l = look(a, r);
		right = is_right(&l);
	}
	if (!right || is_as_taken(&l))
		printf("# %s, CPU %u: /proc/stat is %ld ms ahead; off for %lu of %ld ms, it grew %ld ms, %ld ms too much\n",
		       what, a->cpu, l.ahead / 1000000, a->away_ns / 1000000,
		       l.most / 1000000,
		       (long)(a->after.idle_ns - a->before.idle_ns) / 1000000,
		       too_much_ns(a) / 1000000);
	a->away_ns = 0;
	if (!right)
		return llabs(l.ahead);
	if (is_as_taken(&l)) {
		a->taken_ns += l.ahead;
		times_taken++;
	}
	return 0;
}

/* --- before a CPU goes, and when it is back -------------------------------- */

static inline void against_going(struct against *cpus, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		cpus[i].before = account(cpus[i].cpu, false);
}

/*
 * Take these CPUs away for @away_ms or a little more, and bring them back. Either may
 * take long: a CPU is off for sure from the end of the one to the other's beginning.
 */
static inline void against_away(struct against *cpus, unsigned int count,
				unsigned int away_ms)
{
	unsigned int i;

	against_going(cpus, count);
	for (i = 0; i < count; i++) {
		set_online(cpus[i].cpu, false);
		cpus[i].away_ns = mono_ns();
	}
	sleep_ms(away_ms);
	for (i = 0; i < count; i++) {
		cpus[i].away_ns = mono_ns() - cpus[i].away_ns;
		set_online(cpus[i].cpu, true);
		cpus[i].after = account(cpus[i].cpu, true);
	}
	sleep_ms(SETTLE_MS);
}

/* --- suspend ------------------------------------------------------------- */

static inline bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/*
 * Suspend to memory as far as to take all CPUs but the first away, wait there, and
 * come back; needs CONFIG_PM_DEBUG. To be idle is no such suspend: no CPU goes away,
 * and nothing would end it.
 */
static inline void against_suspend(struct against *cpus, unsigned int count)
{
	uint64_t wait_s =
		strtoul(slurp("/sys/module/suspend/parameters/pm_test_delay"),
			NULL, 10);
	unsigned int i;

	against_going(cpus, count);
	need(write_file("/sys/power/mem_sleep", "deep") &&
		     write_file("/sys/power/pm_test", "processors") &&
		     write_file("/sys/power/state", "mem"),
	     "suspend");
	for (i = 0; i < count; i++) {
		if (cpus[i].cpu)
			cpus[i].away_ns = wait_s * 1000000000;
		cpus[i].after = account(cpus[i].cpu, true);
	}
	sleep_ms(SETTLE_MS);
}

static inline bool can_suspend(void)
{
	return !access("/sys/power/pm_test", W_OK) &&
	       strstr(slurp("/sys/power/mem_sleep"), "deep");
}

#endif /* KTACH_SELFTESTS_RING_AGAINST_H */
