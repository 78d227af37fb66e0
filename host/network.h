/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose network it is. Sockets are of the network namespace that they were made in, also
 * where /proc is that of the host around a container: what they tell of is the host's
 * only if it is in the same one.
 */
#ifndef KTACH_HOST_NETWORK_H
#define KTACH_HOST_NETWORK_H

#include <stdbool.h>

struct host_options;

/* Whether our own network is that of process 1 of PROC. Where its namespace cannot be
 * looked at, what both count tells.
 */
bool network_is_own(const struct host_options *o);

/**
 * network_enter() - run something in the network of process 1 of PROC
 * @o: where PROC is
 * @run: called with @arg, by a thread of its own if the network is not ours already; the
 *       sockets that it makes stay there
 *
 * Return: what @run does; -EXDEV if PROC is of another machine; -EPERM and the like if
 * its network cannot be entered.
 */
int network_enter(const struct host_options *o, int (*run)(void *arg),
		  void *arg);

/* Whether three texts of net/dev, read one after the other, can be of one network: they
 * differ in numbers only, none of which is less than the one before.
 */
bool network_between(const char *first, const char *own, const char *last);

#endif /* KTACH_HOST_NETWORK_H */
