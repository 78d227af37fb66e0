// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood SECONDS PREFIX [FRAMES]: a frame out of each interface of these names in
 * turn, again and again, until the time is over, or so many were sent by each.
 */
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	FRAME = 64, /* bytes */
	INTERFACES_MAX = 8192,
};

/* To nobody, of a protocol that nobody takes. */
static const uint8_t frame[FRAME] = { 2, 0, 0, 0, 0, 1,	   2,
				      0, 0, 0, 0, 2, 0x88, 0xb5 };

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t find_interfaces(const char *prefix, int *ifindex)
{
	struct if_nameindex *all = if_nameindex(), *i;
	size_t count = 0;

	for (i = all; i && i->if_index && count < INTERFACES_MAX; i++) {
		if (!strncmp(i->if_name, prefix, strlen(prefix)))
			ifindex[count++] = (int)i->if_index;
	}
	if_freenameindex(all);
	return count;
}

int main(int argc, char **argv)
{
	static int ifindex[INTERFACES_MAX];
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	long rounds = 0, most;
	size_t count, i;
	double end;

	if (argc < 3 || fd < 0)
		return 1;
	count = find_interfaces(argv[2], ifindex);
	most = argc > 3 ? strtol(argv[3], NULL, 10) : -1;
	end = now_s() + strtod(argv[1], NULL);
	while (count && now_s() < end && rounds != most) {
		for (i = 0; i < count; i++) {
			to.sll_ifindex = ifindex[i];
			sendto(fd, frame, sizeof(frame), MSG_DONTWAIT,
			       (struct sockaddr *)&to, sizeof(to));
		}
		rounds++;
	}
	printf("%zu interfaces, %ld rounds\n", count, rounds);
	return 0;
}
