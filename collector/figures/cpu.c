// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/figures/cpu.h"

bool cpu_online(const struct samples *s, const struct samples_row *row)
{
	return samples_current(s, row) &&
	       row->cells[WIRE_CPU_FLAGS] & WIRE_CPU_ONLINE;
}

size_t cpu_count(const struct samples *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->count; i++)
		n += cpu_online(s, s->rows[i]);
	return n;
}
