// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_return ROUNDS CPU...: take these CPUs away and bring them back, at four
 * periods. After each round their idle times are those of /proc/stat, and from one
 * sample to the next none has more of it than time has passed.
 *
 * When an interrupt comes to a CPU that is on its way back, /proc/stat takes the
 * time that it was off for idle time, for good. What tells is that all the CPU's
 * times in /proc/stat together go up by more than the time that it was online since
 * they were compared last: only then may it be ahead of the samples. What others
 * who took CPUs away left it ahead by is known from the start. SLACK_MS in the
 * environment is how far they may be apart on a slow machine.
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
static uint64_t too_long, apart_ns, times_taken;

/* A CPU's times in /proc/stat, ns: idle and iowait; and all of them */
struct proc_times {
	uint64_t idle_ns;
	uint64_t all_ns;
};

/* Since the last comparison: what there was, when it was, how long the CPU was off */
static struct since {
	struct proc_times times;
	uint64_t mono_ns;
	uint64_t away_ns;
	int64_t taken_ns; /* what /proc/stat took for idle time, ever */
} since[CPUS_MAX];

static struct proc_times proc_times(unsigned int cpu)
{
	const uint64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	uint64_t user, nice, system, idle, iowait, irq, softirq, steal;
	char name[16];
	char *line;

	snprintf(name, sizeof(name), "\ncpu%u ", cpu);
	line = strstr(slurp("/proc/stat"), name);
	need(line && sscanf(line + strlen(name),
			    "%lu %lu %lu %lu %lu %lu %lu %lu", &user, &nice,
			    &system, &idle, &iowait, &irq, &softirq,
			    &steal) == 8,
	     "CPU %u in /proc/stat", cpu);
	return (struct proc_times){
		(idle + iowait) * tick_ns,
		(user + nice + system + idle + iowait + irq + softirq + steal) *
			tick_ns,
	};
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

/* What /proc/stat has more than the newest sample, ns, but for the sample's age. */
static int64_t ahead_ns(unsigned int cpu)
{
	uint8_t *slot = malloc(ring.h.slot_stride);
	int64_t ahead, age;

	next_sample(&ring, slot);
	ahead = (int64_t)(proc_times(cpu).idle_ns - record(slot, cpu)->idle_ns -
			  record(slot, cpu)->iowait_ns);
	age = (int64_t)(mono_ns() - time_of(slot));
	free(slot);
	if (ahead > age)
		return ahead - age;
	return ahead < 0 ? ahead : 0;
}

static void begin_again(unsigned int i)
{
	since[i].mono_ns = mono_ns();
	since[i].times = proc_times(cpus[i]);
	since[i].away_ns = 0;
}

/* By how much /proc/stat's times grew more than there can have been, ns. */
static int64_t grown_too_much_ns(unsigned int i)
{
	const struct since *s = &since[i];
	int64_t all = (int64_t)(proc_times(cpus[i]).all_ns - s->times.all_ns);

	return all - (int64_t)(mono_ns() - s->mono_ns - s->away_ns);
}

/* What is @ahead in /proc/stat: the time that the CPU was off, for sure? */
static bool is_taken(unsigned int i, int64_t ahead, int64_t too_much)
{
	return ahead > slack_ns &&
	       ahead > (int64_t)since[i].away_ns - slack_ns &&
	       too_much > GRAIN_MS * 1000000LL;
}

/* How far CPU @i's times are apart, ns; 0 if that is little or no fault of ours. */
static uint64_t compare_one(unsigned int i, unsigned int round)
{
	int64_t ahead = ahead_ns(cpus[i]) - since[i].taken_ns, too_much;

	/* It takes some back, when the CPU is idle again. */
	if (llabs(ahead) > slack_ns) {
		sleep_ms(AGAIN_MS);
		ahead = ahead_ns(cpus[i]) - since[i].taken_ns;
	}
	too_much = grown_too_much_ns(i);
	if (llabs(ahead) <= slack_ns)
		return 0;
	printf("# round %u, CPU %u: /proc/stat is %ld ms ahead and grew %ld ms too much; off for %lu ms\n",
	       round, cpus[i], ahead / 1000000, too_much / 1000000,
	       since[i].away_ns / 1000000);
	if (!is_taken(i, ahead, too_much))
		return llabs(ahead);
	since[i].taken_ns += ahead;
	times_taken++;
	return 0;
}

static uint64_t compare(unsigned int round)
{
	uint64_t apart, most = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		apart = compare_one(i, round);
		if (apart > most)
			most = apart;
		begin_again(i);
	}
	return most;
}

static bool go_and_come(unsigned int away_ms, unsigned int round)
{
	uint64_t first = head(&ring) + 1, apart;
	unsigned int i;

	for (i = 0; i < count; i++) {
		set_online(cpus[i], false);
		since[i].away_ns = mono_ns();
	}
	sleep_ms(away_ms);
	for (i = 0; i < count; i++) {
		since[i].away_ns = mono_ns() - since[i].away_ns;
		set_online(cpus[i], true);
	}
	sleep_ms(SETTLE_MS);
	check_steps(first);
	apart = compare(round);
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
		good += go_and_come(200 + 300 * (round % 2), round);
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
	unsigned int c;
	int i;

	slack_ns = (slack ? atoi(slack) : SLACK_MS) * 1000000LL;
	need(argc > 2 && argc <= 2 + CPUS_MAX, "arguments: ROUNDS CPU...");
	for (i = 2; i < argc; i++)
		cpus[count++] = atoi(argv[i]);
	ring_open(&ring, STAT_DEV, 0);
	for (c = 0; c < count; c++) {
		since[c].taken_ns = ahead_ns(cpus[c]);
		begin_again(c);
	}
	rounds_at(200, atoi(argv[1]));
	rounds_at(1000, atoi(argv[1]));
	rounds_at(10000, atoi(argv[1]));
	rounds_at(1000000, atoi(argv[1]));
	printf("# %lu times /proc/stat took time off for idle time\n",
	       times_taken);
	return done_testing();
}
