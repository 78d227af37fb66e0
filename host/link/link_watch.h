/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the table of interfaces by what rtnetlink says. */
#ifndef KTACH_HOST_LINK_LINK_WATCH_H
#define KTACH_HOST_LINK_LINK_WATCH_H

#include "host/link/link_table.h"
#include "host/link/rtnl.h"

/**
 * struct link_watch - the whole
 * @include: globs, or NULL
 * @exclude: the same
 * @rtnl: where it comes from
 * @control: a socket to ask drivers by
 * @table: all interfaces, also those that are not chosen: names change
 * @stale: events were lost, or a dump was
 * @news: something of a chosen interface changed since this was last false
 * @round: number of the last dump of counters
 */
struct link_watch {
	const char *include;
	const char *exclude;
	struct rtnl rtnl;
	int control;
	struct link_table table;
	bool stale;
	bool news;
	uint64_t round;
};

/**
 * link_watch_open() - begin, with an empty table
 * @w: filled
 * @include: globs, or NULL: all
 * @exclude: globs, or NULL: none
 *
 * Return: 0, or -errno: nothing to close then.
 */
int link_watch_open(struct link_watch *w, const char *include,
		    const char *exclude);
void link_watch_close(struct link_watch *w);

/* Take what happened, or all there is where that is not known. 0 or -errno. */
int link_watch_catch_up(struct link_watch *w);

/* Read all counters. 0 or -errno. */
int link_watch_count(struct link_watch *w);

#endif /* KTACH_HOST_LINK_LINK_WATCH_H */
