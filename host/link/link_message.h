/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rtnetlink's messages say of interfaces, taken apart. */
#ifndef KTACH_HOST_LINK_LINK_MESSAGE_H
#define KTACH_HOST_LINK_LINK_MESSAGE_H

#include <linux/if.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

enum link_limits {
	LINK_MAC_MAX = 32,		/* bytes: MAX_ADDR_LEN */
	LINK_ADDRESS_TEXT = 48,		/* IPv6, a slash, its prefix */
	LINK_COUNTERS = 9,		/* RX_BYTES to COLLISIONS of the wire */
	LINK_MORE = 8,			/* RX_FIFO to TX_COMPRESSED */
	LINK_QDISC_VALUES = 4,		/* QDISC_DROPS to QDISC_BACKLOG_PACKETS */
};

/**
 * struct link_info - of RTM_NEWLINK
 * @ifindex: its number
 * @up: administratively
 * @carrier: there is a peer
 * @mtu_bytes: or WIRE_ABSENT
 * @carrier_changes: or WIRE_ABSENT
 * @mac: its hardware address
 * @mac_size: bytes of it
 * @name: its name
 */
struct link_info {
	uint32_t ifindex;
	bool up;
	bool carrier;
	uint64_t mtu_bytes;
	uint64_t carrier_changes;
	uint8_t mac[LINK_MAC_MAX];
	uint32_t mac_size;
	char name[IFNAMSIZ];
};

/**
 * struct link_address - of RTM_NEWADDR and RTM_DELADDR
 * @ifindex: whose
 * @family: AF_INET or AF_INET6
 * @scope: RT_SCOPE_*: the larger, the nearer
 * @prefix: bits
 * @bytes: the address, the rest zeroes
 */
struct link_address {
	uint32_t ifindex;
	uint8_t family;
	uint8_t scope;
	uint8_t prefix;
	uint8_t bytes[16];
};

/**
 * struct link_counters - of RTM_NEWSTATS
 * @value: in the order of enum wire_link_column, from WIRE_LINK_RX_BYTES on
 * @more: the same, from WIRE_LINK_RX_FIFO on
 */
struct link_counters {
	uint32_t ifindex;
	uint64_t value[LINK_COUNTERS];
	uint64_t more[LINK_MORE];
};

/**
 * struct link_qdisc - of RTM_NEWQDISC, of the root of an interface's queues
 * @value: in the order of enum wire_link_column, from WIRE_LINK_QDISC_DROPS on
 */
struct link_qdisc {
	uint32_t ifindex;
	uint64_t value[LINK_QDISC_VALUES];
};

/* Each fills what it is given, padding zeroed, and returns 0, or -EINVAL if the
 * message is of another kind, is about something else or lacks what it needs.
 * All of nlmsg_len is there: NLMSG_OK() was asked.
 */
int link_info_parse(const struct nlmsghdr *message, struct link_info *info);
int link_address_parse(const struct nlmsghdr *message,
		       struct link_address *address);
int link_counters_parse(const struct nlmsghdr *message,
			struct link_counters *counters);
int link_qdisc_parse(const struct nlmsghdr *message, struct link_qdisc *qdisc);

/* "192.0.2.1/24"; @text has LINK_ADDRESS_TEXT bytes. Return its length. */
int link_address_text(const struct link_address *address, char *text);

/* "02:00:5e:10:00:01", "" for what is no MAC; @text has 3 * LINK_MAC_MAX bytes.
 * Return its length.
 */
int link_mac_text(const struct link_info *info, char *text);

#endif /* KTACH_HOST_LINK_LINK_MESSAGE_H */
