// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: process [PROCESSES]
 * What it costs to find the processes that use the most among many: a reading of
 * the collector "process" by BPF and by /proc, beside top -b -n1 and beside the
 * second iteration of a top that runs on. CPU is user and system time, as the
 * scheduler counts it; medians of ROUNDS, in which all take turns. Both ways
 * include what is read of the winners. PROCESSES are asleep, a few of them busy
 * now and then.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/collector.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	ROUNDS = 9,
	BUSY = 5,
	BUSY_US = 2000,
	IDLE_US = 20000,
	NS_PER_US = 1000,
};

enum what {
	BY_BPF,
	BY_PROC,
	TOP_ONCE,
	TOP_TWICE,
	WHATS
};

static double us[WHATS][ROUNDS];
static uint32_t told;

static void be(bool busy)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!busy)
		pause();
	for (;;) {
		uint64_t end_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) +
				  (uint64_t)BUSY_US * NS_PER_US;

		while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end_ns)
			;
		usleep(IDLE_US);
	}
}

static int start(int count)
{
	int i;

	for (i = 0; i < count; i++) {
		pid_t pid = fork();

		if (!pid)
			be(i < BUSY);
		if (pid < 0)
			return -errno;
	}
	return 0;
}

static double own_us(void)
{
	return (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / NS_PER_US;
}

static double children_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_CHILDREN, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static void see(void *arg, const struct wire_table *t)
{
	if (t->kind == WIRE_PROCESS)
		told = t->rows;
}

static const struct host_sink sink = { .put = see };

static double reading_us(void *collector)
{
	double before = own_us();

	if (host_process.read(collector, &sink))
		exit(1);
	return own_us() - before;
}

static double top_us(const char *iterations)
{
	double before = children_us();
	int status;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execlp("top", "top", "-b", "-d", "1", "-n", iterations, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "process: top -b does not run\n");
		exit(1);
	}
	return children_us() - before;
}

static int larger(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), larger);
	return values[ROUNDS / 2];
}

static void print_bar(const char *name, double ratio, double limit)
{
	printf("BAR %s %.3f %.1f %s\n", name, ratio, limit,
	       ratio <= limit ? "ok" : "short");
}

static void report(int count)
{
	double bpf = median(us[BY_BPF]), proc = median(us[BY_PROC]);
	double top = median(us[TOP_ONCE]);
	double next = median(us[TOP_TWICE]) - top;

	printf("%d processes, CPU of a reading, us: by BPF %.0f, by /proc "
	       "%.0f, top -b -n1 %.0f\n",
	       count, bpf, proc, top);
	/* The difference of two runs: a busy machine makes it what it likes. */
	if (next > 0)
		printf("against the next iteration of top, %.0f: by BPF %.3f, "
		       "by /proc %.3f\n",
		       next, bpf / next, proc / next);
	print_bar("process_bpf_over_top", bpf / top, 0.1);
	print_bar("process_proc_over_top", proc / top, 0.5);
}

static void *open_collector(bool no_bpf)
{
	const struct host_options o = {
		.proc = "/proc",
		.sys = "/sys",
		.root = "",
		.no_bpf = no_bpf,
	};
	void *state;

	if (host_process.open(&state, &o))
		exit(1);
	host_process.read(state, &sink);
	return state;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 5000, i;
	void *bpf, *proc;

	log_init("process", LOG_INFO);
	if (start(count)) {
		perror("process: cannot fork so many");
		return 1;
	}
	bpf = open_collector(false);
	proc = open_collector(true);
	for (i = 0; i < ROUNDS; i++) {
		us[BY_BPF][i] = reading_us(bpf);
		us[TOP_ONCE][i] = top_us("1");
		us[BY_PROC][i] = reading_us(proc);
		us[TOP_TWICE][i] = top_us("2");
	}
	report(count);
	host_process.close(bpf);
	host_process.close(proc);
	return told ? 0 : 1;
}
