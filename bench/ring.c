// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring NAME [awake]: in a guest with the modules loaded, what a sample costs by
 * the rings and by /proc, all in this run, as medians. Prints the ratios as
 * "BAR ring_NAME_publish ..." (a read of /proc/stat and /proc/softirqs against
 * the kernel's work for a sample of both sources) and "BAR ring_NAME_copy ..."
 * (reading and parsing the two files against a reader's copy of the newest
 * slots). awake: while no CPU sleeps. With RINGS_PINS in the environment, the folder
 * of rings that BPF fills, the first ratio of these, too: "BAR ring_NAME_bpf ...".
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "lib/kernel/ring.h"
#include "tests/selftests/ring_pins.h"

enum {
	ROUNDS = 301,
	FILES = 2,
	FILE_BYTES = 1 << 20,
	COPIES = 16, /* at once, so as not to time the clock */
	PERIOD_US = 200
};

static const char *const path[FILES] = { "/proc/stat", "/proc/softirqs" };
static const char *const device[FILES] = { "/dev/cpu_stat_monitor",
					   "/dev/cpu_softirq_monitor" };
static const char *const source[FILES] = { "cpustat", "softirq" };
static const enum ktach_ring_kind kind[FILES] = { KTACH_RING_CPUSTAT,
						  KTACH_RING_SOFTIRQ };

static struct ring ring[FILES], bpf[FILES];
static uint8_t *records[FILES];
static int file[FILES];
static char *text;

struct cost {
	uint64_t publish[FILES], bpf[FILES], read, parse, copy; /* ns */
};

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
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t median(uint64_t *ns)
{
	qsort(ns, ROUNDS, sizeof(*ns), by_value);
	return ns[ROUNDS / 2];
}

static void set_period(const struct ring *r, int i, unsigned int period_us)
{
	char name[64];
	FILE *attr;

	if (r == &bpf[i]) {
		if (ring_pin_set_period(source[i], period_us * 1000ULL))
			die("cannot set the period of BPF's %s", source[i]);
		return;
	}

	snprintf(name, sizeof(name), "/sys/class/ktach/%s/period_us",
		 source[i]);
	attr = fopen(name, "w");
	if (!attr || fprintf(attr, "%u\n", period_us) < 0 || fclose(attr))
		die("cannot write %s", name);
}

/* The kernel's own measure of each sample. */
static uint64_t publish_ns(const struct ring *r, int i)
{
	const struct ktach_ring_header *header = (const void *)r->base;
	uint64_t ns[ROUNDS], last = ring_head(r);

	set_period(r, i, PERIOD_US);
	for (int round = 0; round < ROUNDS; round++) {
		while (ring_head(r) == last)
			usleep(PERIOD_US / 4);
		last = ring_head(r);
		ns[round] = header->fill_ns_last;
	}
	set_period(r, i, r == &ring[i] ? 1000000 : 60000000);
	return median(ns);
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

/* As lean as it gets: every number, and no name. */
static uint64_t parse(size_t size)
{
	uint64_t sum = 0, value = 0;
	bool inside = false;

	for (size_t i = 0; i < size; i++) {
		unsigned int digit = (unsigned char)text[i] - '0';

		if (digit < 10) {
			value = value * 10 + digit;
			inside = true;
		} else if (inside) {
			sum += value;
			value = 0;
			inside = false;
		}
	}
	return sum;
}

static void read_and_parse(uint64_t *read_ns, uint64_t *parse_ns)
{
	static volatile uint64_t sum;
	uint64_t begin, middle;
	size_t size;

	*read_ns = 0;
	*parse_ns = 0;
	for (int i = 0; i < FILES; i++) {
		begin = now_ns();
		size = read_file(i);
		middle = now_ns();
		sum += parse(size);
		*read_ns += middle - begin;
		*parse_ns += now_ns() - begin;
	}
}

static bool copy(int i)
{
	struct ring_sample s;

	if (ring_begin(&ring[i], ring_head(&ring[i]), &s))
		return false;
	memcpy(records[i], s.records, s.seen * ring[i].layout.record_stride);
	return !ring_end(&ring[i], &s);
}

static uint64_t copy_ns(void)
{
	uint64_t begin = now_ns();

	for (int n = 0; n < COPIES; n++)
		for (int i = 0; i < FILES; i++)
			while (!copy(i))
				;
	return (now_ns() - begin) / COPIES;
}

static struct cost measure(void)
{
	static uint64_t reads[ROUNDS], parses[ROUNDS], copies[ROUNDS];
	struct cost cost = { 0 };

	for (int i = 0; i < FILES; i++)
		cost.publish[i] = publish_ns(&ring[i], i);
	for (int i = 0; i < FILES && ring_pins(); i++)
		cost.bpf[i] = publish_ns(&bpf[i], i);
	for (int round = 0; round < ROUNDS; round++) {
		read_and_parse(&reads[round], &parses[round]);
		copies[round] = copy_ns();
	}
	cost.read = median(reads);
	cost.parse = median(parses);
	cost.copy = median(copies);
	return cost;
}

static void tell(const char *name, const char *what, double times)
{
	printf("# %s %s %.1f times\n", name, what, times);
}

static void report(const char *name, struct cost c)
{
	printf("# %s: %u CPUs possible; publish %lu + %lu ns, read /proc %lu ns; copy %lu ns, read and parse /proc %lu ns\n",
	       name, ring[0].layout.records, c.publish[0], c.publish[1], c.read,
	       c.copy, c.parse);
	tell(name, "publish", (double)c.read / (c.publish[0] + c.publish[1]));
	if (ring_pins()) {
		printf("# %s: publish by BPF %lu + %lu ns\n", name, c.bpf[0],
		       c.bpf[1]);
		tell(name, "bpf", (double)c.read / (c.bpf[0] + c.bpf[1]));
	}
	tell(name, "copy", (double)c.parse / c.copy);
}

/* The first CPU has the timers, and runs this program. */
static void keep_awake(void)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	for (int cpu = 0; cpu < cpus; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (cpu && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sched_setaffinity(0, sizeof(set), &set);
			for (;;)
				__builtin_ia32_pause();
		}
		if (!cpu)
			sched_setaffinity(0, sizeof(set), &set);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "awake")))
		die("arguments: NAME [awake]");
	for (int i = 0; i < FILES; i++) {
		file[i] = open(path[i], O_RDONLY);
		if (file[i] < 0)
			die("cannot open %s", path[i]);
		if (ring_open(&ring[i], device[i], kind[i], 88))
			die("cannot map %s", device[i]);
		records[i] = calloc(ring[i].layout.records,
				    ring[i].layout.record_stride);
	}
	for (int i = 0; i < FILES && ring_pins(); i++)
		if (ring_open_fd(&bpf[i], ring_pin(source[i], "ring"), kind[i],
				 88))
			die("cannot map BPF's %s", source[i]);
	text = malloc(FILE_BYTES);
	if (!text || !records[0] || !records[1])
		die("no memory");
	if (argc == 3)
		keep_awake();
	report(argv[1], measure());
	return 0;
}
