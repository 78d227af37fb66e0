// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_torture SECONDS DIRECTORY [SEED]: change everything that can be changed,
 * step by step and in random order, while others dump, subscribe, read sysfs and,
 * from outside, the rings: CPUs go and come, periods, slots, exact times, sources
 * and the aggregator unloaded and loaded, suspends. After each step each CPU's times
 * are those of /proc/stat. The modules are files in DIRECTORY and loaded when it
 * begins and ends. From the environment:
 *   CGROUP     a control group with little CPU time, for some of those who dump
 *   TIMING     to load sources with exact times, too: attaching probes takes CPUs
 *              that take turns (tests/vm/run.sh)
 *   SLACK_MS   see ring_against.h
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/netlink/genl.h"
#include "netlink.h"
#include "ring_against.h"
#include "ring_modules.h"

enum {
	UNIT_NS = 10000000, /* of /proc/stat; no tick is longer */
	FILL_MS = 2000, /* for a combined sample, on a machine that is slow */
	SLEEPERS = 4,
};

static struct test_ring ring;
static struct against cpus[AGAINST_MAX];
static unsigned int count;
static unsigned long apart, outside, refused;
static uint64_t seed;
static unsigned long *turns; /* shared: of each of those beside */
static uint64_t most_fill_ns; /* of a combined sample */

static unsigned int pick(unsigned int below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

/* --- those beside -------------------------------------------------------- */

static void ignore_sample(const struct family_sample *s, void *arg)
{
	*(unsigned int *)arg += s != NULL;
}

static void ignore_source(const struct family_source *s, void *arg)
{
	*(unsigned int *)arg += s != NULL;
}

/* A turn each, with a client of its own; false: the family is away. */
static bool subscribe(struct family *f)
{
	unsigned int i, got = 0;
	int err = family_subscribe(f);

	for (i = 0; i < 500 && !err; i++) {
		sleep_ms(2);
		err = family_receive(f, ignore_sample, &got);
	}
	return !err && got;
}

static bool subscribe_and_sleep(struct family *f)
{
	int err = family_subscribe(f);

	sleep_ms(2000);
	return !err;
}

static bool dump_samples(struct family *f)
{
	struct family_query q = { .has_since = true };
	unsigned int got = 0;

	return !family_samples(f, &q, ignore_sample, &got) && got;
}

static bool dump_sources(struct family *f)
{
	unsigned int i, got = 0;

	for (i = 0; i < 20; i++)
		family_sources(f, ignore_source, &got);
	return got;
}

/* Values that are refused and attributes that cannot be written, too. */
static bool use_sysfs(struct family *f)
{
	static const char *const values[] = { "99",  "60000001", "-1",
					      "abc", "1e3",	 "" };
	static const char *const names[] = { "period_us", "slots", "head",
					     "missed", "fill_ns_max" };
	unsigned int i;
	char path[64];
	char text[256];
	int fd;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		attr_write("cpustat", names[i], values[(turns[0] + i) % 6]);
		snprintf(path, sizeof(path), "/sys/class/ktach/softirq/%s",
			 names[i]);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof(text)) < 0)
			sleep_ms(1);
		close(fd);
	}
	slurp("/proc/stat");
	sleep_ms(10);
	return true;
}

static const struct beside {
	const char *name;
	bool (*turn)(struct family *f);
	unsigned int many;
	bool is_slow; /* without priority, in the cgroup */
} beside[] = {
	{ "subscribers", subscribe, 2 },
	{ "subscribers that do not read", subscribe_and_sleep, 2 },
	{ "dumps of samples", dump_samples, 2 },
	{ "dumps of sources", dump_sources, 1 },
	{ "slow dumps of sources", dump_sources, SLEEPERS, true },
	{ "sysfs", use_sysfs, 1 },
};

enum {
	BESIDE = sizeof(beside) / sizeof(*beside),
	PIDS_MAX = 16
};

static void become_slow(void)
{
	struct sched_param none = { 0 };
	const char *cgroup = getenv("CGROUP");
	char path[128], pid[16];

	need(sched_setscheduler(0, SCHED_IDLE, &none) == 0, "SCHED_IDLE");
	if (!cgroup)
		return;
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	snprintf(pid, sizeof(pid), "%d", getpid());
	need(write_file(path, pid), "join %s", cgroup);
}

