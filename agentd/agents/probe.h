/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at an agent from outside: does it answer to HTTP? */
#ifndef KTACH_AGENTD_AGENTS_PROBE_H
#define KTACH_AGENTD_AGENTS_PROBE_H

#include "agentd/agent/url.h"
#include "lib/loop/loop.h"

enum {
	PROBE_REQUEST_SIZE = 512,
	PROBE_ANSWER_SIZE = 64, /* the status is at its beginning */
};

/**
 * struct probe - one look, which ends in @done
 * @op: what is under way
 * @loop: that it runs on
 * @fd: the connection; -1: there is none
 * @url: where to
 * @until_ns: when it has taken too long
 * @late: it has
 * @used: of @text
 * @text: the request, then the answer
 * @done: NULL: it answered well; else what is wrong
 */
struct probe {
	struct loop_op op;
	struct loop *loop;
	int fd;
	struct url url;
	uint64_t until_ns;
	bool late;
	size_t used;
	char text[PROBE_REQUEST_SIZE];
	void (*done)(struct probe *p, const char *problem);
};

/* GET a URL; a status of 200 to 299 is good. @p->done is filled in. */
void probe_http(struct probe *p, struct loop *loop, const char *url,
		uint64_t until_ns);

/* End it if it has taken too long: @done follows from the loop. */
void probe_sweep(struct probe *p, uint64_t now_ns);

/* The loop is over. */
void probe_close(struct probe *p);

/* Connect to a unix socket, which takes no time. NULL: somebody listens. */
const char *probe_unix(const char *path);

#endif /* KTACH_AGENTD_AGENTS_PROBE_H */
