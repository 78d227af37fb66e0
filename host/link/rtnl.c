// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/link/rtnl.h"

enum {
	REQUEST_MAX = 64, /* bytes of a request's body */
};

static int open_socket(int protocol, uint32_t groups, int flags)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK,
				   .nl_groups = groups };
	int room = RTNL_EVENTS, err;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, protocol);

	if (fd < 0)
		return -errno;
	/* The size of the socket's buffer: what root may set, else what an ordinary
	 * user may.
	 */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (!bind(fd, (struct sockaddr *)&own, sizeof(own)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int rtnl_listen(uint32_t groups)
{
	return open_socket(NETLINK_ROUTE, groups, SOCK_NONBLOCK);
}

void rtnl_pass_over(int events)
{
	char some[1];

	while (recv(events, some, sizeof(some), 0) >= 0 || errno == ENOBUFS)
		;
}

int rtnl_open(struct rtnl *r, uint32_t groups)
{
	r->sequence = 0;
	r->events = rtnl_listen(groups);
	if (r->events < 0)
		return r->events;
	r->query = open_socket(NETLINK_ROUTE, 0, 0);
	if (r->query >= 0)
		return 0;
	close(r->events);
	return r->query;
}

int rtnl_open_query(struct rtnl *r, int protocol)
{
	r->sequence = 0;
	r->events = -1;
	r->query = open_socket(protocol, 0, 0);
	return r->query < 0 ? r->query : 0;
}

void rtnl_close(struct rtnl *r)
{
	close(r->query);
	if (r->events >= 0)
		close(r->events);
}

/* Bytes of messages; 0 if they are not the kernel's; -ENOBUFS if it had more
 * than fits, or than the socket holds; or another -errno.
 */
static ssize_t receive(struct rtnl *r, int fd)
{
	struct sockaddr_nl from = { 0 };
	struct iovec into = { r->buffer, sizeof(r->buffer) };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &into,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do
		n = recvmsg(fd, &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (m.msg_flags & MSG_TRUNC)
		return -ENOBUFS;
	return from.nl_pid ? 0 : n;
}

static int send_dump(struct rtnl *r, uint16_t type, const void *request,
		     size_t size)
{
	struct {
		struct nlmsghdr head;
		char body[REQUEST_MAX];
	} m = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(size),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = ++r->sequence,
		},
	};

	if (size > sizeof(m.body))
		return -EINVAL;
	memcpy(m.body, request, size);
	return send(r->query, &m, m.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int error_of(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)) || !e->error)
		return -EPROTO;
	return e->error;
}

/**
 * struct answer - to a dump
 * @ended: all of it has come
 * @interrupted: something changed meanwhile
 * @err: what the kernel says of the request
 */
struct answer {
	bool ended;
	bool interrupted;
	int err;
};

static void take_answer(struct rtnl *r, int size, struct answer *a,
			rtnl_take *take, void *arg)
{
	const struct nlmsghdr *h = (const void *)r->buffer;

	for (; !a->ended && NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
		if (h->nlmsg_seq != r->sequence)
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			a->interrupted = true;
		if (h->nlmsg_type == NLMSG_ERROR)
			a->err = error_of(h);
		a->ended = h->nlmsg_type == NLMSG_ERROR ||
			   h->nlmsg_type == NLMSG_DONE;
		if (!a->ended)
			take(arg, h);
	}
}

int rtnl_dump_once(struct rtnl *r, uint16_t type, const void *request,
		   size_t size, rtnl_take *take, void *arg)
{
	struct answer a = { .err = send_dump(r, type, request, size) };
	ssize_t n;

	if (a.err)
		return a.err;
	while (!a.ended) {
		n = receive(r, r->query);
		if (n < 0)
			return (int)n;
		take_answer(r, (int)n, &a, take, arg);
	}
	if (a.err)
		return a.err;
	return a.interrupted ? -EAGAIN : 0;
}

int rtnl_dump(struct rtnl *r, uint16_t type, const void *request, size_t size,
	      rtnl_take *take, void *arg)
{
	int err = -EAGAIN, i;

	for (i = 0; err == -EAGAIN && i < RTNL_TRIES; i++)
		err = rtnl_dump_once(r, type, request, size, take, arg);
	return err;
}

/* The kernel says once that it lost something, then goes on with the rest. */
int rtnl_drain(struct rtnl *r, rtnl_take *take, void *arg)
{
	int lost = 0;

	for (;;) {
		const struct nlmsghdr *h = (const void *)r->buffer;
		ssize_t n = receive(r, r->events);
		int size = n < 0 ? 0 : (int)n;

		if (n == -EAGAIN)
			return lost;
		if (n == -ENOBUFS)
			lost = -ENOBUFS;
		else if (n < 0)
			return (int)n;
		for (; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size))
			take(arg, h);
	}
}
