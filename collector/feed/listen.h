/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_FEED_LISTEN_H
#define KTACH_COLLECTOR_FEED_LISTEN_H

#include "lib/base/address.h"

/* A socket that listens on @address; @option is the command line option that
 * named it, for the message. Return the descriptor, or -errno after a message.
 */
int listen_tcp(const struct address *address, const char *option);

/* Where one thread's frames come in. */
struct listen_pair {
	int udp;
	int tcp;
};

/**
 * listen_feed() - sockets of several threads on one port, for UDP and TCP
 * @pairs: filled; the kernel shares senders out between them
 * @address: where; its port is known afterwards
 * @count: of pairs
 * @option: for the message
 *
 * Return: 0, or -errno after a message.
 */
int listen_feed(struct listen_pair *pairs, struct address *address,
		unsigned int count, const char *option);

/* The address that a socket is bound to: its port is known by now. */
void listen_address(int fd, struct address *address);

#endif /* KTACH_COLLECTOR_FEED_LISTEN_H */
