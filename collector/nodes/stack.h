/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces that lie on others: bridges, bonds, VLANs ... */
#ifndef KTACH_COLLECTOR_NODES_STACK_H
#define KTACH_COLLECTOR_NODES_STACK_H

#include "collector/nodes/facts.h"
#include "collector/nodes/samples.h"

enum stack_limits {
	STACK_STEPS_MAX = 1 << 22, /* names compared */
	STACK_STEPS_MANY = 1 << 18,
};

/**
 * stack_mark() - set @stacked of interfaces' rows
 * @s: the rows
 * @name: which of their texts is the interface's name
 * @facts: WIRE_FACT_STACKED of their node
 *
 * A row is stacked if it lies, by way of others or not, on a row that is there.
 * What is not found within STACK_STEPS_MAX is not: no host has so much, and names
 * that are made up could take for ever.
 *
 * Return: steps that it took.
 */
unsigned int stack_mark(struct samples *s, uint32_t name, const struct facts *facts);

#endif /* KTACH_COLLECTOR_NODES_STACK_H */
