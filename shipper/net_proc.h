/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces from /proc/net/dev, where packets can't be counted by BPF. The
 * devices' own counters: a super-packet may be one packet there, and there are
 * no classes and no buckets.
 */
#ifndef KTACH_SHIPPER_NET_PROC_H
#define KTACH_SHIPPER_NET_PROC_H

#include "host/file.h"
#include "host/options.h"
#include "shipper/net.h"

struct net_proc {
	struct host_file file;
	int class_net; /* folder of the host's interfaces; -1: they are ours */
	int events; /* readable when an interface has changed; negative: none */
	bool named; /* none has since @last was read: names are the same ones */
	struct interface_choice choice;
	struct net_row *last; /* what was read before, for rates */
	size_t last_count;
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

/**
 * net_proc_read() - read all interfaces that are wanted
 * @p: from net_proc_open()
 * @rows: filled; rates are over the time since the call before
 * @max: room there
 *
 * Return: rows filled.
 */
size_t net_proc_read(struct net_proc *p, struct net_row *rows, size_t max);

/* To be called when p->events is readable. */
void net_proc_links_changed(struct net_proc *p);

#endif /* KTACH_SHIPPER_NET_PROC_H */
