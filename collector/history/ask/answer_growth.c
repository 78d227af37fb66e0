// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/history/ask/answer.h"
#include "collector/history/fold/rollup.h"

void answer_growths(const struct answer *a, struct answer_row *r,
		    const struct block *b, size_t row, bool rollup)
{
	const uint64_t *cells = block_column(b, rollup ? ROLLUP_LAST : 0);
	struct answer_before before = r->before[0];
	size_t at;

	for (at = b->first[row]; at < b->first[row + 1]; at++) {
		size_t sample = block_sample(b, row, at);
		uint64_t mono_ns = b->heads[sample].mono_ns;
		size_t step = a->when[sample].step;
		double grown;

		if (cells[at] == WIRE_ABSENT)
			continue;
		grown = before.known && step != ANSWER_NO_STEP ?
				rollup_growth(before.value, before.mono_ns,
					      cells[at], mono_ns) :
				NAN;
		if (!isnan(grown))
			answer_mean(&r->cells[step], grown,
				    (double)(mono_ns - before.mono_ns));
		before = (struct answer_before){ true, cells[at], mono_ns };
	}
	r->before[0] = before;
}
