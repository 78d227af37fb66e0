/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a sample came whole. One with more rows than a frame has room for is cut
 * into several tables; each but the last one ends its frame, and the next one begins
 * the next frame:
 *
 *   frame 7: [ shipper | mounts | CPUs 0..40 ]  frame 8: [ CPUs 41..63 | softirqs ]
 *
 * Tables of one kind that follow each other so are a run. It is whole if another
 * kind is before it and behind it, and no frame in between is missing.
 */
#ifndef KTACH_COLLECTOR_NODES_RUN_H
#define KTACH_COLLECTOR_NODES_RUN_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct run - of a node's newest frames
 * @next: number of the frame that would go on with it
 * @kind: of its tables; 0: what was before is not known
 * @whole: nothing of it is missing so far
 */
struct run {
	uint64_t next;
	uint32_t kind;
	bool whole;
};

/* Something is missing here. */
static inline void run_break(struct run *r)
{
	*r = (struct run){ 0 };
}

/* A frame begins. */
static inline void run_frame(struct run *r, uint64_t number)
{
	if (number != r->next)
		run_break(r);
	r->next = number + 1;
}

/* A table comes. Returns the kind of the run that ended before it, and is whole; 0:
 * none did.
 */
static inline uint32_t run_table(struct run *r, uint32_t kind)
{
	uint32_t before = r->kind;
	bool whole = r->whole;

	if (kind == before)
		return 0;
	r->kind = kind;
	r->whole = before;
	return whole ? before : 0;
}

#endif /* KTACH_COLLECTOR_NODES_RUN_H */
