/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting the two packet programs on an interface, and taking them off.
 *
 * tcx (Linux 6.6 and newer) where it is there: the links vanish with the
 * process, whatever its end. Elsewhere filters of a clsact qdisc, which outlive
 * a process that was killed; the next one finds and removes them.
 *
 * Both ways the programs go in front of those that are there, so that packets
 * are counted before somebody's verdict; they have no verdict of their own.
 *
 * Two instances. Each one attaches, then looks who else is there. As
 * newcomers go in front, a ktach program that runs after ours came earlier,
 * and ours goes: of any number that start at once, one stays. (Two that start
 * in the same instant can both give way only if one is on tcx and the other on
 * clsact, or if somebody else's filter has the lowest priority of all.) A
 * program is known by its name; in a clsact qdisc it belongs to a living
 * process if the abstract socket "ktach-net-<program id>" of the network
 * namespace is taken. Squatting on that name only keeps a dead filter in place.
 */
#ifndef KTACH_SHIPPER_ATTACH_H
#define KTACH_SHIPPER_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/net.h>

struct nl_sock;

/* What is the same for all interfaces. */
struct attacher {
	struct nl_sock *tc;
	bool tcx;
	int prog_fd[KTACH_NET_DIRECTIONS];
	uint32_t prog_id[KTACH_NET_DIRECTIONS];
	int alive_fd[KTACH_NET_DIRECTIONS]; /* clsact only, else -1 */
};

/**
 * struct attachment - the programs on one interface
 * @ifindex: the interface
 * @link_fd: tcx links, -1 for none
 * @priority: of the clsact filters, 0 for none
 * @handle: of the clsact filters; tells whether the qdisc is ours
 */
struct attachment {
	uint32_t ifindex;
	int link_fd[KTACH_NET_DIRECTIONS];
	uint32_t priority[KTACH_NET_DIRECTIONS];
	uint32_t handle;
};

/**
 * attacher_open() - get ready
 * @a: filled
 * @prog_fd: the loaded programs, by enum ktach_net_direction
 * @clsact_only: don't use tcx
 *
 * Return: 0 or -errno.
 */
int attacher_open(struct attacher *a, const int prog_fd[KTACH_NET_DIRECTIONS],
		  bool clsact_only);
void attacher_close(struct attacher *a);

/**
 * attach() - put the programs on an interface
 * @a: from attacher_open()
 * @t: filled; on failure nothing stays behind
 * @ifindex: the interface
 *
 * Return: 0; -EBUSY if another ktach counts there; -EEXIST if an ingress
 * qdisc, which has no egress hook, is in the way; another -errno.
 */
int attach(struct attacher *a, struct attachment *t, uint32_t ifindex);

/* Take them off again. A clsact qdisc goes too, if it was made here and nobody
 * else has a filter on it.
 */
void detach(struct attacher *a, struct attachment *t);

/* As detach(), when the interface is gone from the namespace already. */
void detach_gone(struct attachment *t);

#endif /* KTACH_SHIPPER_ATTACH_H */
