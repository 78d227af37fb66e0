// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring_use NAME idle|awake: in a guest whose clock counts instructions, with the
 * modules loaded, what a sample costs the whole guest: by the rings (timer, wake-up
 * of a reader that waits in poll(), its copy of both slots) and by /proc (timer,
 * wake-up of a reader that sleeps, two reads, parsing of the same figures), with a
 * sample each 10 ms and each second. Prints "BAR use_NAME_PERIOD ..." of a sample a
 * second of 16 CPUs that are awake, and of one each 10 ms of 64.
 *
 * Programs that count rounds of three instructions take what is left of the first
 * CPU (idle: all others sleep) or of every CPU (awake). What they did not get is
 * the rest of the guest's; less the same with neither ring nor reader, it is the
 * samples'. Both readers are on the first CPU, which has the timers. Rounds lie between
 * the ticks of the kernel, which come at multiples of 4 ms: a CPU's costs as much as
 * a sample.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/kernel/ring.h"

enum {
	SOURCES = 2,
	CPUS = 256,
	FILE_BYTES = 1 << 20,
	ROUND_INSTRUCTIONS = 3,
	TURN_ROUNDS = 1000,
	TURN_INSTRUCTIONS = 4,
	MS = 1000000,
	S = 1000000000,
	PERIOD_NS = 1002 * MS, /* a second that does not end with a tick */
	FINE_PERIOD_NS = 10 * MS,
	START_NS = 50 * MS, /* of a reader */
	BEFORE_NS = MS / 2,
	AFTER_NS = 17 * MS / 10,
	ROUNDS = 5,
	FINE_ROUNDS = 41,
	BAR_CPUS = 16, /* awake, a sample a second: so many times cheaper */
	BAR_TIMES = 20,
	FINE_BAR_CPUS = 64, /* each 10 ms */
	FINE_BAR_TIMES = 100
};

static const char *const path[SOURCES] = { "/proc/stat", "/proc/softirqs" };
static const char *const device[SOURCES] = { "/dev/cpu_stat_monitor",
					     "/dev/cpu_softirq_monitor" };
static const char *const source[SOURCES] = { "cpustat", "softirq" };
static const enum ktach_ring_kind kind[SOURCES] = { KTACH_RING_CPUSTAT,
						    KTACH_RING_SOFTIRQ };

/* What is counted, a line each; and whether to. Shared by all processes. */
static struct shared {
	struct {
		volatile uint64_t rounds;
		uint64_t pad[7];
	} cpu[CPUS];
	int on;
	uint64_t pad[7];
	uint64_t samples;
} * shared;

static int cpus, counted;
static struct ring ring[SOURCES];
static uint8_t *records[SOURCES];
static int file[SOURCES];
static char *text;
static volatile uint64_t sum;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * (uint64_t)S + t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / S), (long)(ns % S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static void go_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot go to CPU %d", cpu);
}

