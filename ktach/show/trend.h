/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last samples of what the live view shows, so that a course can be seen. */
#ifndef KTACH_KTACH_SHOW_TREND_H
#define KTACH_KTACH_SHOW_TREND_H

#include "ktach/figures/figures.h"
#include "ktach/show/paper.h"

enum trend_limits {
	TREND_SAMPLES = 240,	/* more than most terminals are wide */
	TREND_COLUMNS_MIN = 12,	/* a shorter line says too little */
};

/* A value of each sample; where the newest is, struct trends knows. */
struct trend {
	uint64_t value[TREND_SAMPLES];
};

struct net_trend {
	char name[IF_NAMESIZE];
	struct trend bytes;		/* per second, both ways */
};

/**
 * struct trends - all that are kept; all zeroes at the start
 * @taken: samples that were added so far
 * @busy: share that the CPUs were busy, together
 * @vector: softirqs, in 1/1000 per second
 * @cpus: CPUs at @cpu
 * @cpu: share that each was busy, by number
 * @nets: interfaces at @net
 * @net: those of the newest sample
 */
struct trends {
	uint64_t taken;
	struct trend busy;
	struct trend vector[CPU_TABLE_VALUES];
	uint32_t cpus;
	struct trend *cpu;
	uint32_t nets;
	struct net_trend *net;
};

/* Add a sample. What there is no memory for has no trend. */
void trends_add(struct trends *t, const struct figures *f);
void trends_free(struct trends *t);

/* Of a CPU, or of an interface; NULL for one that is not known. */
const struct trend *trend_of_cpu(const struct trends *t, uint32_t cpu);
const struct trend *trend_of_net(const struct trends *t, const char *name);

/* The largest of the last @samples. */
uint64_t trend_largest(const struct trends *t, const struct trend *one,
		       int samples);

/**
 * view_share_trend() - a line of @width cells, the newest sample on the right
 * @p: the paper
 * @t: where the newest is
 * @one: shares; NULL for blanks
 * @width: columns
 */
void view_share_trend(struct paper *p, const struct trends *t,
		      const struct trend *one, int width);

/* The same of any quantity; the largest that is seen has a whole cell. */
void view_rate_trend(struct paper *p, const struct trends *t,
		     const struct trend *one, int width, enum style style);

/* How busy the CPUs were, @rows high and as wide as the paper. */
void view_busy_graph(struct paper *p, const struct trends *t, int rows);

#endif /* KTACH_KTACH_SHOW_TREND_H */
