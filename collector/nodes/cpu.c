// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/nodes/cpu.h"

enum {
	USER = 0,
	NICE = 1,
	IDLE = WIRE_CPU_IDLE_NS - WIRE_CPU_USER_NS,
	IOWAIT = WIRE_CPU_IOWAIT_NS - WIRE_CPU_USER_NS,
	GUEST = WIRE_CPU_GUEST_NS - WIRE_CPU_USER_NS,
	GUEST_NICE = WIRE_CPU_GUEST_NICE_NS - WIRE_CPU_USER_NS,
};

const char *const cpu_state_names[CPU_STATES] = {
	"user", "nice",	   "system", "idle",  "iowait",
	"irq",	"softirq", "steal",  "guest", "guest_nice",
};

bool cpu_online(const struct samples *s, const struct samples_row *row)
{
	return samples_current(s, row) &&
	       row->cells[WIRE_CPU_FLAGS] & WIRE_CPU_ONLINE;
}

/* The kernel counts a guest's time as user time, too, and a nice guest's as
 * nice.
 */
static uint64_t without(uint64_t all, uint64_t nested)
{
	return all > nested ? all - nested : 0;
}

/* What is not known of one state is not known of the others' shares. */
void cpu_add(struct cpu_times *t, const struct samples *s,
	     const struct samples_row *row)
{
	uint64_t ns[CPU_STATES];
	uint32_t state;

	for (state = 0; state < CPU_STATES; state++)
		if (!samples_delta(s, row, WIRE_CPU_USER_NS + state,
				   &ns[state]))
			return;
	ns[USER] = without(ns[USER], ns[GUEST]);
	ns[NICE] = without(ns[NICE], ns[GUEST_NICE]);
	for (state = 0; state < CPU_STATES; state++)
		t->ns[state] += ns[state];
}

void cpu_add_all(struct cpu_times *t, const struct samples *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (cpu_online(s, s->rows[i]))
			cpu_add(t, s, s->rows[i]);
}

static uint64_t total(const struct cpu_times *t)
{
	uint64_t all = 0;
	int i;

	for (i = 0; i < CPU_STATES; i++)
		all += t->ns[i];
	return all;
}

double cpu_share(const struct cpu_times *t, unsigned int state)
{
	uint64_t all = total(t);

	return all ? (double)t->ns[state] / (double)all : NAN;
}

double cpu_busy_share(const struct cpu_times *t)
{
	uint64_t all = total(t);

	return all ? (double)(all - t->ns[IDLE] - t->ns[IOWAIT]) / (double)all :
		     NAN;
}

size_t cpu_count(const struct samples *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->count; i++)
		n += cpu_online(s, s->rows[i]);
	return n;
}
