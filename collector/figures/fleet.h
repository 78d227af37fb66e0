/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All nodes together, from what is in memory. */
#ifndef KTACH_COLLECTOR_FIGURES_FLEET_H
#define KTACH_COLLECTOR_FIGURES_FLEET_H

#include "collector/nodes/visit.h"
#include "collector/base/document.h"

/**
 * struct fleet - sums over the fresh nodes that tell, NAN where none does; the
 *                others are only counted
 * @states: nodes by enum node_state
 * @received: frames
 * @lost: frames
 * @cpus: online
 * @told_cpus: of them, those of nodes that tell how busy theirs are
 * @busy_cpus: as many CPUs' time was not idle
 * @memory_bytes: of nodes that tell
 * @memory_used_bytes: of the same
 * @rx_bytes_per_s: all interfaces
 * @tx_bytes_per_s: all interfaces
 * @softirqs_per_s: all vectors
 */
struct fleet {
	size_t states[NODE_STATES];
	uint64_t received;
	uint64_t lost;
	size_t cpus;
	size_t told_cpus;
	double busy_cpus;
	double memory_bytes;
	double memory_used_bytes;
	double rx_bytes_per_s;
	double tx_bytes_per_s;
	double softirqs_per_s;
};

/* Their states are nodes_age()'s. */
void fleet_sum(struct fleet *fleet, struct visit *v);

/* Of the CPUs of those that tell; NAN where none does. */
double fleet_busy(const struct fleet *fleet);

/* More of it, which an object's members are written of; may visit nodes. */
typedef void fleet_more(struct document *w, struct visit *v);

/* The summary with the worst nodes by CPU, memory, softirqs, full mounts and losses, and
 * those that fell silent.
 */
void fleet_write(struct document *w, struct visit *v,
		 const struct node_time *now, fleet_more *more);

#endif /* KTACH_COLLECTOR_FIGURES_FLEET_H */
