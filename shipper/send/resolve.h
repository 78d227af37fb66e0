/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a name to an address, while sampling goes on: a child process asks, so
 * that neither a slow name server nor what its library needs is the shipper's; and
 * it has nothing of the shipper's: no rights, no keys, no descriptors.
 */
#ifndef KTACH_SHIPPER_SEND_RESOLVE_H
#define KTACH_SHIPPER_SEND_RESOLVE_H

#include <sys/types.h>

#include "lib/base/address.h"
#include "lib/loop/loop.h"

/* What the child says: an address, or what the problem is. */
struct resolve_answer {
	struct address address;
	char problem[64];
};

/**
 * struct resolve - one question
 * @receive: operation: the child's answer
 * @loop: that it runs on
 * @done: called with the address; with NULL and the reason if there is none
 * @context: handed to it
 * @pid: the child, 0 without a question
 * @fd: its answer comes here
 * @answer: all of it, or nothing
 */
struct resolve {
	struct loop_op receive;
	struct loop *loop;
	void (*done)(void *context, const struct address *address,
		     const char *problem);
	void *context;
	pid_t pid;
	int fd;
	struct resolve_answer answer;
};

/* An address in digits is answered at once; of a name's several it is the one
 * of that turn (address_find()). One question at a time.
 */
void resolve_start(struct resolve *r, const char *text, uint16_t port,
		   unsigned int turn);

/* What the child is started as: main() hands its arguments to resolve_main(). */
#define RESOLVE_WORD "resolve"
int resolve_main(int argc, char **argv);

/* Give up: done() is called as if there was no answer. */
void resolve_cancel(struct resolve *r);

#endif /* KTACH_SHIPPER_SEND_RESOLVE_H */
