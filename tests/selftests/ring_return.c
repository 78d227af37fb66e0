// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_return ROUNDS CPU...: take these CPUs away and bring them back, at four
 * periods. After each round their idle times are those of /proc/stat, and from one
 * sample to the next none has more of it than time has passed.
 *
 * When an interrupt comes to a CPU that is on its way back, /proc/stat takes the
 * time that it was off for idle time, for good. What tells is that /proc/stat itself
 * goes up by more than the time that the CPU was online: only then may it be ahead
 * of the samples. SLACK_MS in the environment is how far they may be apart on a
 * slow machine.
 */
#include "ring.h"

enum {
	CPUS_MAX = 8,
	SLACK_MS = 100, /* ticks of /proc/stat, and of a busy host */
	SETTLE_MS = 60,
	AGAIN_MS = 300,
	GRAIN_MS = 20, /* ticks of /proc/stat, at both ends */
};

static struct test_ring ring;
static unsigned int cpus[CPUS_MAX], count;
static int64_t slack_ns;
static int64_t taken_ns[CPUS_MAX]; /* by /proc/stat, for idle time */
static uint64_t begun_idle_ns[CPUS_MAX]; /* by /proc/stat, as a round begins */
static uint64_t too_long, apart_ns, times_taken;

/* idle and iowait of /proc/stat, ns */
static uint64_t proc_idle_ns(unsigned int cpu)
{
	const uint64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	uint64_t idle, iowait;
	char name[16];
	char *line;

	snprintf(name, sizeof(name), "\ncpu%u ", cpu);
	line = strstr(slurp("/proc/stat"), name);
	need(line && sscanf(line + strlen(name), "%*u %*u %*u %lu %lu", &idle,
			    &iowait) == 2,
	     "CPU %u in /proc/stat", cpu);
	return (idle + iowait) * tick_ns;
}

static const struct ktach_cpustat_record *record(const uint8_t *slot,
						 unsigned int cpu)
{
	return record_of(&ring, slot, cpu);
}

static uint64_t time_of(const uint8_t *slot)
{
	return ((const struct ktach_slot *)slot)->mono_ns;
}

static void check_step(const uint8_t *before, const uint8_t *slot)
{
	uint64_t passed_ns = time_of(slot) - time_of(before);
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct ktach_cpustat_record *a = record(before, cpus[i]);
		const struct ktach_cpustat_record *b = record(slot, cpus[i]);

		too_long += b->idle_ns - a->idle_ns > passed_ns ||
			    b->iowait_ns - a->iowait_ns > passed_ns;
	}
}

/* All samples from @first on that are still there. */
static void check_steps(uint64_t first)
{
	uint8_t *slot = malloc(ring.h.slot_stride);
	uint8_t *before = malloc(ring.h.slot_stride), *other;
	uint64_t n, newest = head(&ring), had = 0;

	if (newest + 2 > ring.h.slots && first < newest + 2 - ring.h.slots)
		first = newest + 2 - ring.h.slots;
	for (n = first; n <= newest; n++) {
		if (ring_copy(&ring, n, slot) != READ_OK)
			continue;
		if (had == n - 1)
			check_step(before, slot);
		had = n;
		other = before;
		before = slot;
		slot = other;
	}
	free(slot);
	free(before);
}

/*
 * What /proc/stat has more than the newest sample, ns, which it is a little newer
 * than: within slack_ns that is 0.
 */
static int64_t ahead_ns(unsigned int cpu)
{
	uint8_t *slot = malloc(ring.h.slot_stride);
	int64_t ahead, age;

	next_sample(&ring, slot);
	ahead = (int64_t)(proc_idle_ns(cpu) - record(slot, cpu)->idle_ns -
			  record(slot, cpu)->iowait_ns);
	age = (int64_t)(mono_ns() - time_of(slot));
	free(slot);
	return ahead > slack_ns + age || ahead < -slack_ns ? ahead : 0;
}

/* Whether /proc/stat has more idle time of this round than there can have been. */
static bool is_taken(unsigned int i, int64_t away_ns, uint64_t begun_ns)
{
	int64_t idle = (int64_t)(proc_idle_ns(cpus[i]) - begun_idle_ns[i]);
	int64_t online = (int64_t)(mono_ns() - begun_ns) - away_ns;

	return idle > online + GRAIN_MS * 1000000LL;
}

/* @away_ns: at least how long the CPUs were off in the round since @begun_ns. */
static uint64_t compare(int64_t away_ns, uint64_t begun_ns)
{
	int64_t ahead, most = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		ahead = ahead_ns(cpus[i]) - taken_ns[i];
		/* It takes some back, when the CPU is idle again. */
		if (llabs(ahead) > slack_ns) {
			sleep_ms(AGAIN_MS);
			ahead = ahead_ns(cpus[i]) - taken_ns[i];
		}
		if (ahead > slack_ns && ahead > away_ns - slack_ns &&
		    is_taken(i, away_ns, begun_ns)) {
			taken_ns[i] += ahead;
			times_taken++;
		} else if (llabs(ahead) > slack_ns && llabs(ahead) > most) {
			most = llabs(ahead);
		}
	}
	return most;
}

static bool go_and_come(unsigned int away_ms)
{
	uint64_t first = head(&ring) + 1, begun_ns = mono_ns(), apart;
	unsigned int i;

	for (i = 0; i < count; i++) {
		begun_idle_ns[i] = proc_idle_ns(cpus[i]);
		set_online(cpus[i], false);
	}
	sleep_ms(away_ms);
	for (i = 0; i < count; i++)
		set_online(cpus[i], true);
	sleep_ms(SETTLE_MS);
	check_steps(first);
	apart = compare(away_ms * 1000000LL, begun_ns);
	if (apart > apart_ns)
		apart_ns = apart;
	return !apart;
}

static void rounds_at(unsigned int period_us, unsigned int rounds)
{
	unsigned int round, good = 0;

	set_period("cpustat", period_us);
	sleep_ms(period_us / 500);
	too_long = 0;
	apart_ns = 0;
	for (round = 0; round < rounds; round++)
		good += go_and_come(200 + 300 * (round % 2));
	check(good == rounds,
	      "%u us: /proc/stat's idle time after %u of %u rounds; %lu ms off",
	      period_us, good, rounds, apart_ns / 1000000);
	check(!too_long,
	      "%u us: no idle time is longer than the time; %lu were",
	      period_us, too_long);
}

int main(int argc, char **argv)
{
	const char *slack = getenv("SLACK_MS");
	int i;

	slack_ns = (slack ? atoi(slack) : SLACK_MS) * 1000000LL;
	need(argc > 2 && argc <= 2 + CPUS_MAX, "arguments: ROUNDS CPU...");
	for (i = 2; i < argc; i++)
		cpus[count++] = atoi(argv[i]);
	ring_open(&ring, STAT_DEV, 0);
	rounds_at(200, atoi(argv[1]));
	rounds_at(1000, atoi(argv[1]));
	rounds_at(10000, atoi(argv[1]));
	rounds_at(1000000, atoi(argv[1]));
	printf("# %lu times /proc/stat took time off for idle time\n",
	       times_taken);
	return done_testing();
}
