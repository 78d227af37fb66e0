/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes of the kernel's own tracepoints, found by name: those that modules may
 * use are not all exported one by one.
 */
#ifndef KTACH_PROBE_H
#define KTACH_PROBE_H

struct tracepoint;

/**
 * struct ktach_probe - a function to be called at a tracepoint
 * @name: the tracepoint's, without its group
 * @function: takes a pointer that is NULL, then the tracepoint's arguments
 * @tracepoint: the aggregator's
 */
struct ktach_probe {
	const char *name;
	void *function;
	struct tracepoint *tracepoint;
};

/**
 * ktach_probes_attach() - have probes called from now on
 * @probes: stay the aggregator's until ktach_probes_detach()
 * @count: how many; all of them are attached, or none
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT for a tracepoint that this kernel lacks, which the
 * kernel's log names; -ENOMEM.
 */
int ktach_probes_attach(struct ktach_probe *probes, unsigned int count);

/**
 * ktach_probes_detach() - and not any more
 * @probes: attached before
 * @count: how many
 *
 * After this returns, none of them is running. Works under any load.
 *
 * Context: process, may sleep.
 */
void ktach_probes_detach(struct ktach_probe *probes, unsigned int count);

#endif /* KTACH_PROBE_H */
