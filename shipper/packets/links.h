/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interfaces there are, through rtnetlink. */
#ifndef KTACH_SHIPPER_PACKETS_LINKS_H
#define KTACH_SHIPPER_PACKETS_LINKS_H

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/**
 * struct link - an interface
 * @ifindex: its number
 * @name: its name; valid during the call only
 * @loopback: whether it is lo
 * @header: bytes of its link-layer header that packets at TC begin with: 14
 *          with Ethernet headers, 0 without
 */
struct link {
	uint32_t ifindex;
	const char *name;
	bool loopback;
	uint32_t header;
};

/**
 * struct links - where to learn of interfaces, and whom to tell
 * @present: an interface is there: new, renamed, changed, or just listed
 * @gone: an interface was deleted, or left the network namespace
 * @context: handed to both
 * @events: multicasts
 * @query: dumps
 * @control: a socket for questions about one interface
 */
struct links {
	void (*present)(void *context, const struct link *link);
	void (*gone)(void *context, uint32_t ifindex);
	void *context;
	struct nl_sock *events;
	struct nl_sock *query;
	int control;
};

/* The callbacks are set by the caller before. Return 0 or -errno. */
int links_open(struct links *l);
void links_close(struct links *l);

/* The descriptor to poll for changes. */
int links_fd(const struct links *l);

/* Call present() for every interface there is. Return 0 or -errno. */
int links_list(struct links *l);

/**
 * links_drain() - call present() and gone() for what happened
 *
 * Return: 0, or -ENOBUFS when events were lost and a links_list() is due.
 */
int links_drain(struct links *l);

/* What a link can do, in Mbit/s; 0 if it does not say. */
uint32_t links_speed_mbit(const struct links *l, const char *name);

#endif /* KTACH_SHIPPER_PACKETS_LINKS_H */
