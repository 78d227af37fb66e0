// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log.h"
#include "shipper/resolve.h"

enum {
	LOOKUP_S = 10, /* then the child ends without an answer */
};

/* The child writes it whole: a short answer is none. */
static void answered(struct loop_op *op, int result, uint32_t flags)
{
	struct resolve *r = (struct resolve *)op;
	bool good = result == (int)sizeof(r->answer);

	close(r->fd);
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	r->pid = 0;
	r->done(r->context, good ? &r->answer : NULL);
}

static void child(int fd, const char *text, uint16_t port)
{
	struct address a;

	alarm(LOOKUP_S);
	memset(&a, 0, sizeof(a));
	if (!address_resolve(&a, text, port) &&
	    send(fd, &a, sizeof(a), MSG_NOSIGNAL) < 0)
		_exit(1);
	_exit(0);
}

void resolve_start(struct resolve *r, const char *text, uint16_t port)
{
	int pair[2];

	if (!address_numeric(&r->answer, text, port)) {
		r->done(r->context, &r->answer);
		return;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		log_warn("cannot ask for an address: %s", strerror(errno));
		r->done(r->context, NULL);
		return;
	}
	r->pid = fork();
	if (!r->pid)
		child(pair[1], text, port);
	close(pair[1]);
	if (r->pid < 0) {
		log_warn("cannot ask for an address: %s", strerror(errno));
		close(pair[0]);
		r->pid = 0;
		r->done(r->context, NULL);
		return;
	}
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