static pid_t start(void)
{
	pid_t child = fork();

	if (child < 0)
		die("cannot fork");
	if (!child)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

/*
 * --- what is left of the CPUs: "pause" gives the turn to the next CPU, where they
 * take turns
 */

static void count(int cpu)
{
	static const struct sched_param none;

	go_to(cpu);
	if (sched_setscheduler(0, SCHED_IDLE, &none))
		die("no SCHED_IDLE");
	for (;;) {
		syscall(SYS_futex, &shared->on, FUTEX_WAIT, 0, NULL);
		__asm__ volatile("1: movl %2, %%ecx\n\t"
				 "2: addq $1, %0\n\t"
				 "decl %%ecx\n\t"
				 "jnz 2b\n\t"
				 "pause\n\t"
				 "cmpl $0, %1\n\t"
				 "jne 1b"
				 : "+m"(shared->cpu[cpu].rounds)
				 : "m"(shared->on), "i"(TURN_ROUNDS)
				 : "ecx", "cc", "memory");
	}
}

static void set_counting(bool on)
{
	__atomic_store_n(&shared->on, on, __ATOMIC_SEQ_CST);
	if (on)
		syscall(SYS_futex, &shared->on, FUTEX_WAKE, CPUS);
}

static uint64_t instructions(void)
{
	uint64_t theirs = 0;

	for (int cpu = 0; cpu < counted; cpu++) {
		uint64_t rounds = shared->cpu[cpu].rounds;

		theirs += rounds * ROUND_INSTRUCTIONS +
			  rounds / TURN_ROUNDS * TURN_INSTRUCTIONS;
	}
	return __builtin_ia32_rdtsc() - theirs;
}

/* --- readers */

static void copy_newest(int i)
{
	struct ring_sample s;

	do {
		while (ring_begin(&ring[i], ring_head(&ring[i]), &s))
			;
		memcpy(records[i], s.records,
		       s.seen * ring[i].layout.record_stride);
	} while (ring_end(&ring[i], &s));
}

/* One timer makes the samples of both before it wakes who waits for either. */
static void read_rings(uint64_t period_ns)
{
	struct pollfd fd = { ring[0].fd, POLLIN, 0 };

	for (;;) {
		if (poll(&fd, 1, -1) < 0)
			die("cannot poll");
		for (int i = 0; i < SOURCES; i++)
			copy_newest(i);
		shared->samples++;
	}
}

static size_t read_file(int i)
{
	size_t got = 0;
	ssize_t n;

	while ((n = pread(file[i], text + got, FILE_BYTES - got, got)) > 0)
		got += n;
	if (n < 0 || !got)
		die("cannot read %s", path[i]);
	return got;
}

/*
 * As lean as it gets: every number, and no name. What follows the CPUs in /proc/stat
 * begins with an i, and no ring has it.
 */
static uint64_t parse(size_t size)
{
	uint64_t total = 0, value = 0;
	bool inside = false;

	for (size_t i = 0; i < size && text[i] != 'i'; i++) {
		unsigned int digit = (unsigned char)text[i] - '0';

		if (digit < 10) {
			value = value * 10 + digit;
			inside = true;
		} else if (inside) {
			total += value;
			value = 0;
			inside = false;
		}
	}
	return total;
}

static void read_proc(uint64_t period_ns)
{
	uint64_t next = now_ns();

	for (;;) {
		next = (next / period_ns + 1) * period_ns;
		sleep_until(next);
		for (int i = 0; i < SOURCES; i++)
			sum += parse(read_file(i));
		shared->samples++;
	}
}

static void set_periods(uint64_t ns)
{
	char name[64];
	FILE *attr;

	for (int i = 0; i < SOURCES; i++) {
		snprintf(name, sizeof(name), "/sys/class/ktach/%s/period_us",
			 source[i]);
		attr = fopen(name, "w");
		if (!attr || fprintf(attr, "%lu\n", ns / 1000) < 0 ||
		    fclose(attr))
			die("cannot write %s", name);
	}
}

/* --- measuring */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool always; /* they count between rounds, too */

/* From a little before the sample at @ns till some time after it. */
static uint64_t cost_of_round(uint64_t ns, bool is_read)
{
	uint64_t before, done;

	if (!always) {
		sleep_until(ns - 2 * MS);
		set_counting(true);
	}
	sleep_until(ns - BEFORE_NS);
	done = shared->samples;
	before = instructions();
	sleep_until(ns + AFTER_NS);
	before = instructions() - before;
	done = shared->samples - done;
	if (!always)
		set_counting(false);
	if (done != is_read)
		die("%lu samples in a round", done);
	return before;
}

/* The median and the quarters of rounds at odd multiples of the period. */
struct cost {
	uint64_t low, middle, high;
};

static struct cost cost(uint64_t period_ns, bool is_read)
{
	unsigned int rounds = period_ns < S ? FINE_ROUNDS : ROUNDS;
	uint64_t got[FINE_ROUNDS];
	uint64_t next, from_ns = now_ns() + START_NS;

	for (unsigned int i = 0; i < rounds; i++) {
		next = (from_ns / period_ns + 1) | 1;
		got[i] = cost_of_round(next * period_ns, is_read);
		from_ns = now_ns() + 3 * MS;
	}
	qsort(got, rounds, sizeof(*got), by_value);
	return (struct cost){ got[rounds / 4], got[rounds / 2],
			      got[rounds - 1 - rounds / 4] };
}

static struct cost cost_of_reader(uint64_t period_ns,
				  void (*read)(uint64_t period_ns))
{
	struct cost got;
	pid_t child = start();

	if (!child)
		read(period_ns);
	got = cost(period_ns, true);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return got;
}

static void print_cost(const char *what, const struct cost *c,
		       const struct cost *none)
{
	printf("#   %s: %ld (%ld to %ld)\n", what,
	       (long)(c->middle - none->middle), (long)(c->low - none->middle),
	       (long)(c->high - none->middle));
}

static void judge(const char *name, const char *period, double times,
		  double bar)
{
	if (bar)
		printf("BAR use_%s_%s %.1f %.0f %s\n", name, period, times, bar,
		       times >= bar ? "ok" : "short");
	else
		printf("#   %.1f times\n", times);
	fflush(stdout);
}

static void measure(const char *name, const char *period, uint64_t period_ns,
		    double bar)
{
	static const struct cost zero;
	struct cost none, proc, rings, unread;

	set_counting(always);
	set_periods(60 * (uint64_t)S);
	none = cost(FINE_PERIOD_NS, false);
	proc = cost_of_reader(period_ns, read_proc);
	set_periods(period_ns);
	rings = cost_of_reader(period_ns, read_rings);
	printf("# %s, each %s, %d CPUs: instructions, and of half of the rounds\n",
	       name, period, cpus);
	print_cost("without", &none, &zero);
	print_cost("by /proc", &proc, &none);
	print_cost("by rings", &rings, &none);
	if (period_ns == FINE_PERIOD_NS) {
		unread = cost(period_ns, false);
		print_cost("by rings, unread", &unread, &none);
	}
	set_counting(false);
	judge(name, period,
	      (double)(proc.middle - none.middle) /
		      (rings.middle - none.middle),
	      bar);
}

static void open_all(void)
{
	for (int i = 0; i < SOURCES; i++) {
		file[i] = open(path[i], O_RDONLY);
		if (file[i] < 0)
			die("cannot open %s", path[i]);
		if (ring_open(&ring[i], device[i], kind[i], 88))
			die("cannot map %s", device[i]);
		records[i] = calloc(ring[i].layout.records,
				    ring[i].layout.record_stride);
	}
	text = malloc(FILE_BYTES);
	if (!text || !records[0] || !records[1])
		die("no memory");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("no memory");
	memset(shared, 0, sizeof(*shared));
}

int main(int argc, char **argv)
{
	if (argc != 3 || (strcmp(argv[2], "idle") && strcmp(argv[2], "awake")))
		die("arguments: NAME idle|awake");
	cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	counted = strcmp(argv[2], "awake") ? 1 : cpus;
	always = counted > 1;
	open_all();
	go_to(0);
	for (int cpu = 0; cpu < counted; cpu++)
		if (!start())
			count(cpu);
	measure(argv[1], "10ms", FINE_PERIOD_NS,
		cpus == FINE_BAR_CPUS ? FINE_BAR_TIMES : 0);
	measure(argv[1], "1s", PERIOD_NS,
		cpus == BAR_CPUS && counted > 1 ? BAR_TIMES : 0);
	return 0;
}
