// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/feed/budget.h"

bool budget_spend(uint64_t *until_ns, uint64_t cells, uint64_t now_ns)
{
	uint64_t from_ns = now_ns > BUDGET_BURST_NS ? now_ns - BUDGET_BURST_NS :
						      0;
	uint64_t cost_ns = cells * UINT64_C(1000000000) / BUDGET_CELLS_PER_S;

	if (*until_ns > from_ns)
		from_ns = *until_ns;
	if (from_ns + cost_ns > now_ns)
		return false;
	*until_ns = from_ns + cost_ns;
	return true;
}
