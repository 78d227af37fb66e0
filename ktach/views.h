/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures on paper. A view draws what there is, in the paper's width. */
#ifndef KTACH_KTACH_VIEWS_H
#define KTACH_KTACH_VIEWS_H

#include "ktach/figures.h"
#include "ktach/paper.h"

enum order {
	ORDER_NUMBER,		/* CPUs by number, interfaces as /proc has them */
	ORDER_ACTIVITY,		/* the busiest first */
	ORDERS
};

/* One screen of all sections. */
void view_summary(struct paper *p, const struct figures *f);

/* One section whole. */
void view_section(struct paper *p, const struct figures *f,
		  enum section section, enum order order);

/* Host, kernel, uptime, time. */
void view_title(struct paper *p, const struct figures *f);

/* A line: all CPUs together. */
void view_cpu_total(struct paper *p, const struct cpu_figures *f);

/* A line a CPU with every state. */
void view_cpu_table(struct paper *p, const struct cpu_figures *f,
		    enum order order);

/**
 * view_cpu_bars() - a bar a CPU, in as many columns as it takes
 * @p: the paper
 * @f: the figures
 * @order: of the CPUs
 * @rows: lines to fill at most; CPUs that don't fit as bars become cells
 *
 * Return: lines filled.
 */
int view_cpu_bars(struct paper *p, const struct cpu_figures *f,
		  enum order order, int rows);

/* A line: all softirqs, the most frequent first. */
void view_softirq_total(struct paper *p, const struct cpu_figures *f);
void view_softirq_table(struct paper *p, const struct cpu_figures *f,
			enum order order);

/* A line a vector that ran: its rate, and a cell a CPU or a group of CPUs.
 * Returns lines filled, at most @rows.
 */
int view_softirq_heat(struct paper *p, const struct cpu_figures *f, int rows);

/* A line an interface, at most @rows, and a title. Returns lines filled. */
int view_net_table(struct paper *p, const struct net_figures *f,
		   enum order order, int rows);

void view_mem(struct paper *p, const struct mem_figures *f);
void view_mem_total(struct paper *p, const struct mem_figures *f);
void view_load(struct paper *p, const struct load_figures *f);
void view_load_total(struct paper *p, const struct load_figures *f);

/* What is missing, and from where the rest is. */
void view_origins(struct paper *p, const struct figures *f);
void view_notes(struct paper *p, const struct figures *f);

/**
 * order_rows() - the order that rows are shown in
 * @rows: how many
 * @order: of them
 * @weight: how active row @i is
 * @arg: for @weight
 *
 * Return: their numbers, to be freed; NULL without memory.
 */
uint32_t *order_rows(uint32_t rows, enum order order,
		     uint64_t (*weight)(const void *arg, uint32_t i),
		     const void *arg);

#endif /* KTACH_KTACH_VIEWS_H */
