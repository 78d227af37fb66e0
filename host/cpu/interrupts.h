/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_CPU_INTERRUPTS_H
#define KTACH_HOST_CPU_INTERRUPTS_H

#include "host/rows.h"
#include "lib/kernel/irq_symbol.h"

/**
 * struct irq - an interrupt
 * @key: its number; or as lib/kernel/irq_symbol.h has those without one
 * @count: of all CPUs, since boot
 * @more: since the reading before
 * @name: what the kernel calls it, in the text; not NUL-terminated
 * @size: its length
 */
struct irq {
	uint64_t key;
	uint64_t count;
	uint64_t more;
	const char *name;
	size_t size;
};

/**
 * irq_line() - read a line of /proc/interrupts
 * @at: the line
 * @cpus: columns of counts
 * @irq: filled
 *
 * Return: 0; -ENODATA if it tells of something without a count; -EINVAL if it is
 * not whole.
 */
int irq_line(const char *at, uint32_t cpus, struct irq *irq);

/* CPUs that the first line of it has; 0 if it is no such line. */
uint32_t irq_cpus(const char *text);

#endif /* KTACH_HOST_CPU_INTERRUPTS_H */
