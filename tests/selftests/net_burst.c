// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends steadily with a short burst every second, for net_burst_test.sh:
 *
 *   net_burst INTERFACE SECONDS PACKETS_PER_MS FACTOR BURST_MS
 *
 * A frame is 1000 bytes. A frame counts into the millisecond of CLOCK_MONOTONIC
 * in which it was sent, by this program's own clock; what came of it, whatever
 * the scheduler did, is printed:
 *
 *   burst FIRST_MS LARGEST_BYTES LARGEST_MS	for each second
 *   ms MS BYTES				for each millisecond with frames
 *   all BYTES
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	FRAME = 1000, /* bytes */
	SECONDS_MAX = 60,
	MS_PER_S = 1000,
	NS_PER_MS = 1000000,
};

static uint32_t sent[(SECONDS_MAX + 1) * MS_PER_S]; /* bytes, by millisecond */
static uint64_t start_ms;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int open_packet(const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || !address.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(interface);
		exit(1);
	}
	return fd;
}

static void send_one(int fd)
{
	static const uint8_t frame[FRAME] = { 2, 0, 0, 0, 0,	0x99, 2,
					      0, 0, 0, 0, 0x98, 8 };
	uint64_t ms = now_ns() / NS_PER_MS - start_ms;

	if (send(fd, frame, sizeof(frame), 0) != sizeof(frame)) {
		perror("net_burst");
		exit(1);
	}
	if (ms < sizeof(sent) / sizeof(*sent))
		sent[ms] += sizeof(frame);
}

/* In the middle of every second. */
static int in_burst(uint64_t ms, uint64_t burst_ms)
{
	return ms % MS_PER_S >= MS_PER_S / 2 &&
	       ms % MS_PER_S < MS_PER_S / 2 + burst_ms;
}

static void send_all(int fd, uint64_t ms_all, uint64_t rate, uint64_t factor,
		     uint64_t burst_ms)
{
	uint64_t ms, i, count, begin, gap;

	for (ms = 0; ms < ms_all; ms++) {
		count = in_burst(ms, burst_ms) ? rate * factor : rate;
		begin = (start_ms + ms) * NS_PER_MS;
		gap = NS_PER_MS / (count + 1);
		for (i = 0; i < count; i++) {
			while (now_ns() < begin + (i + 1) * gap)
				;
			send_one(fd);
		}
	}
}

static void report_all(void)
{
	uint64_t bytes = 0, ms;

	for (ms = 0; ms < sizeof(sent) / sizeof(*sent); ms++) {
		bytes += sent[ms];
		if (sent[ms])
			printf("ms %llu %u\n",
			       (unsigned long long)(start_ms + ms), sent[ms]);
	}
	printf("all %llu\n", (unsigned long long)bytes);
}

static void report(uint64_t ms_all)
{
	uint64_t second, ms, largest;

	for (second = 0; second < ms_all / MS_PER_S; second++) {
		largest = second * MS_PER_S;
		for (ms = largest; ms < (second + 1) * MS_PER_S; ms++) {
			if (sent[ms] > sent[largest])
				largest = ms;
		}
		printf("burst %llu %u %llu\n",
		       (unsigned long long)(start_ms + second * MS_PER_S +
					    MS_PER_S / 2),
		       sent[largest], (unsigned long long)(start_ms + largest));
	}
	report_all();
}

int main(int argc, char **argv)
{
	uint64_t seconds;
	int fd;

	if (argc != 6)
		return 2;
	seconds = strtoull(argv[2], NULL, 10);
	if (seconds > SECONDS_MAX)
		return 2;
	fd = open_packet(argv[1]);
	start_ms = now_ns() / NS_PER_MS + 1;
	send_all(fd, seconds * MS_PER_S, strtoull(argv[3], NULL, 10),
		 strtoull(argv[4], NULL, 10), strtoull(argv[5], NULL, 10));
	report(seconds * MS_PER_S);
	return 0;
}
