// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ship_ring NAME SECONDS COMMAND...: run a command on the first CPU, and tell how
 * busy it keeps all CPUs: "cost NAME NS", a second. Its datagrams go to PORT,
 * where nobody reads them. For bench/ship_ring.sh: in a guest whose clock counts
 * instructions, NS are instructions, those of interrupts included.
 */
#include <arpa/inet.h>
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PORT = 24760,
	WARM_UP_S = 10,
};

/* What all CPUs did up to a moment. */
struct times {
	uint64_t mono_ns;
	uint64_t idle_ns;
};

/* "  .idle_sleeptime : 5476211003402 nsecs" adds to what is wanted, if it is it. */
static uint64_t value_ns(const char *line, const char *name)
{
	const char *at = strchr(line, ':');

	return at && strstr(line, name) ? strtoull(at + 1, NULL, 10) : 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/*
 * /proc/stat has idle time by 10 ms, /proc/timer_list has it by ns: up to the
 * last time that a CPU woke. All but this one, the first, sleep on. To read that
 * list takes long, and is not to be counted: begin after it, and end before.
 */
static struct times look(bool begin)
{
	FILE *list = fopen("/proc/timer_list", "r");
	struct times t = { now_ns(), 0 };
	uint64_t asleep = 0;
	char line[256];
	int cpu = -1;

	if (!list)
		err(1, "/proc/timer_list");
	while (fgets(line, sizeof(line), list)) {
		sscanf(line, "cpu: %d", &cpu);
		t.idle_ns += value_ns(line, " .idle_sleeptime");
		t.idle_ns += value_ns(line, " .iowait_sleeptime");
		if (cpu > 0 && strstr(line, " .idle_entrytime")) {
			t.idle_ns -= value_ns(line, " .idle_entrytime");
			asleep++;
		}
	}
	fclose(list);
	if (!t.idle_ns)
		errx(1, "/proc/timer_list tells of no idle time");
	if (begin)
		t.mono_ns = now_ns();
	t.idle_ns += asleep * t.mono_ns;
	return t;
}

static void take_datagrams(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "port %d", PORT);
}

static void stay_on_first_cpu(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		err(1, "the first CPU");
}

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	execvp(command[0], command);
	err(1, "%s", command[0]);
}

static uint64_t busy_ns_a_second(unsigned int seconds)
{
	uint64_t cpus = sysconf(_SC_NPROCESSORS_ONLN), all_ns, idle_ns;
	struct times begin = look(true), end;

	sleep(seconds);
	end = look(false);
	all_ns = cpus * (end.mono_ns - begin.mono_ns);
	idle_ns = end.idle_ns - begin.idle_ns;
	return (all_ns > idle_ns ? all_ns - idle_ns : 0) / seconds;
}

int main(int argc, char **argv)
{
	uint64_t busy_ns;
	pid_t pid;

	if (argc < 4)
		errx(2, "arguments: NAME SECONDS COMMAND...");
	take_datagrams();
	stay_on_first_cpu();
	pid = start(argv + 3);
	sleep(WARM_UP_S);
	busy_ns = busy_ns_a_second(atoi(argv[2]));
	if (waitpid(pid, NULL, WNOHANG))
		errx(1, "%s has ended", argv[3]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("cost %s %lu\n", argv[1], busy_ns);
	return 0;
}
