// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_idle DIRECTORY SECONDS: load the modules of DIRECTORY and count how often
 * idle CPUs wake for it. The first CPU has the timers; nothing else may notice,
 * least of all a CPU that is isolated.
 */
#include <sched.h>

#include "ring_modules.h"

enum {
	CPUS_MAX = 64,
	PERIODS = 3,
	ROUNDS = 3,
	ROUNDS_MAX = 8
};

static const char *const parameters[PERIODS] = { NULL, "period_us=1000000",
						 "period_us=10000" };
static const unsigned int period_ms[PERIODS] = { 0, 1000, 10 };
static const char *const title[PERIODS] = { "without the modules", "at 1 s",
					    "at 10 ms" };

/* Add the figures of a line, one for each online CPU, to @sum. */
static unsigned int add_line(const char *line, uint64_t *sum)
{
	unsigned int cpus = 0;
	char *end;

	for (line = strchr(line, ':') + 1; cpus < CPUS_MAX; line = end) {
		uint64_t value = strtoul(line, &end, 10);

		if (end == line)
			break;
		sum[cpus++] += value;
	}
	return cpus;
}

/* Lines of @path that begin with one of @names. */
static unsigned int add_file(const char *path, const char *const *names,
			     uint64_t *sum)
{
	unsigned int i, cpus = 0;
	char line[4096];
	FILE *file = fopen(path, "re");

	need(file != NULL, "open %s", path);
	while (fgets(line, sizeof(line), file))
		for (i = 0; names[i]; i++)
			if (strstr(line, names[i]))
				cpus = add_line(line, sum);
	fclose(file);
	return cpus;
}

/* Interrupts of the local timer, and the softirqs that timers raise. */
static unsigned int wake_ups(uint64_t *sum)
{
	static const char *const interrupts[] = { "LOC:", NULL };
	static const char *const softirqs[] = { "TIMER:", "SCHED:", NULL };

	memset(sum, 0, CPUS_MAX * sizeof(*sum));
	add_file("/proc/softirqs", softirqs, sum);
	return add_file("/proc/interrupts", interrupts, sum);
}

static void load(unsigned int period)
{
	if (!parameters[period])
		return;
	need(module_load(0, "") == 0 &&
		     module_load(1, parameters[period]) == 0 &&
		     module_load(2, parameters[period]) == 0,
	     "load the modules");
}

static void unload(unsigned int period)
{
	if (!parameters[period])
		return;
	need(module_unload(2) == 0 && module_unload(1) == 0 &&
		     module_unload(0) == 0,
	     "unload the modules");
}

/* The least and the most of some rounds: what the guest itself does comes and goes. */
static uint64_t least[PERIODS][CPUS_MAX], most[PERIODS][CPUS_MAX];

static unsigned int measure(unsigned int period, unsigned int seconds)
{
	uint64_t before[CPUS_MAX], after[CPUS_MAX];
	unsigned int cpu, cpus;

	load(period);
	sleep_ms(1000);
	wake_ups(before);
	sleep_ms(1000 * seconds);
	cpus = wake_ups(after);
	unload(period);
	for (cpu = 0; cpu < cpus; cpu++) {
		uint64_t woken = after[cpu] - before[cpu];

		if (woken < least[period][cpu])
			least[period][cpu] = woken;
		if (woken > most[period][cpu])
			most[period][cpu] = woken;
	}
	return cpus;
}

static unsigned int ticks(unsigned int period, unsigned int seconds)
{
	return seconds * 1000 / period_ms[period];
}

/*
 * Each tick at 10 ms would show. The few at 1 s are within what the guest itself does
 * on a busy host: there the best of the rounds may be as bad as the worst without.
 */
static bool stays_idle(unsigned int period, unsigned int cpu,
		       unsigned int seconds)
{
	uint64_t allowed =
		least[0][cpu] * 5 / 4 + 5 + ticks(period, seconds) / 2;

	if (period_ms[period] >= 1000 && allowed < most[0][cpu])
		allowed = most[0][cpu];
	return least[period][cpu] <= allowed;
}

static bool all_stay_idle(unsigned int cpus, unsigned int seconds)
{
	unsigned int i, cpu;

	for (i = 1; i < PERIODS; i++)
		for (cpu = 1; cpu < cpus; cpu++)
			if (!stays_idle(i, cpu, seconds))
				return false;
	return true;
}

/* What the guest itself does goes in some further round, a real rise in none. */
int main(int argc, char **argv)
{
	unsigned int i, cpu, cpus = 0, seconds, rounds;
	cpu_set_t first;

	need(argc == 3, "arguments: DIRECTORY SECONDS");
	modules_open(argv[1]);
	seconds = atoi(argv[2]);
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	need(sched_setaffinity(0, sizeof(first), &first) == 0, "move to CPU 0");
	memset(least, 0xff, sizeof(least));
	for (rounds = 0; rounds < ROUNDS ||
			 (rounds < ROUNDS_MAX && !all_stay_idle(cpus, seconds));
	     rounds++)
		for (i = 0; i < PERIODS; i++)
			cpus = measure(i, seconds);

	for (i = 0; i < PERIODS; i++)
		for (cpu = 0; cpu < cpus; cpu++)
			printf("# CPU %u: %lu to %lu wake-ups in %u s %s\n",
			       cpu, least[i][cpu], most[i][cpu], seconds,
			       title[i]);
	/* In some round: a busy host keeps ticks back, and lets them come together. */
	check(most[2][0] > least[0][0] + seconds * 25,
	      "CPU 0 is seen to have the timers");
	for (i = 1; i < PERIODS; i++)
		for (cpu = 1; cpu < cpus; cpu++)
			check(stays_idle(i, cpu, seconds),
			      "CPU %u stays idle %s", cpu, title[i]);
	return done_testing();
}
