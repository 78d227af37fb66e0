// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "collector/self.h"
#include "lib/clock.h"

/* The second number of statm, in pages. */
static uint64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void self_look(struct self *self)
{
	*self = (struct self){ .cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
			       .memory_bytes = resident_bytes() };
}
