/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Idle times of a ring against those of /proc/stat, where CPUs go and come.
 *
 * When an interrupt comes to a CPU that is on its way back, /proc/stat takes the
 * time that it was off for idle time, for good. What tells is that all the CPU's
 * times in /proc/stat together go up by more than the time that it was online: only
 * then may it be ahead of the samples. What others who took CPUs away left it ahead
 * by is known from the start. SLACK_MS in the environment is how far they may be
 * apart on a slow machine.
 */
#ifndef KTACH_SELFTESTS_RING_AGAINST_H
#define KTACH_SELFTESTS_RING_AGAINST_H

#include <pthread.h>

#include "ring.h"

enum {
	AGAINST_MAX = 8, /* CPUs */
	SLACK_MS = 100, /* ticks of /proc/stat, and of a busy host */
	AGAIN_MS = 300,
	SETTLE_MS = 60, /* for a CPU that is back */
	GRAIN_MS = 20, /* ticks of /proc/stat, at both ends */
	KEEP_S = 60, /* for a sample; with others who change periods */
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

/**
 * struct against - a CPU
 * @cpu: its number
 * @times: what there was before it went
 * @mono_ns: when that was
 * @away_ns: how long it was off
 * @too_much_ns: by how much /proc/stat's times grew more than there can have been,
 *	from before it went till it was back
 * @taken_ns: what /proc/stat took for idle time, ever
 */
struct against {
	unsigned int cpu;
	struct proc_times times;
	uint64_t mono_ns;
	uint64_t away_ns;
	int64_t too_much_ns;
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

static inline uint64_t proc_all_ns(const struct proc_times *t)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < PROC_FIELDS; i++)
		sum += t->ns[i];
	return sum;
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

/* What /proc/stat has more than the newest sample, ns, but for the sample's age. */
static inline int64_t ahead_ns(const struct test_ring *r, unsigned int cpu)
{
	uint8_t *slot = malloc(r->h.slot_stride);
	const struct ktach_cpustat_record *record;
	struct proc_times times;
	int64_t ahead, age;

	kept_sample(r, slot);
	need(proc_times(cpu, &times), "CPU %u in /proc/stat", cpu);
	record = record_of(r, slot, cpu);
	ahead = (int64_t)(proc_idle_ns(&times) - record->idle_ns -
			  record->iowait_ns);
	age = (int64_t)(mono_ns() - ((struct ktach_slot *)slot)->mono_ns);
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
	a->too_much_ns = 0;
}

/* What is @ahead in /proc/stat: the time that the CPU was off, for sure? */
static inline bool is_taken(const struct against *a, int64_t ahead)
{
	return ahead > slack_ns() &&
	       ahead > (int64_t)a->away_ns - slack_ns() &&
	       a->too_much_ns > GRAIN_MS * 1000000LL;
}

/*
 * How far a CPU's times are apart, ns; 0 if that is little or no fault of the
 * ring's. @what was done since the last comparison.
 */
static inline uint64_t against_compare(struct against *a,
				       const struct test_ring *r,
				       const char *what)
{
	int64_t ahead = ahead_ns(r, a->cpu) - a->taken_ns;
	bool taken;

	/* It takes some back, when the CPU is idle again. */
	if (llabs(ahead) > slack_ns()) {
		sleep_ms(AGAIN_MS);
		ahead = ahead_ns(r, a->cpu) - a->taken_ns;
	}
	taken = is_taken(a, ahead);
	if (llabs(ahead) > slack_ns())
		printf("# %s, CPU %u: /proc/stat is %ld ms ahead; off for %lu ms, it grew %ld ms too much\n",
		       what, a->cpu, ahead / 1000000, a->away_ns / 1000000,
		       a->too_much_ns / 1000000);
	a->away_ns = 0;
	a->too_much_ns = 0;
	if (llabs(ahead) <= slack_ns())
		return 0;
	if (!taken)
		return llabs(ahead);
	a->taken_ns += ahead;
	times_taken++;
	return 0;
}

/* --- before a CPU goes, and when it is back -------------------------------- */

static inline void against_going(struct against *cpus, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		cpus[i].mono_ns = mono_ns();
		need(proc_times(cpus[i].cpu, &cpus[i].times),
		     "CPU %u in /proc/stat", cpus[i].cpu);
	}
}

