// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/nodes/clock.h"

enum {
	COUNT_KNOWN = 3,
	SMOOTH = 8,
	DRIFT = 2000, /* one in so many: how much two clocks may differ */
};

/* A difference larger than this is that of a frame that waited, or of a clock that
 * was set.
 */
#define JITTER_NS INT64_C(500000000)
/* If no frame came as quickly for so long, the network's way has become longer. */
#define PATIENCE_NS UINT64_C(60000000000)

static void begin_clock(struct clock *c, int64_t path_ns, uint64_t mono_ns)
{
	*c = (struct clock){ .path_ns = path_ns,
			     .path_at_ns = mono_ns,
			     .good_at_ns = mono_ns };
}

/* The shortest way as it would be now, had the node's clock been slower. */
static int64_t shortest(const struct clock *c, uint64_t mono_ns)
{
	return c->path_ns + (int64_t)((mono_ns - c->path_at_ns) / DRIFT);
}

static void compare_offset(struct clock *c, int64_t offset_ns)
{
	int64_t step_ns = offset_ns - c->offset_ns;

	if (!c->count || step_ns > JITTER_NS || step_ns < -JITTER_NS) {
		c->offset_ns = offset_ns;
		c->count = 1;
		return;
	}
	c->offset_ns += step_ns / SMOOTH;
	c->count++;
}

void clock_take(struct clock *c, uint64_t real_ns, uint64_t mono_ns,
		const struct node_time *now)
{
	int64_t path_ns = (int64_t)(now->mono_ns - mono_ns), late_ns;

	if (!c->path_at_ns || path_ns < c->path_ns - JITTER_NS ||
	    now->mono_ns - c->good_at_ns > PATIENCE_NS)
		begin_clock(c, path_ns, now->mono_ns);
	late_ns = path_ns - shortest(c, now->mono_ns);
	if (late_ns > JITTER_NS)
		return;
	if (late_ns < 0) {
		c->path_ns = path_ns;
		c->path_at_ns = now->mono_ns;
		late_ns = 0;
	}
	c->good_at_ns = now->mono_ns;
	compare_offset(c, (int64_t)(real_ns - now->real_ns) + late_ns);
}

bool clock_known(const struct clock *c)
{
	return c->count >= COUNT_KNOWN;
}

double clock_offset_s(const struct clock *c)
{
	return clock_known(c) ? (double)c->offset_ns / 1e9 : NAN;
}
