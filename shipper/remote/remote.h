/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that come back over the feed. Those for the flight recorder are answered at
 * once. Those for ktach-agentd: they are passed on to its
 * socket as they are, and so is what it answers. Who may ask what is judged there; this
 * program could not start or stop an agent itself.
 *
 *   stream: WIRE_REQUEST --> a call --> remote.sock: ktach-agentd
 *           WIRE_ANSWER <-- piece by piece <-- its answer, to its end
 */
#ifndef KTACH_SHIPPER_REMOTE_REMOTE_H
#define KTACH_SHIPPER_REMOTE_REMOTE_H

#include <sys/un.h>

#include "lib/loop/loop.h"
#include "lib/wire/wire.h"
#include "shipper/flight/flight.h"
#include "shipper/queue/output.h"
#include "shipper/send/word.h"

enum remote_limits {
	REMOTE_CALLS = 8, /* at once */
	REMOTE_PIECE = 8192, /* bytes of an answer that go together */
};

struct remote;

/**
 * struct call - a request under way
 * @op: on @fd
 * @word: the piece of the answer that leaves
 * @remote: all of them
 * @fd: to ktach-agentd; -1: this call is free
 * @busy: @op is under way
 * @ending: it is closed as soon as it is not
 * @service: that it is of
 * @id: of the request
 * @text: of it, freed once it has left
 * @size: of that
 * @sent: of that
 * @answer: a frame: room for its head, a piece, and a seal
 * @last: that piece is the last one
 */
struct call {
	struct loop_op op;
	struct word word;
	struct remote *remote;
	int fd;
	bool busy;
	bool ending;
	enum wire_service service;
	uint64_t id;
	char *text;
	size_t size;
	size_t sent;
	uint8_t *answer;
	bool last;
};

/**
 * struct remote - calls
 * @loop: that they run on
 * @output: whose node answers
 * @flight: the recorder; NULL: there is none
 * @address: of the socket
 * @say: takes a word; false: nobody is there to take it
 * @carrier: handed to it
 * @calls: all
 */
struct remote {
	struct loop *loop;
	struct output *output;
	struct flight *flight;
	struct sockaddr_un address;
	bool (*say)(void *carrier, struct word *word);
	void *carrier;
	struct call calls[REMOTE_CALLS];
};

/* @folder: of ktach-agentd's sockets. */
void remote_open(struct remote *r, struct loop *loop, struct output *output,
		 const char *folder);

/* Whether somebody answers, as far as can be seen: then it is announced. */
bool remote_is_there(const struct remote *r);

/* Pass a request on: a WIRE_REQUEST, opened. */
void remote_take(struct remote *r, const struct wire_frame *f);

/* Nobody hears the answers any more. */
void remote_leave(struct remote *r);

/* The loop does not run any more. */
void remote_close(struct remote *r);

#endif /* KTACH_SHIPPER_REMOTE_REMOTE_H */
