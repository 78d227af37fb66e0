// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shipper/send/resolve.h"

enum {
	LOOKUP_S = 10, /* then the child ends without an answer */
	NOBODY = 65534,
	RESOLVE_WORDS = 5, /* program, RESOLVE_WORD, name, port, turn */
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

/* The lowest rights that there are: another user, if this is root, and no
 * capability. It succeeds without any to drop.
 */
static int drop_rights(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { 0 }, now[2] = { 0 };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!geteuid() && !setgroups(0, NULL) && !setgid(NOBODY))
		setuid(NOBODY);
	syscall(SYS_capset, &head, none);
	if (syscall(SYS_capget, &head, now))
		return -errno;
	return now[0].effective | now[0].permitted | now[1].effective |
			       now[1].permitted ?
		       -EPERM :
		       0;
}

/*
 * A program of its own: what DNS brings meets neither keys in memory nor open
 * descriptors nor rights. Its answer goes to descriptor 0.
 */
int resolve_main(int argc, char **argv)
{
	struct resolve_answer a;
	const char *problem;

	if (argc != RESOLVE_WORDS)
		return 2;
	alarm(LOOKUP_S);
	memset(&a, 0, sizeof(a));
	if (drop_rights())
		problem = "cannot drop rights to ask for its address";
	else
		problem =
			address_find(&a.address, argv[2],
				     (uint16_t)strtoul(argv[3], NULL, 10),
				     (unsigned int)strtoul(argv[4], NULL, 10));
	if (problem)
		snprintf(a.problem, sizeof(a.problem), "%s", problem);
	return send(STDIN_FILENO, &a, sizeof(a), MSG_NOSIGNAL) < 0;
}

/* Ambient capabilities are all that it would keep over execve(). */
static void child(int fd, const char *text, uint16_t port, unsigned int turn)
{
	char port_text[16], turn_text[16];
	char *const argv[] = { "ktach-shipper", RESOLVE_WORD, (char *)text,
			       port_text,	turn_text,    NULL };

	snprintf(port_text, sizeof(port_text), "%u", port);
	snprintf(turn_text, sizeof(turn_text), "%u", turn);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (dup2(fd, STDIN_FILENO) == STDIN_FILENO) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		execv("/proc/self/exe", argv);
	}
	_exit(1);
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
