// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agentd/doors/beats.h"
#include "agentd/doors/heartbeat.h"
#include "lib/base/container.h"
#include "lib/base/log.h"

enum {
	AT_ONCE = 64, /* a flood must not keep the loop */
};

static bool find_sender(struct msghdr *m, struct ucred *who)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(who, CMSG_DATA(c), sizeof(*who));
		return who->pid > 0;
	}
	return false;
}

static bool take_one(struct beats *b)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr aligned;
	} control;
	char text[HEARTBEAT_MAX];
	struct iovec io = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(b->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct heartbeat h = { .text = text };
	struct ucred who;

	if (n < 0)
		return false;
	if (m.msg_flags & MSG_TRUNC || !find_sender(&m, &who))
		return true;
	h.size = (size_t)n;
	h.sender = who.pid;
	h.uid = who.uid;
	heartbeat_take(&h, b->agents);
	if (h.problem[0])
		log_debug("a heartbeat of process %d: %s%s%s", who.pid,
			  h.field ? h.field : "", h.field ? ": " : "",
			  h.problem);
	return true;
}

static void came(struct loop_op *op, int result, uint32_t flags)
{
	struct beats *b = container_of(op, struct beats, op);
	int i = 0;

	while (i < AT_ONCE && take_one(b))
		i++;
	loop_poll(b->loop, op, b->fd, POLLIN);
}

/* Agents run as many users. */
static int open_socket(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int err, on = 1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	strcpy(a.sun_path, path);
	unlink(path);
	if (!bind(fd, (struct sockaddr *)&a, sizeof(a)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) &&
	    !chmod(path, 0666))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int beats_open(struct beats *b, struct loop *loop, struct agents *agents,
	       const char *folder)
{
	b->loop = loop;
	b->agents = agents;
	b->op.done = came;
	b->fd = -ENAMETOOLONG;
	if (snprintf(b->path, sizeof(b->path), "%s/heartbeat.sock", folder) <
	    (int)sizeof(b->path))
		b->fd = open_socket(b->path);
	if (b->fd < 0) {
		log_error("%s: %s", b->path, strerror(-b->fd));
		return b->fd;
	}
	loop_poll(loop, &b->op, b->fd, POLLIN);
	return 0;
}

void beats_close(struct beats *b)
{
	if (b->fd < 0)
		return;
	unlink(b->path);
	close(b->fd);
}
