// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_duty SECONDS: the thread that makes combined samples has a part of a CPU.
 * At a period for which that is too little it leaves samples out, counts each of
 * them as missed, says so once at each period that is set, and takes less of the CPU
 * than when it may take all.
 */
#include <dirent.h>
#include <sys/klog.h>

#include "lib/netlink/genl.h"
#include "netlink.h"

enum {
	PERIOD_US = 1000,
	TICKS_APART = 3, /* that the ends of a measurement may differ by */
	LOG_BYTES = 1 << 20,
	READ_ALL = 3, /* of the kernel's log */
};

static struct family *f;

struct took {
	uint64_t ticks, samples, missed, cpu_ns;
};

static void set_percent(const char *percent)
{
	const char *path =
		"/sys/module/ktach_aggregator/parameters/duty_percent";
	int fd = open(path, O_WRONLY);

	need(fd >= 0 && write(fd, percent, strlen(percent)) > 0, "write %s",
	     path);
	close(fd);
}

static void set_combined(unsigned int period_us)
{
	need((errno = -family_set_period(f, KTACH_COMBINED_NAME, period_us)) ==
		     0,
	     "set the period");
}

static unsigned int thread_pid(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int pid = 0;
	char path[300];

	need(proc != NULL, "open /proc");
	while (!pid && (entry = readdir(proc))) {
		if (!atoi(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (!access(path, R_OK) &&
		    !strcmp(slurp(path), "ktach_combine\n"))
			pid = atoi(entry->d_name);
	}
	closedir(proc);
	need(pid != 0, "find the thread");
	return pid;
}

static uint64_t cpu_ns(unsigned int pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/schedstat", pid);
	return strtoull(slurp(path), NULL, 10);
}

static struct family_source combined(void)
{
	struct family_source source;

	need((errno = -family_source(f, KTACH_COMBINED_NAME, &source)) == 0,
	     "ask for the combined samples");
	return source;
}

/* From one sample to another: what is between them is known. */
static void await_sample(uint64_t *mono)
{
	uint64_t number = combined().head;

	while (combined().head == number)
		;
	*mono = mono_ns();
}

static struct took measure(unsigned int seconds)
{
	unsigned int pid = thread_pid();
	struct family_source first, last;
	uint64_t begun_ns, ended_ns, before_ns;

	await_sample(&begun_ns);
	first = combined();
	before_ns = cpu_ns(pid);
	sleep_ms(1000 * seconds);
	await_sample(&ended_ns);
	last = combined();
	return (struct took){
		.ticks = (ended_ns - begun_ns) / (PERIOD_US * 1000ULL),
		.samples = last.head - first.head,
		.missed = last.missed - first.missed,
		.cpu_ns = cpu_ns(pid) - before_ns,
	};
}

static struct took measure_with(const char *percent, unsigned int seconds)
{
	struct took t;

	set_percent(percent);
	/* What was saved up, or is owed, is gone by then. */
	sleep_ms(1000);
	t = measure(seconds);
	printf("# duty_percent=%s: %lu ticks, %lu samples, %lu missed, %lu us of a CPU\n",
	       percent, t.ticks, t.samples, t.missed, t.cpu_ns / 1000);
	return t;
}

static unsigned int times_said(void)
{
	char *log = malloc(LOG_BYTES + 1), *at;
	int size = klogctl(READ_ALL, log, LOG_BYTES);
	unsigned int times = 0;

	need(size >= 0, "read the kernel's log");
	log[size] = '\0';
	for (at = log; (at = strstr(at, "samples are left out")); at++)
		times++;
	free(log);
	return times;
}

/* What it owes may be seconds of its time. */
static void await_said(unsigned int times)
{
	uint64_t end_ns = mono_ns() + 30000000000ULL;

	while (times_said() < times && mono_ns() < end_ns)
		sleep_ms(100);
}

static bool all_accounted(const struct took *t)
{
	return llabs((int64_t)(t->samples + t->missed - t->ticks)) <=
	       (int64_t)(TICKS_APART + t->ticks / 20);
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? atoi(argv[1]) : 2;
	struct took all, part;
	unsigned int before;
	int fd = raw_socket();

	need_family(fd);
	close(fd);
	need((errno = -family_open(&f)) == 0, "open the family");
	/* Before the period: the default may be too little for it. */
	set_percent("100");
	set_combined(PERIOD_US);
	/* Others may have been left short before us. */
	sleep_ms(100);
	before = times_said();
	all = measure_with("100", seconds);
	check(times_said() == before,
	      "a thread that may take all says nothing");
	check(all_accounted(&all), "each tick is a sample or counts as missed");
	part = measure_with("1", seconds);
	check(part.samples < all.samples / 2 && part.missed > part.ticks / 2,
	      "with a hundredth of a CPU it leaves samples out");
	check(all_accounted(&part), "and counts each of them");
	check(part.cpu_ns < all.cpu_ns / 2, "it takes less of the CPU");
	check(times_said() == before + 1, "and says so once: %u times",
	      times_said() - before);
	set_combined(PERIOD_US);
	await_said(before + 2);
	check(times_said() == before + 2,
	      "and once more where the period is set again: %u times",
	      times_said() - before);
	set_percent("25");
	set_combined(1000000);
	family_close(f);
	return done_testing();
}
