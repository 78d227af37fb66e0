// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shipper/resolve.h"

enum {
	LOOKUP_S = 10, /* then the child ends without an answer */
};

/* The child writes it whole: a short answer is none. */
static void answered(struct loop_op *op, int result, uint32_t flags)
{
	struct resolve *r = (struct resolve *)op;
	const char *problem = r->answer.problem;

	close(r->fd);
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	r->pid = 0;
	if (result != (int)sizeof(r->answer))
		problem = "nobody answers what its address is";
	r->done(r->context, *problem ? NULL : &r->answer.address, problem);
}

static void child(int fd, const char *text, uint16_t port, unsigned int turn)
{
	struct resolve_answer a;
	const char *problem;

	alarm(LOOKUP_S);
	memset(&a, 0, sizeof(a));
	problem = address_find(&a.address, text, port, turn);
	if (problem)
		snprintf(a.problem, sizeof(a.problem), "%s", problem);
	_exit(send(fd, &a, sizeof(a), MSG_NOSIGNAL) < 0);
}

static void cannot_ask(struct resolve *r)
{
	r->pid = 0;
	snprintf(r->answer.problem, sizeof(r->answer.problem),
		 "cannot ask for an address: %s", strerror(errno));
	r->done(r->context, NULL, r->answer.problem);
}

void resolve_start(struct resolve *r, const char *text, uint16_t port,
		   unsigned int turn)
{
	int pair[2];

	if (!address_numeric(&r->answer.address, text, port)) {
		r->done(r->context, &r->answer.address, NULL);
		return;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		cannot_ask(r);
		return;
	}
	r->pid = fork();
	if (!r->pid)
		child(pair[1], text, port, turn);
	if (r->pid < 0) {
		cannot_ask(r);
		close(pair[0]);
		close(pair[1]);
		return;
	}
	close(pair[1]);
	r->receive.done = answered;
	r->fd = pair[0];
	loop_recv(r->loop, &r->receive, r->fd, &r->answer, sizeof(r->answer));
}

/* Without the child, the other end closes. */
void resolve_cancel(struct resolve *r)
{
	if (r->pid)
		kill(r->pid, SIGKILL);
}
