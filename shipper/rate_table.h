/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rate table and what feeds it: the loaded BPF object, its timer, and its
 * maps in memory. bpf/layout.h tells how they play together.
 */
#ifndef KTACH_SHIPPER_RATE_TABLE_H
#define KTACH_SHIPPER_RATE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/net.h>

struct net_bpf;
struct net_state;

/**
 * struct rate_table - all of it
 * @bpf: the skeleton
 * @buckets: ifindex to slot, written here
 * @assignments: whose slot it is, written here
 * @states: how far the timer has taken that in
 * @table: the rates
 * @generation: of each slot's assignment
 */
struct rate_table {
	struct net_bpf *bpf;
	uint64_t *buckets;
	uint64_t *assignments;
	const struct net_state *states;
	const struct ktach_net_slot *table;
	uint32_t generation[KTACH_NET_SLOTS];
};

/**
 * rate_table_open() - load the programs, map the table, start the timer
 * @t: filled
 * @period_ns: time between two ticks
 * @what: set to what was tried last: "load BPF programs"
 *
 * Return: 0 or -errno.
 */
int rate_table_open(struct rate_table *t, uint64_t period_ns,
		    const char **what);
void rate_table_close(struct rate_table *t);

/* The programs to attach, by enum ktach_net_direction. */
void rate_table_programs(const struct rate_table *t,
			 int prog_fd[KTACH_NET_DIRECTIONS]);

/* Whether a slot is nobody's and the timer knows it: only then take it. */
bool rate_table_free(const struct rate_table *t, uint32_t slot);

/**
 * rate_table_take() - let an interface's packets be counted in a slot
 * @t: the table
 * @slot: a free slot
 * @ifindex: the interface; attach to it after this, so that the first packet
 *           that the programs see is counted
 * @link_header: bytes of its link-layer header
 *
 * Return: 0; -ENOSPC if the interface's bucket is another's.
 */
int rate_table_take(struct rate_table *t, uint32_t slot, uint32_t ifindex,
		    uint32_t link_header);

/* The reverse; detach before this. */
void rate_table_give(struct rate_table *t, uint32_t slot, uint32_t ifindex);

/* Copy a slot as of one tick. False if that failed, which is no error. */
bool rate_table_copy(const struct rate_table *t, uint32_t number,
		     struct ktach_net_slot *copy);

#endif /* KTACH_SHIPPER_RATE_TABLE_H */