static void run_beside(unsigned int i)
{
	struct family *f;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (beside[i].is_slow)
		become_slow();
	for (;;) {
		if (family_open(&f)) {
			sleep_ms(5);
			continue;
		}
		if (beside[i].turn(f))
			__atomic_add_fetch(&turns[i], 1, __ATOMIC_RELAXED);
		family_close(f);
		/* Who asks holds the module: let it go for a moment. */
		sleep_ms(5);
	}
}

static unsigned int start_beside(pid_t *pid)
{
	unsigned int i, k, n = 0;

	fflush(stdout);
	for (i = 0; i < BESIDE; i++) {
		for (k = 0; k < beside[i].many; k++, n++) {
			pid[n] = fork();
			need(pid[n] >= 0, "fork");
			if (!pid[n])
				run_beside(i);
		}
	}
	return n;
}

static void end_beside(const pid_t *pid, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	for (i = 0; i < BESIDE; i++)
		check(turns[i] > 0, "%s: %lu turns", beside[i].name, turns[i]);
}

/* --- steps ---------------------------------------------------------------- */

static void open_again(void)
{
	ring_close(&ring);
	ring_open(&ring, STAT_DEV, 0);
}

/* A source that begins knows nothing of what /proc/stat took before. */
static void begin_again(void)
{
	unsigned int i;

	ring_open(&ring, STAT_DEV, 0);
	for (i = 0; i < count; i++)
		against_begin(&cpus[i], &ring);
}

/* One, or it and all after it; the first only by itself, where it can go. */
static void step_cpus(void)
{
	const char *zero = "/sys/devices/system/cpu/cpu0/online";
	unsigned int first = access(zero, W_OK) ? 1 + pick(count - 1) :
						  pick(count);
	bool several = first > 0 && pick(3) == 0;

	against_away(&cpus[first], several ? count - first : 1, 50 + pick(500));
}

static void step_period(void)
{
	static const unsigned int us[] = { 200,	  1000,	  5000,
					   10000, 100000, 1000000 };
	char text[16];

	keep_period(us[pick(6)]);
	snprintf(text, sizeof(text), "%u", us[pick(6)]);
	attr_write("softirq", "period_us", text);
}

static void step_slots(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", 2U << pick(11));
	need(attr_write("cpustat", "slots", text) == 0, "set slots");
	attr_write("softirq", "slots", text);
	open_again();
}

static int load_source(int i)
{
	char parameters[64];

	snprintf(parameters, sizeof(parameters), "slots=%u period_us=%u%s",
		 4U << pick(9), 200 + pick(20000),
		 getenv("TIMING") && pick(2) ? " timing=1" : "");
	return module_load(i, parameters);
}

/* Whoever has a ring open, or a dump under way, holds the aggregator. */
static void step_reload(void)
{
	int err;

	ring_close(&ring);
	need(module_unload_soon(2) == 0 && module_unload_soon(1) == 0,
	     "unload the sources");
	if (pick(2)) {
		err = module_unload(0);
		need(!err || err == -EAGAIN, "unload the aggregator");
		refused += err != 0;
		need(err || module_load(0, "period_us=5000") == 0,
		     "load the aggregator");
	}
	need(load_source(1) == 0 && load_source(2) == 0, "load the sources");
	keep_period(10000);
	begin_again();
}

static void step_suspend(void)
{
	against_suspend(cpus, count);
}

static void step_nothing(void)
{
	sleep_ms(pick(1000));
}

static const struct step {
	const char *name;
	void (*run)(void);
	unsigned int weight;
} steps[] = {
	{ "a CPU goes and comes", step_cpus, 8 },
	{ "another period", step_period, 4 },
	{ "other slots", step_slots, 3 },
	{ "unloaded and loaded", step_reload, 3 },
	{ "nothing", step_nothing, 2 },
	{ "a suspend", step_suspend, 1 },
};

enum {
	STEPS = sizeof(steps) / sizeof(*steps)
};

static const struct step *pick_step(void)
{
	unsigned int i, sum = 0, at;
	/* The last: not every kernel can. */
	unsigned int all = can_suspend() ? STEPS : STEPS - 1;

	for (i = 0; i < all; i++)
		sum += steps[i].weight;
	at = pick(sum);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	return &steps[i];
}

/* --- /proc/stat ----------------------------------------------------------- */

