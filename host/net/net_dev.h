/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of /proc/net/dev. */
#ifndef KTACH_HOST_NET_NET_DEV_H
#define KTACH_HOST_NET_NET_DEV_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* What is taken of a line: received, and NET_DEV_TX later, sent. */
enum net_dev_value {
	NET_DEV_BYTES,
	NET_DEV_PACKETS,
	NET_DEV_ERRORS,
	NET_DEV_DROPS,
	NET_DEV_TX,
	NET_DEV_VALUES = 2 * NET_DEV_TX,
};

enum {
	NET_DEV_LINE_MAX = 400, /* a name, and sixteen numbers of 20 digits */
	NET_DEV_COLUMNS_MAX = 32,
};

/**
 * struct net_dev_titles - what the columns of a line are
 * @value: enum net_dev_value, or NET_DEV_VALUES of what is not taken
 * @count: columns up to the last one that is taken
 */
struct net_dev_titles {
	uint8_t value[NET_DEV_COLUMNS_MAX];
	int count;
};

/* As the second line of @text says; as kernels have had them since 2.2 where it
 * says nothing of the kind.
 */
void net_dev_titles(struct net_dev_titles *t, const char *text);

/**
 * net_dev_line() - an interface
 * @line: "  eth0: BYTES PACKETS errs drop fifo frame compressed multicast ..."
 * @t: what these are
 * @name: set: what stands before the colon, as it is
 * @value: set: by enum net_dev_value, WIRE_ABSENT of what has no column
 *
 * Return: false for a title, or a line that is cut off before the last of them.
 */
bool net_dev_line(const char *line, const struct net_dev_titles *t,
		  char name[IF_NAMESIZE], uint64_t value[NET_DEV_VALUES]);

#endif /* KTACH_HOST_NET_NET_DEV_H */
