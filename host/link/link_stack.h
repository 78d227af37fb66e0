/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces that lie on others: bridges, bonds, VLANs, macvlans ... */
#ifndef KTACH_HOST_LINK_LINK_STACK_H
#define KTACH_HOST_LINK_LINK_STACK_H

#include <stdbool.h>
#include <stddef.h>

struct host_options;

/**
 * link_stack_find() - tell of each interface that lies on others
 * @o: where /sys is
 * @found: called with "br0 eth0 eth1": an interface, and what it lies on; several
 *         times for one that lies on many
 * @arg: for @found
 *
 * /sys of another network namespace, as a program has it that changed to a new one
 * without mounting its own, tells of none.
 */
void link_stack_find(const struct host_options *o,
		     void (*found)(void *arg, const char *text, size_t size),
		     void *arg);

#endif /* KTACH_HOST_LINK_LINK_STACK_H */
