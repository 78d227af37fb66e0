/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a client: for lib/genl*.c only. */
#ifndef KTACH_LIB_NETLINK_GENL_FAMILY_H
#define KTACH_LIB_NETLINK_GENL_FAMILY_H

#include "lib/netlink/genl_sample.h"

struct nl_sock;

enum {
	REASON_LEN = 160,
};

/**
 * struct family - a client
 * @ask: the socket for questions
 * @events: the subscriber's, or NULL
 * @id: of the family, as the kernel numbers it
 * @reason: for family_error()
 * @answer: the sample that a dump is giving
 * @event: the sample that is being received
 * @last: number of the last sample received, 0 before the first
 */
struct family {
	struct nl_sock *ask;
	struct nl_sock *events;
	int id;
	char reason[REASON_LEN];
	struct assembly answer;
	struct assembly event;
	uint64_t last;
};

/* The -errno for an error of libnl, 0 for what is none. */
int family_errno(int nl_err);

#endif /* KTACH_LIB_NETLINK_GENL_FAMILY_H */
