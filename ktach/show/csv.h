/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as CSV: a line a CPU or interface and sample, titles first. */
#ifndef KTACH_KTACH_SHOW_CSV_H
#define KTACH_KTACH_SHOW_CSV_H

#include <stdio.h>

#include "ktach/figures/figures.h"

/* The line of titles of a section. */
void csv_titles(FILE *out, enum section section);

/* The lines of one sample. */
void csv_lines(FILE *out, const struct figures *f, enum section section);

#endif /* KTACH_KTACH_SHOW_CSV_H */
