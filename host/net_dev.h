/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of /proc/net/dev. */
#ifndef KTACH_HOST_NET_DEV_H
#define KTACH_HOST_NET_DEV_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* Values of a line, in the file's order; what was sent is NET_DEV_TX later. */
enum net_dev_value {
	NET_DEV_BYTES,
	NET_DEV_PACKETS,
	NET_DEV_ERRORS,
	NET_DEV_DROPS,
	NET_DEV_TX = 8,
};

enum {
	NET_DEV_LINE_MAX = 400, /* a name, and sixteen numbers of 20 digits */
};

/**
 * net_dev_line() - an interface
 * @line: "  eth0: BYTES PACKETS errs drop fifo frame compressed multicast ..."
 * @name: set: what stands before the colon, as it is
 * @value: the first @count of its values
 *
 * Return: false for a title, or a line that is cut off before the last of them.
 */
bool net_dev_line(const char *line, char name[IF_NAMESIZE], uint64_t *value,
		  int count);

#endif /* KTACH_HOST_NET_DEV_H */
