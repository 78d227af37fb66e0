/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting the two packet programs on an interface, and taking them off.
 *
 * tcx (Linux 6.6 and newer) where it is there: its links are pinned. Elsewhere
 * filters of a clsact qdisc, which need no pin. Both outlive the process, and
 * the next one finds them: nothing about an interface is kept here.
 *
 * Both ways the programs go in front of those that are there, so that packets
 * are counted before somebody's verdict; they have no verdict of their own.
 *
 * Other instances, with pins of their own. Where another one counts already,
 * nothing is done. Else each one attaches, then looks who else is there. As
 * newcomers go in front, a ktach program that runs after ours came earlier, and
 * ours goes: of any number that start at once, one stays. (Two that start in
 * the same instant can both give way only if one is on tcx and the other on
 * clsact, or if somebody else's filter has the lowest priority of all.) A
 * program is known by its name; it lives if its timer ticks. A filter of a dead
 * one, whose pins were removed by hand, is taken away.
 */
#ifndef KTACH_SHIPPER_PACKETS_ATTACH_H
#define KTACH_SHIPPER_PACKETS_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/net.h>

#include "lib/kernel/pins.h"

struct nl_sock;

/* What is the same for all interfaces. */
struct attacher {
	const struct pins *pins;
	struct nl_sock *tc;
	bool tcx;
	int prog_fd[KTACH_NET_DIRECTIONS];
	uint32_t prog_id[KTACH_NET_DIRECTIONS];
};

/**
 * attacher_open() - get ready
 * @a: filled
 * @p: where links are pinned
 * @prog_fd: the loaded programs, by enum ktach_net_direction; -1: to detach
 *           only
 * @clsact_only: don't use tcx
 *
 * Return: 0 or -errno.
 */
int attacher_open(struct attacher *a, const struct pins *p,
		  const int prog_fd[KTACH_NET_DIRECTIONS], bool clsact_only);
void attacher_close(struct attacher *a);

/* Whether both programs are on an interface already. */
bool attached(struct attacher *a, uint32_t ifindex);

/* Whether another living ktach counts there; once we count, too, whether it came
 * first.
 */
bool attached_other(struct attacher *a, uint32_t ifindex);

/**
 * attach() - put the programs on an interface
 * @a: from attacher_open()
 * @ifindex: the interface; to ask attached_other() before saves the work
 *
 * Return: 0; -EBUSY if another ktach came first; -EEXIST if an ingress
 * qdisc, which has no egress hook, is in the way; another -errno. On failure
 * nothing stays behind.
 */
int attach(struct attacher *a, uint32_t ifindex);

/* Take them off again. A clsact qdisc goes too, if it was made here and nobody
 * else has a filter on it.
 */
void detach(struct attacher *a, uint32_t ifindex);

/* As detach(), when the interface is gone from the namespace already. */
void detach_gone(struct attacher *a, uint32_t ifindex);

#endif /* KTACH_SHIPPER_PACKETS_ATTACH_H */
