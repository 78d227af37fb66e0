/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces of this network namespace: counters from /proc/net/dev, and
 * rates with bursts from the rate table where packets are counted at TC.
 */
#ifndef KTACH_KTACH_NET_READER_H
#define KTACH_KTACH_NET_READER_H

#include "host/file.h"
#include "host/options.h"
#include "host/rtnl.h"
#include "ktach/figures.h"
#include "lib/net_table.h"

/**
 * struct net_reader - what is open
 * @pins: folder of the pinned maps
 * @from: HOST_FROM_PROC leaves the table alone
 * @mapped: the table is
 * @table_error: -errno: why it is not; -ESTALE if its timer stands still, and
 *               -EXDEV if it is of another network namespace
 * @file: net/dev, wherever /proc is
 * @last: counters of the last time
 * @host: where /sys is
 * @stacks: a line each: an interface that lies on others, and these
 * @stacks_used: bytes of it
 * @rtnl: tells of queueing disciplines; NULL if they are another machine's
 */
struct net_reader {
	const char *pins;
	enum host_from from;
	bool mapped;
	int table_error;
	struct net_table table;
	struct host_file file;
	struct net_figures last;
	const struct host_options *host;
	char *stacks;
	size_t stacks_used;
	struct rtnl *rtnl;
};

/* Takes the counters that rates begin at. Return 0, or -errno after a message. */
int net_reader_open(struct net_reader *r, enum host_from from, const char *pins,
		    const struct host_options *host);
void net_reader_close(struct net_reader *r);
int net_reader_read(struct net_reader *r, struct net_figures *f);

/**
 * net_dev_parse() - interfaces from /proc/net/dev
 * @text: the file
 * @f: filled: names and counters
 *
 * Return: 0, -ENOMEM, or -EINVAL if it doesn't look like that file.
 */
int net_dev_parse(const char *text, struct net_figures *f);

#endif /* KTACH_KTACH_NET_READER_H */
