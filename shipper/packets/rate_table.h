/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rate table and what feeds it: the pinned programs and maps in memory.
 * bpf/layout.h tells how they play together.
 */
#ifndef KTACH_SHIPPER_PACKETS_RATE_TABLE_H
#define KTACH_SHIPPER_PACKETS_RATE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <ktach/net.h>

#include "lib/kernel/net_table.h"
#include "lib/kernel/pinned_map.h"
#include "lib/kernel/pins.h"

/**
 * struct rate_table - all of it
 * @table: the rates, as every reader has them
 * @head: the table's head, to set the period in
 * @places: ifindex to slot, written here
 * @assignments: whose slot it is, written here
 * @controls: thresholds, written here
 * @states: how far the timer has taken assignments in
 * @prog_fd: the programs to attach, by enum ktach_net_direction
 */
struct rate_table {
	struct net_table table;
	struct pinned_map head;
	struct pinned_map places;
	struct pinned_map assignments;
	struct pinned_map controls;
	struct pinned_map states;
	int prog_fd[KTACH_NET_DIRECTIONS];
};

/**
 * struct rate_settings - what a table is to be like
 * @period_ns: time between two ticks
 * @slots: interfaces that can be counted at once
 * @recorded: buckets of a recording, a power of two; 0: none
 */
struct rate_settings {
	uint64_t period_ns;
	uint32_t slots;
	uint32_t recorded;
};

/**
 * rate_table_load() - load the programs, start the timer, pin everything
 * @p: the empty folder to pin to
 * @s: settings
 * @what: set to what was tried last: "load BPF programs"
 *
 * Return: 0 or -errno.
 */
int rate_table_load(const struct pins *p, const struct rate_settings *s,
		    const char **what);

/* Tells this executable's programs from others: their size and checksum. */
uint64_t rate_build(void);

/**
 * rate_table_open() - map what is pinned
 * @t: filled
 * @p: where
 * @s: settings; another period than what is pinned is set, other differences
 *     count as another build
 *
 * Return: 0 or -errno: -ENOENT nothing or not all is there; -EPROTO it is of
 * another build, or its timer is dead: it must be replaced; -EXDEV it counts in
 * another network namespace.
 */
int rate_table_open(struct rate_table *t, const struct pins *p,
		    const struct rate_settings *s);
void rate_table_close(struct rate_table *t);

/* The interface that a slot is assigned to; 0: none. */
uint32_t rate_table_owner(const struct rate_table *t, uint32_t slot);

/* Whether a slot is free, and the timer has seen that: only then may it be taken. */
bool rate_table_free(const struct rate_table *t, uint32_t slot);

/**
 * rate_table_take() - let an interface's packets be counted in a slot
 * @t: the table
 * @slot: a free slot
 * @ifindex: the interface; attach to it after this, so that the first packet
 *           that the programs see is counted
 * @link_header: bytes of its link-layer header
 *
 * Return: 0; -ENOSPC if all places of the interface are others'.
 */
int rate_table_take(struct rate_table *t, uint32_t slot, uint32_t ifindex,
		    uint32_t link_header);

/* Give a slot back, after the programs were detached. */
void rate_table_give(struct rate_table *t, uint32_t slot);

/**
 * rate_table_threshold() - say which buckets are too large
 * @t: the table
 * @slot: an interface's
 * @over_bytes: larger ones are over the threshold; 0: none is
 * @freeze: stop the recording when there is one
 */
void rate_table_threshold(struct rate_table *t, uint32_t slot,
			  uint64_t over_bytes, bool freeze);

#endif /* KTACH_SHIPPER_PACKETS_RATE_TABLE_H */
