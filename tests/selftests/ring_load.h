/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Something for every CPU time and softirq to count, with pauses for idle. */
#ifndef KTACH_SELFTESTS_RING_LOAD_H
#define KTACH_SELFTESTS_RING_LOAD_H

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "ring.h"

enum { LOADS = 4 };

static pid_t load_pid[LOADS];

static inline void load_user(void)
{
	for (volatile unsigned int i = 0; i < 1000000; i++)
		;
}

static inline void load_nice(void)
{
	if (getpriority(PRIO_PROCESS, 0) == 0)
		need(nice(10) == 10, "be nice");
	load_user();
}

static inline void load_system(void)
{
	char buffer[65536];
	int fd = open("/dev/zero", O_RDONLY);

	for (unsigned int i = 0; i < 200; i++)
		need(read(fd, buffer, sizeof(buffer)) > 0, "read zeroes");
	close(fd);
}

/* Datagrams to ourselves: the receiving side runs as a softirq. */
static inline void load_network(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t size = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char buffer[1000] = { 0 };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(fd >= 0 && bind(fd, (struct sockaddr *)&to, size) == 0 &&
	     getsockname(fd, (struct sockaddr *)&to, &size) == 0, "a socket");
	for (unsigned int i = 0; i < 2000; i++) {
		sendto(fd, buffer, sizeof(buffer), 0, (struct sockaddr *)&to,
		       size);
		recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	}
	close(fd);
}

static inline void load_start(void)
{
	static void (*const loads[LOADS])(void) = {
		load_user, load_nice, load_system, load_network,
	};
	unsigned int i, round;

	for (i = 0; i < LOADS; i++) {
		load_pid[i] = fork();
		need(load_pid[i] >= 0, "fork");
		if (load_pid[i])
			continue;
		/* Nobody is left behind when the test dies. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (round = 0;; round++) {
			loads[i]();
			if (round % 8 == i)
				sleep_ms(50 * (i + 1));
		}
	}
	/* Who measures must not wait behind those whom it measures. */
	setpriority(PRIO_PROCESS, 0, -15);
}

static inline void load_stop(void)
{
	for (unsigned int i = 0; i < LOADS; i++) {
		kill(load_pid[i], SIGKILL);
		waitpid(load_pid[i], NULL, 0);
	}
}

#endif /* KTACH_SELFTESTS_RING_LOAD_H */
