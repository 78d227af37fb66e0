/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is attached at the TC hook of an interface, by whom: what libbpf, which
 * attaches and detaches there, can't list.
 */
#ifndef KTACH_LIB_KERNEL_TC_H
#define KTACH_LIB_KERNEL_TC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktach/net.h>

struct nl_sock;

enum tc_limits {
	TC_FILTERS_MAX = 64,		/* listed of a hook */
	TC_KIND_LEN = 16,
};

/**
 * struct tc_filter - a filter of a clsact qdisc
 * @handle: its handle
 * @priority: its priority
 * @prog_id: its BPF program, 0 if it has none
 * @ktach: whether that program bears a name of ours
 */
struct tc_filter {
	uint32_t handle;
	uint32_t priority;
	uint32_t prog_id;
	bool ktach;
};

/**
 * tc_qdisc_kind() - what stands where a clsact qdisc would
 * @s: from route_socket()
 * @ifindex: the interface
 * @kind: "clsact", "ingress", or "" for nothing
 */
void tc_qdisc_kind(struct nl_sock *s, uint32_t ifindex, char kind[TC_KIND_LEN]);

/**
 * tc_filters() - list the filters of a hook in the order that they run in
 * @s: from route_socket()
 * @ifindex: the interface
 * @direction: ingress or egress
 * @filters: filled; TC_FILTERS_MAX
 *
 * Return: how many there are; none without a qdisc.
 */
size_t tc_filters(struct nl_sock *s, uint32_t ifindex,
		  enum ktach_net_direction direction,
		  struct tc_filter *filters);

/**
 * tcx_programs() - list the programs of a tcx hook in the order they run in
 * @ifindex: the interface
 * @direction: ingress or egress
 * @ids: filled with the programs' ids; TC_FILTERS_MAX
 *
 * Return: how many there are, or -errno: -EINVAL if this kernel has no tcx.
 */
int tcx_programs(uint32_t ifindex, enum ktach_net_direction direction,
		 uint32_t *ids);

/* A program's id by its descriptor; 0 if it is none. */
uint32_t tc_program_id(int prog_fd);

/* A program's name, "" if we may not look. */
void tc_program_name(uint32_t prog_id, char name[TC_KIND_LEN]);

/* Whether a BPF program bears a name of ours; no, if we may not look. */
bool tc_program_is_ktach(uint32_t prog_id);

/*
 * Whether the timer ticks that belongs to a program of ours. It ends with its
 * pins, while a filter keeps the program. Yes, if we may not look.
 */
bool tc_program_lives(uint32_t prog_id);

/* The attach type, which headers older than Linux 6.6 lack. */
int tcx_attach_type(enum ktach_net_direction direction);

#endif /* KTACH_LIB_KERNEL_TC_H */
