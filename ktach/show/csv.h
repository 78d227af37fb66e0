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

/* A text as a cell that is not the first one. */
void csv_text(FILE *out, const char *text, size_t size);

#endif /* KTACH_KTACH_SHOW_CSV_H */
