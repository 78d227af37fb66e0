/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What memory and CPU time the collector itself takes. */
#ifndef KTACH_COLLECTOR_BASE_SELF_H
#define KTACH_COLLECTOR_BASE_SELF_H

#include <stdint.h>

/**
 * struct self - this process
 * @cpu_ns: user and system time of all threads since the start
 * @memory_bytes: resident; 0 if /proc can't be read
 */
struct self {
	uint64_t cpu_ns;
	uint64_t memory_bytes;
};

void self_look(struct self *self);

/* Once in a while: what was freed since there was much more of it goes back to the
 * system, though others' lies between.
 */
void self_return_memory(uint64_t mono_ns);

/* Memory that there is for this process: the machine's, or its control group's or
 * that of its address space if that is less. 0: not known.
 */
uint64_t self_memory_limit(void);

#endif /* KTACH_COLLECTOR_BASE_SELF_H */
