/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures on paper. A view draws what there is, in the paper's width. */
#ifndef KTACH_KTACH_SHOW_VIEWS_H
#define KTACH_KTACH_SHOW_VIEWS_H

#include "ktach/figures/figures.h"
#include "ktach/show/paper.h"
#include "ktach/show/trend.h"

enum order {
	ORDER_NUMBER,		/* CPUs by number, interfaces as /proc has them */
	ORDER_ACTIVITY,		/* the busiest first */
	ORDERS
};

/* Of two numbers of lines or columns. */
static inline int least(int a, int b)
{
	return a < b ? a : b;
}

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

/* In its place in a table, a CPU that is not online. */
void view_cpu_away(struct paper *p, const struct cpu_row *row);

/**
 * view_cpu_bars() - a bar a CPU, in as many columns as it takes
 * @p: the paper
 * @f: the figures
 * @order: of the CPUs
 * @rows: lines to fill at most; CPUs that don't fit as bars become cells
 * @trends: drawn beside the bars where there is room; NULL if there are none
 *
 * Return: lines filled.
 */
int view_cpu_bars(struct paper *p, const struct cpu_figures *f,
		  enum order order, int rows, const struct trends *trends);

/* Lines that view_cpu_bars() fills. */
int view_cpu_lines(const struct paper *p, const struct cpu_figures *f,
		   int rows);

/* A line: all softirqs, the most frequent first. */
void view_softirq_total(struct paper *p, const struct cpu_figures *f);
void view_softirq_table(struct paper *p, const struct cpu_figures *f,
			enum order order);

/**
 * view_softirq_heat() - a line a vector: its rate, and a cell a CPU or a group
 * @p: the paper
 * @f: the figures
 * @order: of the vectors
 * @rows: lines to fill at most; the most frequent have them
 * @trends: drawn where there is room; vectors that ran lately have a line
 *
 * Return: lines filled.
 */
int view_softirq_heat(struct paper *p, const struct cpu_figures *f,
		      enum order order, int rows, const struct trends *trends);

/* Vectors that have a line. */
int view_softirq_vectors(const struct cpu_figures *f,
			 const struct trends *trends);

/**
 * view_net_table() - a title, a line an interface, and one for what has no room
 * @p: the paper
 * @f: the figures
 * @order: of the interfaces
 * @first: so many are passed over, as view_net_first() allows
 * @rows: lines to fill at most
 * @trends: drawn where there is room; may be NULL
 *
 * Return: lines filled.
 */
int view_net_table(struct paper *p, const struct net_figures *f,
		   enum order order, uint32_t first, int rows,
		   const struct trends *trends);

/* @first, or less where @rows lines have room for all that come after less. */
uint32_t view_net_first(const struct net_figures *f, uint32_t first, int rows);

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

#endif /* KTACH_KTACH_SHOW_VIEWS_H */
