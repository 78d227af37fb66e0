// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/chunk/turned.h"

void turned_free(struct turned *t)
{
	free(t->first);
	free(t->row);
	free(t->next);
}

/* @first is two places ahead while rows are counted, one while they are put. */
static int sort_rows(struct turned *t)
{
	const struct block *b = t->b;
	size_t row, i;

	t->first = calloc(b->samples + 2, sizeof(*t->first));
	t->row = malloc((b->count + 1) * sizeof(*t->row));
	if (!t->first || !t->row)
		return -ENOMEM;
	for (i = 0; i < b->count; i++)
		t->first[b->at[i] + 2]++;
	for (i = 2; i < b->samples + 2; i++)
		t->first[i] += t->first[i - 1];
	for (row = 0; row < b->rows; row++)
		for (i = b->first[row]; i < b->first[row + 1]; i++)
			t->row[t->first[b->at[i] + 1]++] = (uint32_t)row;
	return 0;
}

int turned_init(struct turned *t, const struct block *b)
{
	*t = (struct turned){ .b = b };
	t->next = malloc((b->rows + 1) * sizeof(*t->next));
	if (!t->next)
		return -ENOMEM;
	memcpy(t->next, b->first, (b->rows + 1) * sizeof(*t->next));
	return b->full ? 0 : sort_rows(t);
}
