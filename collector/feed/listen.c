// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/feed/listen.h"
#include "lib/base/log.h"

enum {
	TRIES = 40,
	TRY_EVERY_US = 50000,
};

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
static int open_bound(const struct address *a, int type, bool shared)
{
	int err, on = 1;
	int fd = socket(a->family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (type & SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&a->storage, a->size)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int open_listening(const struct address *a, bool shared)
{
	int err, fd = open_bound(a, SOCK_STREAM, shared);

	if (fd < 0 || !listen(fd, SOMAXCONN))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* What a process had in io_uring is the kernel's for some moments after its end: who is started
 * again at once finds its own ports taken.
 */
static bool try_again(int err, int *tries)
{
	if (err != -EADDRINUSE || !--*tries)
		return false;
	usleep(TRY_EVERY_US);
	return true;
}

int listen_tcp(const struct address *a, const char *option)
{
	int fd, tries = TRIES;

	do {
		fd = open_listening(a, false);
	} while (try_again(fd, &tries));
	return fd < 0 ? fail(a, option, -fd) : fd;
}

static void close_all(struct listen_pair *pairs, unsigned int count)
{
	while (count--) {
		close(pairs[count].udp);
		close(pairs[count].tcp);
	}
}

/* The first of several shares its port only once it has it: so it finds out
 * whether another server does.
 */
static int open_pair(struct listen_pair *p, struct address *a, bool first)
{
	int err, on = 1;

	p->udp = open_bound(a, SOCK_DGRAM, !first);
	if (p->udp < 0)
		return p->udp;
	listen_address(p->udp, a);
	p->tcp = open_listening(a, !first);
	if (p->tcp < 0) {
		err = p->tcp;
		close(p->udp);
		return err;
	}
	if (first) {
		setsockopt(p->udp, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
		setsockopt(p->tcp, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	}
	return 0;
}

static int open_all(struct listen_pair *pairs, struct address *a,
		    unsigned int count)
{
	unsigned int i;
	int err;

	for (i = 0; i < count; i++) {
		err = open_pair(&pairs[i], a, !i);
		if (!err)
			continue;
		close_all(pairs, i);
		return err;
	}
	return 0;
}

/* Of any port: one that is free for UDP may be somebody's for TCP. */
int listen_feed(struct listen_pair *pairs, struct address *a,
		unsigned int count, const char *option)
{
	int err, tries = TRIES;
	struct address wanted = *a;

	do {
		*a = wanted;
		err = open_all(pairs, a, count);
	} while (try_again(err, &tries));
	return err ? fail(a, option, -err) : 0;
}

void listen_address(int fd, struct address *a)
{
	a->size = sizeof(a->storage);
	getsockname(fd, (struct sockaddr *)&a->storage, &a->size);
	a->family = a->storage.ss_family;
}
