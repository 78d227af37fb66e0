/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which interfaces are counted, and in which slot: keeps the programs on all
 * that are wanted, as they come, go, are renamed and move.
 */
#ifndef KTACH_SHIPPER_PACKETS_INTERFACES_H
#define KTACH_SHIPPER_PACKETS_INTERFACES_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "shipper/packets/attach.h"
#include "shipper/packets/complaints.h"
#include "host/net/interface_choice.h"
#include "shipper/packets/links.h"
#include "shipper/packets/rate_table.h"

struct interface;

struct interfaces {
	struct interface_choice choice;
	struct rate_table *table;
	struct attacher *attacher;
	struct links links;
	struct interface *slots;	/* as many as the table has */
	uint32_t count;
	bool again;			/* some wait for a slot to be free */
	bool checking;			/* whether the programs are still on all */
	uint64_t check_ns;		/* CLOCK_MONOTONIC when that is due */
	struct complaints complaints;
	int work;			/* an eventfd: some are to be taken in */
};

/**
 * interfaces_open() - take in what is there
 * @s: filled
 * @c: which; its texts stay the caller's
 * @t: the table; interfaces that it counts already, go on in their slots
 * @a: what attaches to them
 *
 * Those that can't be had are named in a warning and left out. After 2 s the
 * others are left to interfaces_drain().
 *
 * Return: 0 or -errno.
 */
int interfaces_open(struct interfaces *s, const struct interface_choice *c,
		    struct rate_table *t, struct attacher *a);

/* Leaves the programs where they are. */
void interfaces_close(struct interfaces *s);

/* Two descriptors: one is readable when there is something for interfaces_drain(). */
int interfaces_fd(const struct interfaces *s);
int interfaces_work_fd(const struct interfaces *s);

/*
 * Takes in what happened. Never waits for events, and leaves those interfaces to
 * the next call that would take longer than 20 ms.
 */
void interfaces_drain(struct interfaces *s);

/**
 * interfaces_check() - see to those that no event tells of
 * @s: what interfaces_open() made
 * @interval_ns: how often all are looked at
 *
 * Those that found no free slot are tried again. Once an interval, all are looked
 * at: programs that somebody took off are put on again, and interfaces that
 * another ktach counted are counted once it doesn't any more. For neither the
 * kernel has an event that all kinds of hooks share. Cheap in between.
 */
void interfaces_check(struct interfaces *s, uint64_t interval_ns);

/* Whether one that is chosen is not counted here. */
bool interfaces_lack(const struct interfaces *s);

/* Whether one has this slot. */
bool interfaces_use(const struct interfaces *s, uint32_t slot);

/* The name of the interface that counts in a slot; NULL if none does. */
const char *interfaces_name(const struct interfaces *s, uint32_t slot,
			    uint32_t ifindex);

#endif /* KTACH_SHIPPER_PACKETS_INTERFACES_H */
