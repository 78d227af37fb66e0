// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/feed/budget.h"
#include "lib/wire/incident.h"

static uint64_t cost_of_pieces(const struct wire_frame *frame)
{
	const uint8_t *at = frame->at;
	struct incident_piece piece;
	uint64_t cost = 0;

	while (incident_next_piece(&at, frame->end, &piece))
		cost += piece.size + BUDGET_PIECE_CELLS +
			(piece.at ? 0 : BUDGET_INCIDENT_CELLS);
	return cost;
}

bool budget_cost(const struct wire_frame *frame, uint64_t *cost)
{
	uint64_t cells = wire_cells(frame), pieces = cost_of_pieces(frame);

	*cost = cells + pieces;
	return cells <= WIRE_FRAME_CELLS_MAX && pieces <= BUDGET_PIECES_MAX;
}

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
