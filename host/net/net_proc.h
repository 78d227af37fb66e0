/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces from /proc/net/dev, where packets can't be counted by BPF. The
 * devices' own counters: a super-packet may be one packet there, and there are
 * no classes and no buckets.
 */
#ifndef KTACH_HOST_NET_NET_PROC_H
#define KTACH_HOST_NET_NET_PROC_H

#include <net/if.h>

#include "host/file.h"
#include "host/net/net_dev.h"
#include "host/options.h"
#include "lib/wire/wire.h"
#include "host/net/interface_choice.h"

enum net_proc_trouble {
	NET_PROC_RX_ERRORS,
	NET_PROC_RX_DROPS,
	NET_PROC_TX_ERRORS,
	NET_PROC_TX_DROPS,
	NET_PROC_TROUBLES
};

/**
 * struct net_proc_reading - interfaces that are wanted
 * @cells: a row of WIRE_NET_REQUIRED columns each
 * @trouble: errors and drops, received and sent
 * @names: of them
 * @texts: the same, as the wire has them
 * @count: rows
 * @room: rows that there is memory for
 * @mono_ns: CLOCK_MONOTONIC of it
 */
struct net_proc_reading {
	uint64_t *cells;
	uint64_t (*trouble)[NET_PROC_TROUBLES];
	char (*names)[IF_NAMESIZE];
	struct wire_text *texts;
	size_t count;
	size_t room;
	uint64_t mono_ns;
};

struct net_proc {
	struct host_file file;
	int class_net; /* folder of the host's interfaces; -1: they are ours */
	int events; /* readable when an interface has changed; negative: none */
	bool named; /* none has since @last was read: names are the same ones */
	bool told; /* that one has no number */
	struct interface_choice choice;
	struct net_dev_titles titles;
	struct net_proc_reading now;
	struct net_proc_reading last; /* the one before, for rates */
};

/**
 * net_proc_open() - get ready
 * @p: filled
 * @c: interfaces that are wanted
 * @host: where /proc and /sys are
 *
 * Return: 0 or -errno.
 */
int net_proc_open(struct net_proc *p, const struct interface_choice *c,
		  const struct host_options *host);
void net_proc_close(struct net_proc *p);

/* Read them: rates are over the time since the call before. What is returned
 * stays as it is until the next one. NULL if the file cannot be read.
 */
const struct net_proc_reading *net_proc_read(struct net_proc *p);

/* To be called when p->events is readable. */
void net_proc_links_changed(struct net_proc *p);

#endif /* KTACH_HOST_NET_NET_PROC_H */
