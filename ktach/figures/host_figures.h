/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From gauges that collectors told to figures, and back. No I/O. */
#ifndef KTACH_KTACH_FIGURES_HOST_FIGURES_H
#define KTACH_KTACH_FIGURES_HOST_FIGURES_H

#include "ktach/figures/figures.h"
#include "ktach/figures/reading.h"

/* A gauge of a reading; @otherwise if it was not told. */
uint64_t gauge_of(const struct reading *r, uint64_t key, uint64_t otherwise);

/* What @r does not tell is taken from @more. */
void memory_of(const struct reading *r, const struct reading *more,
	       struct mem_figures *f);

/* Averages of @r; @threads and @tasks tell of what runs. Not the uptime. */
void load_of(const struct reading *r, const struct reading *threads,
	     const struct reading *tasks, struct load_figures *f);

/* The reverse of both: what is known becomes rows of WIRE_GAUGES. */
void gauges_of(const struct figures *f, struct rows *gauges);

#endif /* KTACH_KTACH_FIGURES_HOST_FIGURES_H */
