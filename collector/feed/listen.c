// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/feed/listen.h"
#include "lib/log.h"

static const char *advice(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "another program has it: end that one or name another port with";
	case EADDRNOTAVAIL:
		return "no interface here has it: name an address of this host with";
	case EACCES:
		return "it needs root or CAP_NET_BIND_SERVICE: name a port from 1024 on with";
	default:
		return "name another one with";
	}
}

static int fail(const struct address *a, const char *option, int err)
{
	char text[80];

	address_format(a, text, sizeof(text));
	log_error("cannot listen on %s: %s; %s %s", text, strerror(err),
		  advice(err), option);
	return -err;
}

/* A TCP server that comes back at once must not wait for old connections. UDP
 * has none, and would share its port with a second server.
 */
static int open_bound(const struct address *a, int type)
{
	int err, on = 1;
	int fd = socket(a->family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (type & SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&a->storage, a->size)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int listen_udp(const struct address *a, const char *option)
{
	int fd = open_bound(a, SOCK_DGRAM);

	return fd < 0 ? fail(a, option, -fd) : fd;
}

int listen_tcp(const struct address *a, const char *option)
{
	int err, fd = open_bound(a, SOCK_STREAM);

	if (fd < 0)
		return fail(a, option, -fd);
	if (listen(fd, SOMAXCONN)) {
		err = errno;
		close(fd);
		return fail(a, option, err);
	}
	return fd;
}

void listen_address(int fd, struct address *a)
{
	a->size = sizeof(a->storage);
	getsockname(fd, (struct sockaddr *)&a->storage, &a->size);
	a->family = a->storage.ss_family;
}
