// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "ktach/show/views.h"

struct weighed {
	uint64_t weight;
	uint32_t row;
};

/* The heavier first; of two that weigh the same, the lower number. */
static int compare_weights(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->row < y->row ? -1 : 1;
}

uint32_t *order_rows(uint32_t rows, enum order order,
		     uint64_t (*weight)(const void *arg, uint32_t i),
		     const void *arg)
{
	struct weighed *weighed = calloc(rows + 1, sizeof(*weighed));
	uint32_t *numbers = calloc(rows + 1, sizeof(*numbers)), i;

	if (!weighed || !numbers) {
		free(weighed);
		free(numbers);
		return NULL;
	}
	for (i = 0; i < rows; i++) {
		weighed[i].row = i;
		weighed[i].weight = order == ORDER_ACTIVITY ? weight(arg, i) :
							      0;
	}
	qsort(weighed, rows, sizeof(*weighed), compare_weights);
	for (i = 0; i < rows; i++)
		numbers[i] = weighed[i].row;
	free(weighed);
	return numbers;
}
