// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/query/top.h"

/* What a series is ranked by: NAN where it has no value. */
static double rank_of(const struct query *q, const struct query_series *s)
{
	double sum = 0, least = NAN, most = NAN;
	size_t known = 0, i;

	for (i = 0; i < s->count; i++) {
		if (isnan(s->values[i]))
			continue;
		known++;
		sum += s->values[i];
		least = fmin(least, s->values[i]);
		most = fmax(most, s->values[i]);
	}
	if (!known)
		return NAN;
	switch (q->rank) {
	case QUERY_MIN:
		return least;
	case QUERY_MAX:
		return most;
	case QUERY_SUM:
		return sum;
	default:
		return sum / (double)known;
	}
}

static bool is_better(const struct top *t, double a, double b)
{
	return t->q->smallest ? a < b : a > b;
}

static void free_series(struct top_series *s)
{
	free(s->row);
	free(s->group);
	free(s->values);
}

static bool copy_series(struct top_series *to, const struct query_series *s,
			double rank)
{
	*to = (struct top_series){ .s = *s, .rank = rank };
	to->row = s->row ? strdup(s->row) : NULL;
	to->group = s->group ? strdup(s->group) : NULL;
	to->values = malloc(s->count * sizeof(s->values[0]));
	if (!to->values || (s->row && !to->row) || (s->group && !to->group)) {
		free_series(to);
		return false;
	}
	memcpy(to->values, s->values, s->count * sizeof(s->values[0]));
	to->s.row = to->row;
	to->s.group = to->group;
	to->s.values = to->values;
	return true;
}

/* Of equals the one that came first is before the other. */
void top_offer(struct top *t, const struct query_series *s)
{
	double rank = rank_of(t->q, s);
	struct top_series one;
	size_t at = t->count;

	if (isnan(rank))
		return;
	t->offered++;
	if (!t->list)
		t->list = calloc(t->q->top, sizeof(t->list[0]));
	t->failed = t->failed || !t->list;
	while (at && !t->failed && is_better(t, rank, t->list[at - 1].rank))
		at--;
	if (t->failed || at == t->q->top)
		return;
	t->failed = !copy_series(&one, s, rank);
	if (t->failed)
		return;
	if (t->count == t->q->top)
		free_series(&t->list[--t->count]);
	memmove(&t->list[at + 1], &t->list[at],
		(t->count - at) * sizeof(t->list[0]));
	t->list[at] = one;
	t->count++;
}

void top_tell(struct top *t,
	      void (*tell)(void *context, const struct query_series *s),
	      void *context)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		tell(context, &t->list[i].s);
	top_free(t);
}

void top_free(struct top *t)
{
	while (t->count)
		free_series(&t->list[--t->count]);
	free(t->list);
	t->list = NULL;
	t->offered = 0;
}
