// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lib/netlink/route_socket.h"

/* A kernel that doesn't answer must not stop the program. */
static const struct timeval answer_time = { .tv_sec = 2 };

struct nl_sock *route_socket(void)
{
	struct nl_sock *s = nl_socket_alloc();

	if (!s)
		return NULL;
	if (nl_connect(s, NETLINK_ROUTE) < 0) {
		nl_socket_free(s);
		return NULL;
	}
	/* Requests are answered, or refused with a message: no need for both. */
	nl_socket_disable_auto_ack(s);
	setsockopt(nl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &answer_time,
		   sizeof(answer_time));
	return s;
}
