// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/netlink/route_socket.h"
#include "shipper/packets/links.h"

enum {
	EVENTS_BUFFER = 1 << 20, /* bytes: a burst of many interfaces */
	DUMP_TRIES = 5,
};

static uint32_t header_of(const struct ifinfomsg *info)
{
	switch (info->ifi_type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return ETH_HLEN;
	default:
		return 0;
	}
}

/*
 * Bridges speak of their ports in the same messages under their own family; a
 * port that leaves a bridge is "deleted" there and goes on to exist.
 */
static int take_message(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct ifinfomsg *info = nlmsg_data(header);
	struct links *l = context;
	struct nlattr *name;

	if (!nlmsg_valid_hdr(header, sizeof(*info)) ||
	    info->ifi_family != AF_UNSPEC)
		return NL_OK;
	if (header->nlmsg_type == RTM_DELLINK)
		l->gone(l->context, info->ifi_index);
	if (header->nlmsg_type != RTM_NEWLINK)
		return NL_OK;
	name = nlmsg_find_attr(header, sizeof(*info), IFLA_IFNAME);
	if (!name)
		return NL_OK;
	l->present(l->context,
		   &(struct link){
			   .ifindex = info->ifi_index,
			   .name = nla_get_string(name),
			   .loopback = info->ifi_flags & IFF_LOOPBACK,
			   .header = header_of(info),
		   });
	return NL_OK;
}

static int open_events(struct links *l)
{
	l->events = route_socket();
	if (!l->events)
		return -ENOMEM;
	nl_socket_disable_seq_check(l->events);
	nl_socket_set_buffer_size(l->events, EVENTS_BUFFER, 0);
	nl_socket_modify_cb(l->events, NL_CB_VALID, NL_CB_CUSTOM, take_message,
			    l);
	if (nl_socket_add_membership(l->events, RTNLGRP_LINK) < 0 ||
	    nl_socket_set_nonblocking(l->events) < 0)
		return -EIO;
	return 0;
}

int links_open(struct links *l)
{
	int error;

	l->query = NULL;
	l->control = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = open_events(l);
	if (error)
		goto close;
	l->query = route_socket();
	if (!l->query) {
		error = -ENOMEM;
		goto close;
	}
	return 0;
close:
	links_close(l);
	return error;
}

void links_close(struct links *l)
{
	nl_socket_free(l->query);
	nl_socket_free(l->events);
	if (l->control >= 0)
		close(l->control);
}

int links_fd(const struct links *l)
{
	return nl_socket_get_fd(l->events);
}

/* A dump that was interrupted by a change may lack an interface: once more. */
int links_list(struct links *l)
{
	struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	int error = 0, i;

	for (i = 0; i < DUMP_TRIES; i++) {
		nl_socket_modify_cb(l->query, NL_CB_VALID, NL_CB_CUSTOM,
				    take_message, l);
		error = nl_send_simple(l->query, RTM_GETLINK, NLM_F_DUMP, &all,
				       sizeof(all));
		if (error < 0)
			return -EIO;
		error = nl_recvmsgs_default(l->query);
		if (error != -NLE_DUMP_INTR)
			break;
	}
	return error < 0 ? -EIO : 0;
}

int links_drain(struct links *l)
{
	int error;

	do {
		error = nl_recvmsgs_default(l->events);
	} while (error >= 0);
	return error == -NLE_AGAIN ? 0 : -ENOBUFS;
}

/* Of the socket's network namespace, wherever /sys is of. */
uint32_t links_speed_mbit(const struct links *l, const char *name)
{
	struct ethtool_cmd command = { .cmd = ETHTOOL_GSET };
	struct ifreq request = { .ifr_data = (void *)&command };
	uint32_t mbit;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(l->control, SIOCETHTOOL, &request))
		return 0;
	/* ethtool_cmd_speed() shifts into the sign. */
	mbit = (uint32_t)command.speed_hi << 16 | command.speed;
	return mbit == (uint32_t)SPEED_UNKNOWN ? 0 : mbit;
}
