/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What figures tell, by the book: JSON and CSV write the same values by the same names. */
#ifndef KTACH_KTACH_SHOW_SECTION_H
#define KTACH_KTACH_SHOW_SECTION_H

#include "ktach/figures/figures.h"
#include "ktach/show/field.h"

/**
 * section_row() - tell the values of a CPU or an interface
 * @f: the figures
 * @section: one with rows
 * @row: which
 * @put: told each value; "share.user" is the member "user" of an object "share", and
 *       values that are not known are absent
 */
void section_row(const struct figures *f, enum section section, uint32_t row,
		 put_member *put, void *arg);

/* The same of what belongs to no row: all CPUs together, memory, load. */
void section_total(const struct figures *f, enum section section,
		   put_member *put, void *arg);

#endif /* KTACH_KTACH_SHOW_SECTION_H */