static void compare_field(const struct against *a, enum proc_field field,
			  uint64_t ns, const struct proc_times *before,
			  const struct proc_times *after, const char *what)
{
	if (ns + UNIT_NS >= before->ns[field] &&
	    ns <= after->ns[field] + 2 * UNIT_NS)
		return;
	if (outside++ < 10)
		printf("# %s, CPU %u, field %u: %lu not in %lu to %lu\n", what,
		       a->cpu, field, ns, before->ns[field], after->ns[field]);
}

/* What is not idle time, between two reads of /proc/stat. */
static void compare_busy(const struct against *a, const char *what)
{
	uint8_t *slot = malloc(ring.h.slot_stride);
	const struct ktach_cpustat_record *r = record_of(&ring, slot, a->cpu);
	struct proc_times before, after;

	need(proc_times(a->cpu, &before), "CPU %u in /proc/stat", a->cpu);
	kept_sample(&ring, slot);
	need(proc_times(a->cpu, &after), "CPU %u in /proc/stat", a->cpu);
	compare_field(a, PROC_USER, r->user_ns, &before, &after, what);
	compare_field(a, PROC_NICE, r->nice_ns, &before, &after, what);
	compare_field(a, PROC_SYSTEM, r->system_ns, &before, &after, what);
	compare_field(a, PROC_IRQ, r->irq_ns, &before, &after, what);
	compare_field(a, PROC_SOFTIRQ, r->softirq_ns, &before, &after, what);
	compare_field(a, PROC_STEAL, r->steal_ns, &before, &after, what);
	free(slot);
}

static void compare(const char *what)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		apart += against_compare(&cpus[i], &ring, what) != 0;
		compare_busy(&cpus[i], what);
	}
}

static void compare_fill(void)
{
	struct family_source s;
	struct family *f;

	need((errno = -family_open(&f)) == 0 &&
		     (errno = -family_source(f, KTACH_COMBINED_NAME, &s)) == 0,
	     "ask for the combined samples");
	if (s.fill_ns_max > most_fill_ns)
		most_fill_ns = s.fill_ns_max;
	family_close(f);
}

/* --- all of it ------------------------------------------------------------ */

static void run_steps(uint64_t seconds)
{
	uint64_t end_ns = mono_ns() + seconds * 1000000000ULL;
	unsigned int done[STEPS] = { 0 }, all = 0, i;
	const struct step *step;
	char what[64];

	while (mono_ns() < end_ns) {
		step = pick_step();
		snprintf(what, sizeof(what), "step %u, %s", ++all, step->name);
		step->run();
		done[step - steps]++;
		compare(what);
		compare_fill();
	}
	for (i = 0; i < STEPS; i++)
		printf("# %u times: %s\n", done[i], steps[i].name);
	printf("# the aggregator was held %lu times; %lu times /proc/stat took time off for idle time\n",
	       refused, times_taken);
	check(all >= seconds / 30, "%u steps in %lu s", all, seconds);
	check(!apart,
	      "idle times are those of /proc/stat after each step; %lu were not",
	      apart);
	check(!outside, "and so is the rest; %lu values were not", outside);
	check(most_fill_ns < FILL_MS * 1000000ULL,
	      "nobody holds up a combined sample: the longest took %lu us",
	      most_fill_ns / 1000);
}

int main(int argc, char **argv)
{
	pid_t pid[PIDS_MAX];
	unsigned int i, n;

	need(argc > 2, "arguments: SECONDS DIRECTORY [SEED]");
	seed = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL);
	printf("# seed %lu\n", seed);
	modules_open(argv[2]);
	count = sysconf(_SC_NPROCESSORS_ONLN);
	need(count > 1 && count <= AGAINST_MAX, "2 to %d CPUs", AGAINST_MAX);
	for (i = 0; i < count; i++)
		cpus[i].cpu = i;
	turns = mmap(NULL, BESIDE * sizeof(*turns), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(turns != MAP_FAILED, "shared memory");
	skip_without(STAT_DEV);
	keep_period(10000);
	begin_again();
	n = start_beside(pid);
	/* Those that spin must not keep it from its turn. */
	setpriority(PRIO_PROCESS, 0, -10);
	run_steps(strtoul(argv[1], NULL, 0));
	end_beside(pid, n);
	return done_testing();
}