static inline void against_back(struct against *cpus, unsigned int count)
{
	struct proc_times now;
	unsigned int i;

	sleep_ms(SETTLE_MS);
	for (i = 0; i < count; i++) {
		struct against *a = &cpus[i];

		need(proc_times(a->cpu, &now), "CPU %u in /proc/stat", a->cpu);
		a->too_much_ns =
			(int64_t)(proc_all_ns(&now) - proc_all_ns(&a->times)) -
			(int64_t)(mono_ns() - a->mono_ns - a->away_ns);
	}
}

/* --- who is off, and for how long ------------------------------------------ */

/*
 * To take a CPU away, and to bring it back, may take long. While that is under way
 * a thread looks at what the kernel itself goes by.
 */
struct absence {
	struct against *cpus;
	unsigned int count;
	pthread_t thread;
	bool is_over;
	uint64_t first_ns[AGAINST_MAX], last_ns[AGAINST_MAX];
};

/* Whether a list such as "0-1,3" has @cpu. */
static inline bool list_has(const char *list, unsigned int cpu)
{
	unsigned int from, to;
	char *at;

	for (; *list >= '0' && *list <= '9'; list = *at == ',' ? at + 1 : at) {
		from = strtoul(list, &at, 10);
		to = *at == '-' ? strtoul(at + 1, &at, 10) : from;
		if (cpu >= from && cpu <= to)
			return true;
	}
	return false;
}

static inline void *watch_absence(void *arg)
{
	int fd = open("/sys/devices/system/cpu/online", O_RDONLY);
	struct absence *a = arg;
	char list[64] = "";
	uint64_t before_ns;
	unsigned int i;

	while (!load_acquire(&a->is_over)) {
		before_ns = mono_ns();
		if (pread(fd, list, sizeof(list) - 1, 0) <= 0)
			break;
		for (i = 0; i < a->count; i++) {
			if (list_has(list, a->cpus[i].cpu))
				continue;
			a->last_ns[i] = before_ns;
			if (!a->first_ns[i])
				a->first_ns[i] = mono_ns();
		}
		sleep_ms(1);
	}
	close(fd);
	return NULL;
}

/* Take these CPUs away for @away_ms or a little more, and bring them back. */
static inline void against_away(struct against *cpus, unsigned int count,
				unsigned int away_ms)
{
	struct absence a = { .cpus = cpus, .count = count };
	unsigned int i;

	against_going(cpus, count);
	need(pthread_create(&a.thread, NULL, watch_absence, &a) == 0, "thread");
	for (i = 0; i < count; i++)
		set_online(cpus[i].cpu, false);
	sleep_ms(away_ms);
	for (i = 0; i < count; i++)
		set_online(cpus[i].cpu, true);
	store_release(&a.is_over, true);
	pthread_join(a.thread, NULL);
	for (i = 0; i < count; i++)
		if (a.last_ns[i] > a.first_ns[i])
			cpus[i].away_ns = a.last_ns[i] - a.first_ns[i];
	against_back(cpus, count);
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
	uint64_t wait_s = strtoul(
		slurp("/sys/module/suspend/parameters/pm_test_delay"), NULL,
		10);
	unsigned int i;

	against_going(cpus, count);
	need(write_file("/sys/power/mem_sleep", "deep") &&
		     write_file("/sys/power/pm_test", "processors") &&
		     write_file("/sys/power/state", "mem"),
	     "suspend");
	for (i = 0; i < count; i++)
		if (cpus[i].cpu)
			cpus[i].away_ns = wait_s * 1000000000;
	against_back(cpus, count);
}

static inline bool can_suspend(void)
{
	return !access("/sys/power/pm_test", W_OK) &&
	       strstr(slurp("/sys/power/mem_sleep"), "deep");
}

#endif /* KTACH_SELFTESTS_RING_AGAINST_H */
