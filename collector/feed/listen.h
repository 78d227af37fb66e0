/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_FEED_LISTEN_H
#define KTACH_COLLECTOR_FEED_LISTEN_H

#include "lib/address.h"

/* A socket bound to @address; @option is the command line option that named
 * it, for the message. Return the descriptor, or -errno after a message.
 */
int listen_udp(const struct address *address, const char *option);
int listen_tcp(const struct address *address, const char *option);

/* The address that a socket is bound to: its port is known by now. */
void listen_address(int fd, struct address *address);

#endif /* KTACH_COLLECTOR_FEED_LISTEN_H */
