/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A listening socket and few connections, each of which has one request and one
 * answer. One that takes too long, either way, is closed; where all places are taken and
 * somebody comes, so is the oldest one whose request is not whole yet.
 */
#ifndef KTACH_AGENTD_DOORS_DOOR_H
#define KTACH_AGENTD_DOORS_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/loop/loop.h"

enum door_limits {
	DOOR_VISITORS_MAX = 16,
	DOOR_REQUEST_MAX = 6144,
};

/* Either way. */
#define DOOR_PATIENCE_NS UINT64_C(5000000000)

struct door;

/**
 * struct visitor - a connection
 * @op: what is under way
 * @door: NULL: this place is free
 * @fd: its socket
 * @until_ns: when it has taken too long; UINT64_MAX: an answer is worked out
 * @waits: so many things have to happen before it is answered
 * @used: of @request
 * @answer: freed with it
 * @size: of it
 * @sent: of that
 * @answered: it is being sent
 * @ending: it is to go for somebody else
 * @request: what came, with a NUL behind it
 */
struct visitor {
	struct loop_op op;
	struct door *door;
	int fd;
	uint64_t until_ns;
	unsigned int waits;
	size_t used;
	char *answer;
	size_t size;
	size_t sent;
	bool answered;
	bool ending;
	char request[];
};

/**
 * struct door - the socket
 * @accept: waits for visitors
 * @loop: that it runs on
 * @name: what the log calls it
 * @request_max: bytes of a request; 0: DOOR_REQUEST_MAX
 * @fd: listens; -1: there is none
 * @accepting: @accept is under way
 * @ready: called when more of a request has come: true: it has been answered, or will
 *         be, by visitor_answer(); false: more has to come
 * @full: a request is too long; it is to be answered
 * @owner: of whoever it is
 * @pushed: visitors that were closed for others, not told in the log yet
 * @told_ns: when the log told of some; 0: never
 * @visitors: places
 */
struct door {
	struct loop_op accept;
	struct loop *loop;
	const char *name;
	size_t request_max;
	int fd;
	bool accepting;
	bool (*ready)(struct visitor *v);
	void (*full)(struct visitor *v);
	void *owner;
	unsigned long pushed;
	uint64_t told_ns;
	struct visitor *visitors[DOOR_VISITORS_MAX];
};

/* A unix socket that everybody may connect to: who may ask what is judged then. Return it,
 * or -errno.
 */
int door_listen(const char *path);

/* @fd listens, and is the door's from now on. The rest is filled in. */
void door_open(struct door *d, struct loop *loop, int fd);
void door_close(struct door *d);

/* Once a second. */
void door_sweep(struct door *d, uint64_t now_ns);

/* Send @answer, which is freed then, and end. NULL: no memory, just end. */
void visitor_answer(struct visitor *v, char *answer, size_t size);

#endif /* KTACH_AGENTD_DOORS_DOOR_H */
