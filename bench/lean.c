// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The leanest agent that there can be, as a yardstick: files in /proc that stay
 * open, one pread each, every number parsed, one datagram a sample.
 *
 *   lean PORT INTERVAL_MS BYTES FILE...
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	FILES = 8,
	TEXT = 1 << 18,
	VALUES = 1 << 16,
	PAYLOAD = 1400,
};

static uint64_t values[VALUES];

static size_t parse(const char *at, size_t n)
{
	while (*at) {
		uint64_t v = 0;

		if (!isdigit((unsigned char)*at)) {
			at++;
			continue;
		}
		for (; isdigit((unsigned char)*at); at++)
			v = v * 10 + (uint64_t)(*at - '0');
		if (n < VALUES)
			values[n++] = v;
	}
	return n;
}

int main(int argc, char **argv)
{
	static char text[TEXT];
	struct sockaddr_in to = { .sin_family = AF_INET };
	int socket_fd = socket(AF_INET, SOCK_DGRAM, 0), fds[FILES], i;
	size_t bytes = PAYLOAD;
	struct timespec at;
	long step_ns;

	if (argc < 5 || argc > 4 + FILES)
		errx(2, "usage: lean PORT INTERVAL_MS BYTES FILE...");
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	step_ns = atol(argv[2]) * 1000000;
	bytes = strtoul(argv[3], NULL, 10);
	connect(socket_fd, (struct sockaddr *)&to, sizeof(to));
	for (i = 4; i < argc; i++) {
		fds[i - 4] = open(argv[i], O_RDONLY);
		if (fds[i - 4] < 0)
			err(2, "%s", argv[i]);
	}
	clock_gettime(CLOCK_MONOTONIC, &at);
	for (;;) {
		size_t n = 0;

		at.tv_nsec += step_ns;
		at.tv_sec += at.tv_nsec / 1000000000;
		at.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		for (i = 4; i < argc; i++) {
			ssize_t got = pread(fds[i - 4], text, TEXT - 1, 0);

			text[got > 0 ? got : 0] = '\0';
			n = parse(text, n);
		}
		if (send(socket_fd, values, bytes, 0) < 0)
			continue;
	}
}
