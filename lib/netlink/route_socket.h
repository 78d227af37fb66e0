/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_NETLINK_ROUTE_SOCKET_H
#define KTACH_LIB_NETLINK_ROUTE_SOCKET_H

struct nl_sock;

/* For requests of rtnetlink, which a kernel that does not answer ends after a while.
 * NULL if there is none to be had.
 */
struct nl_sock *route_socket(void);

#endif /* KTACH_LIB_NETLINK_ROUTE_SOCKET_H */
