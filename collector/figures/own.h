/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series that rows name: WIRE_OWN and WIRE_PART. */
#ifndef KTACH_COLLECTOR_FIGURES_OWN_H
#define KTACH_COLLECTOR_FIGURES_OWN_H

#include <stdbool.h>
#include <stdint.h>

/* Whether what a row says of itself is a name and labels, and no name of our own families;
 * a part's is in the book. It comes from strangers.
 */
bool own_series_fits(uint32_t kind, const char *name, const char *labels);

#endif /* KTACH_COLLECTOR_FIGURES_OWN_H */
