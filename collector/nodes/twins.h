/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of one table whose names are the same: a series is told by names, and must not
 * be there twice. Senders clean names of what cannot be shown, which may make two of
 * them one; or another device has taken a name, and the one before it is not known to
 * be gone.
 */
#ifndef KTACH_COLLECTOR_NODES_TWINS_H
#define KTACH_COLLECTOR_NODES_TWINS_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/nodes/samples.h"

/**
 * twins_tell() - tell rows apart
 * @s: a settled table
 * @kind: its kind; those whose rows are told by their keys have no twins
 *
 * Of rows with the same names those of older samples are not current any more, and
 * of the others each has its key behind its name.
 *
 * Return: whether there are some: to be asked again with the next sample.
 */
bool twins_tell(struct samples *s, uint32_t kind);

#endif /* KTACH_COLLECTOR_NODES_TWINS_H */
