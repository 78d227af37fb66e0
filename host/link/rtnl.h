/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink, as much of it as a reader needs: dumps and events. Plain sockets:
 * messages are read where they were received, nothing is allocated.
 */
#ifndef KTACH_HOST_LINK_RTNL_H
#define KTACH_HOST_LINK_RTNL_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

enum rtnl_limits {
	RTNL_BUFFER = 32768,		/* bytes: the most a dump gives at once */
	RTNL_EVENTS = 1 << 20,		/* bytes: a burst of many interfaces */
	RTNL_TRIES = 5,			/* of a dump that a change interrupted */
};

/**
 * struct rtnl - two sockets
 * @query: dumps
 * @events: multicasts
 * @sequence: of the last dump
 * @buffer: what was received last
 */
struct rtnl {
	int query;
	int events;
	uint32_t sequence;
	char buffer[RTNL_BUFFER] __attribute__((aligned(8)));
};

/* A message whose length was checked, valid during the call. */
typedef void rtnl_take(void *arg, const struct nlmsghdr *message);

/**
 * rtnl_open() - open both, in our own network namespace
 * @r: filled
 * @groups: RTMGRP_* to hear of
 *
 * Return: 0 or -errno: nothing to close then.
 */
int rtnl_open(struct rtnl *r, uint32_t groups);
void rtnl_close(struct rtnl *r);

/* The same for dumps alone, of any of netlink's protocols. */
int rtnl_open_query(struct rtnl *r, int protocol);

/**
 * rtnl_dump() - ask for all there are
 * @r: the sockets
 * @type: RTM_GET*
 * @request: the body of the message
 * @size: its size, bytes
 * @take: gets each message; again from the first one if a change interrupted
 *        the dump: nothing was missed then by the time this returns 0
 * @arg: handed to it
 *
 * Return: 0; -EAGAIN if changes interrupted it again and again; or -errno.
 */
int rtnl_dump(struct rtnl *r, uint16_t type, const void *request, size_t size,
	      rtnl_take *take, void *arg);

/* The same, but what a change interrupted is not asked for again: -EAGAIN. For @take that
 * counts.
 */
int rtnl_dump_once(struct rtnl *r, uint16_t type, const void *request,
		   size_t size, rtnl_take *take, void *arg);

/**
 * rtnl_drain() - take what happened
 *
 * Return: 0, or -ENOBUFS if something was lost, so that dumps are due.
 */
int rtnl_drain(struct rtnl *r, rtnl_take *take, void *arg);

/* For callers that only need to know that something has changed: a socket that is
 * readable then, or -errno; and what empties it, so that it waits for the next
 * change.
 */
int rtnl_listen(uint32_t groups);
void rtnl_pass_over(int events);

#endif /* KTACH_HOST_LINK_RTNL_H */
