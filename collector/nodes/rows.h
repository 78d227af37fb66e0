/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of a table, by key, in whatever order they come: a new one costs the
 * same in a large table, wherever it belongs.
 */
#ifndef KTACH_COLLECTOR_NODES_ROWS_H
#define KTACH_COLLECTOR_NODES_ROWS_H

#include "collector/nodes/samples.h"

/**
 * rows_get() - the row with a key; a new one if there is none
 * @s: the table
 * @at: where it may be; set to where it is
 * @key: its key
 * @budget: of its node
 *
 * Return: NULL if @budget or memory ran out.
 */
struct samples_row *rows_get(struct samples *s, size_t *at, uint64_t key,
			     struct samples_budget *budget);

/* Forget what does not come any more, once in a while. */
void rows_forget_old(struct samples *s, struct samples_budget *budget);

#endif /* KTACH_COLLECTOR_NODES_ROWS_H */
