/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces that there are, kept by what rtnetlink says. */
#ifndef KTACH_HOST_LINK_LINK_TABLE_H
#define KTACH_HOST_LINK_LINK_TABLE_H

#include <stddef.h>

#include "host/link/ethtool.h"
#include "host/link/link_message.h"

enum link_table_limits {
	LINK_ADDRESSES_MAX = 65536,	/* of all: more are not kept */
	LINKS_MAX = 16384,		/* as many as a table has rows */
};

/**
 * struct link_entry - an interface
 * @info: as rtnetlink has it
 * @hardware: as its driver has it
 * @chosen: to be told of
 * @counters: as of @round
 * @more: the same, those that came later on the wire
 * @round: of the last dump that had it
 * @qdisc: as of @qdisc_round, which is as @round
 */
struct link_entry {
	struct link_info info;
	struct link_hardware hardware;
	bool chosen;
	uint64_t counters[LINK_COUNTERS];
	uint64_t more[LINK_MORE];
	uint64_t round;
	uint64_t qdisc[LINK_QDISC_VALUES];
	uint64_t qdisc_round;
};

/**
 * struct link_table - all zeroes: empty
 * @links: by ifindex
 * @count: of them
 * @room: memory for them
 * @addresses: by ifindex, family, scope, and bytes
 * @address_count: of them
 * @address_room: memory for them
 */
struct link_table {
	struct link_entry *links;
	size_t count;
	size_t room;
	struct link_address *addresses;
	size_t address_count;
	size_t address_room;
};

void link_table_clear(struct link_table *t);
void link_table_exit(struct link_table *t);

/* NULL if there is none. */
struct link_entry *link_table_find(const struct link_table *t,
				   uint32_t ifindex);

/**
 * link_table_put() - a link is there
 * @t: the table
 * @info: what it is like
 * @changed: set to whether that is new, or different
 *
 * Return: its entry, valid until the next call; NULL without memory, or with
 * too many of them.
 */
struct link_entry *link_table_put(struct link_table *t,
				  const struct link_info *info, bool *changed);

/* A link has gone, with its addresses. Whether it was there. */
bool link_table_drop(struct link_table *t, uint32_t ifindex);

/* An address is there, or gone. Whether that is news. */
bool link_table_put_address(struct link_table *t,
			    const struct link_address *address);
bool link_table_drop_address(struct link_table *t,
			     const struct link_address *address);

/**
 * link_table_addresses() - a link's addresses, with spaces between them
 * @t: the table
 * @ifindex: whose
 * @text: filled; those that don't fit are left out
 * @size: room there
 *
 * Return: length of the text.
 */
size_t link_table_addresses(const struct link_table *t, uint32_t ifindex,
			    char *text, size_t size);

#endif /* KTACH_HOST_LINK_LINK_TABLE_H */
