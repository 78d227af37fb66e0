/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at the other end of a socket, as the kernel says. */
#ifndef KTACH_AGENTD_DOORS_CALLER_H
#define KTACH_AGENTD_DOORS_CALLER_H

enum caller {
	CALLER_ANYBODY, /* or it is not known */
	CALLER_GROUP, /* of the group ktach: people who look, and the shipper */
	CALLER_ROOT,
};

enum caller caller_of(int fd);

#endif /* KTACH_AGENTD_DOORS_CALLER_H */
