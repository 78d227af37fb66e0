// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measures programs at TC, for bench/tc.sh:
 *
 *   measure run CPUS NAME=PIN...		BPF_PROG_TEST_RUN
 *   measure load CPUS NAME=INTERFACE:PIN...	frames sent out of interfaces,
 *						that run into the program of PIN
 *
 * Round after round, each of them once in turn, so that a noisy machine is noisy
 * to all; with CPUS of them at the same time on one program. Prints for each
 * "NAME BEST MEDIAN": ns a packet, of the rounds. On one CPU the best is the
 * truth, as others can only add to it; on more it may be that of a round in
 * which they missed each other, and the median counts. Of a load, the kernel
 * itself measures what each run of the program takes (BPF_STATS_RUN_TIME, whose
 * own cost is in all figures), and the median counts, too.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ROUNDS = 101,
	ROUNDS_TOGETHER = 41, /* longer ones: CPUs must really work at once */
	TOGETHER = 3, /* times as long */
	RUN_REPEAT = 200000,
	LOAD_FRAMES = 8000,
	LOAD_BATCH = 32,
	FRAME = 64, /* bytes */
	CPUS_MAX = 64,
	THINGS_MAX = 8,
};

struct thing {
	const char *name;
	int fd; /* what measure() takes: a program, or a socket */
	int prog_fd; /* of a load */
	double ns[ROUNDS];
};

struct worker {
	pthread_t thread;
	int cpu;
	int fd;
	double ns;
};

typedef double measure_fn(int fd);

static measure_fn *measure;
static int scale = 1;
static pthread_barrier_t start;

/* UDP to nobody: dropped by the stack right behind TC. */
static const uint8_t frame[FRAME] = {
	2, 0,  0, 0, 0, 0x99, 2,  0,  0, 0, 0,	0x98, 8, 0, 0x45, 0,
	0, 50, 0, 0, 0, 0,    64, 17, 0, 0, 10, 0,    0, 1, 10,	  0,
};

static void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double measure_run(int fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame,
		    .data_size_in = sizeof(frame),
		    .repeat = RUN_REPEAT * scale);

	if (bpf_prog_test_run_opts(fd, &run))
		die("BPF_PROG_TEST_RUN");
	return run.duration;
}

static double measure_load(int fd)
{
	struct iovec part = { (void *)frame, sizeof(frame) };
	struct mmsghdr batch[LOAD_BATCH] = { 0 };
	int i, left;

	for (i = 0; i < LOAD_BATCH; i++)
		batch[i].msg_hdr =
			(struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 };
	for (left = LOAD_FRAMES * scale; left > 0; left -= LOAD_BATCH) {
		if (sendmmsg(fd, batch, LOAD_BATCH, 0) != LOAD_BATCH)
			die("sendmmsg");
	}
	return 0;
}

static void *work(void *context)
{
	struct worker *w = context;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
	pthread_barrier_wait(&start);
	w->ns = measure(w->fd);
	return NULL;
}

/* The mean of all CPUs that work at once. */
static double once(int fd, int cpus)
{
	struct worker workers[CPUS_MAX];
	double sum = 0;
	int i;

	pthread_barrier_init(&start, NULL, (unsigned int)cpus);
	for (i = 0; i < cpus; i++) {
		workers[i] = (struct worker){ .cpu = i, .fd = fd };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("pthread_create");
	}
	for (i = 0; i < cpus; i++) {
		pthread_join(workers[i].thread, NULL);
		sum += workers[i].ns;
	}
	pthread_barrier_destroy(&start);
	return sum / cpus;
}

/* What the kernel has counted of a program. */
static void run_stats(int prog_fd, uint64_t *ns, uint64_t *runs)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(prog_fd, &info, &size))
		die("program info");
	*ns = info.run_time_ns;
	*runs = info.run_cnt;
}

static double one_round(const struct thing *t, int cpus)
{
	uint64_t ns0, runs0, ns, runs;

	if (measure == measure_run)
		return once(t->fd, cpus);
	run_stats(t->prog_fd, &ns0, &runs0);
	once(t->fd, cpus);
	run_stats(t->prog_fd, &ns, &runs);
	if (runs - runs0 < (uint64_t)LOAD_FRAMES) {
		fprintf(stderr, "measure: %s: frames were lost\n", t->name);
		exit(1);
	}
	return (double)(ns - ns0) / (double)(runs - runs0);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || !address.sll_ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die(name);
	return fd;
}

static struct thing open_thing(char *argument)
{
	char *what = strchr(argument, '=');
	struct thing t = { .name = argument };

	if (!what)
		exit(2);
	*what++ = '\0';
	if (measure == measure_run) {
		t.fd = bpf_obj_get(what);
	} else {
		t.fd = open_interface(strsep(&what, ":"));
		t.prog_fd = bpf_obj_get(what);
	}
	if (t.fd < 0 || t.prog_fd < 0)
		die(t.name);
	return t;
}

int main(int argc, char **argv)
{
	struct thing things[THINGS_MAX];
	int count = argc - 3, cpus, rounds, round, i;

	if (count < 1 || count > THINGS_MAX)
		return 2;
	measure = strcmp(argv[1], "run") ? measure_load : measure_run;
	cpus = atoi(argv[2]);
	if (cpus < 1 || cpus > CPUS_MAX)
		return 2;
	scale = cpus > 1 ? TOGETHER : 1;
	rounds = cpus > 1 ? ROUNDS_TOGETHER : ROUNDS;
	for (i = 0; i < count; i++)
		things[i] = open_thing(argv[3 + i]);
	if (measure == measure_load && bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		die("BPF_STATS_RUN_TIME");
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < count; i++)
			things[i].ns[round] = one_round(&things[i], cpus);
	}
	for (i = 0; i < count; i++) {
		qsort(things[i].ns, rounds, sizeof(double), compare);
		printf("%s %.1f %.1f\n", things[i].name, things[i].ns[0],
		       things[i].ns[rounds / 2]);
	}
	return 0;
}
