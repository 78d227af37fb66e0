// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>

#include "collector/query/groups.h"

/**
 * struct query_group - one of them
 * @name: what its series have in common
 * @metric: theirs
 * @aggregate: theirs
 * @node: whose all of them are; NULL: of several
 * @combine: how they become one
 * @of: so many
 * @value: a step's sum, or extreme; NAN without; told from
 * @known: how many of them have one
 * @spread: their values, of a percentile
 */
struct query_group {
	char *name;
	const struct book_entry *metric;
	enum history_aggregate aggregate;
	const struct asked_node *node;
	enum query_combine combine;
	size_t of;
	double *value;
	uint32_t *known;
	struct spread spread;
};

enum query_combine groups_combine(const struct query *q,
				  const struct book_entry *metric)
{
	static const enum query_combine by_book[] = {
		[BOOK_NONE] = QUERY_AVG, [BOOK_SUM] = QUERY_SUM,
		[BOOK_OWN] = QUERY_SUM,	 [BOOK_MEAN] = QUERY_AVG,
		[BOOK_MAX] = QUERY_MAX,	 [BOOK_WRITABLE] = QUERY_MAX,
	};

	return q->combine == QUERY_AUTO ? by_book[metric->adds] : q->combine;
}

static bool is_percentile(enum query_combine combine)
{
	return combine >= QUERY_P50;
}

static void free_group(struct query_group *g)
{
	free(g->name);
	free(g->value);
	free(g->known);
	spread_free(&g->spread);
	free(g);
}

static struct query_group *make_group(const struct query_series *s,
				      const char *name, bool of_node)
{
	struct query_group *g = calloc(1, sizeof(*g));
	size_t i;

	if (!g)
		return NULL;
	g->name = strdup(name);
	g->value = malloc(s->count * sizeof(g->value[0]));
	g->known = calloc(s->count, sizeof(g->known[0]));
	if (!g->name || !g->value || !g->known) {
		free_group(g);
		return NULL;
	}
	for (i = 0; i < s->count; i++)
		g->value[i] = NAN;
	g->metric = s->metric;
	g->aggregate = s->aggregate;
	g->node = of_node ? s->node : NULL;
	return g;
}

/* The newest ones are asked for most. */
static struct query_group *find_group(const struct groups *g,
				      const struct query_series *s,
				      const char *name)
{
	size_t i;

	for (i = g->count; i--;)
		if (g->list[i]->aggregate == s->aggregate &&
		    !strcmp(g->list[i]->name, name))
			return g->list[i];
	return NULL;
}

static int add_group(struct groups *g, struct query_group *group)
{
	size_t room = g->room ? g->room * 2 : 16;
	struct query_group **list = g->list;

	if (g->count == g->room) {
		list = realloc(list, room * sizeof(*list));
		if (!list)
			return -ENOMEM;
		g->list = list;
		g->room = room;
	}
	g->list[g->count++] = group;
	return 0;
}

static int begin_group(struct groups *g, const struct query_series *s,
		       const char *name, bool of_node,
		       struct query_group **group)
{
	if (g->count == QUERY_GROUPS_MAX ||
	    g->cells + s->count > HISTORY_CELLS_MAX)
		return -E2BIG;
	*group = make_group(s, name, of_node);
	if (!*group)
		return -ENOMEM;
	if (add_group(g, *group)) {
		free_group(*group);
		return -ENOMEM;
	}
	(*group)->combine = groups_combine(g->q, s->metric);
	g->cells += s->count;
	return 0;
}

static int add_value(struct query_group *g, size_t step, double value)
{
	double *all = &g->value[step];

	g->known[step]++;
	switch (g->combine) {
	case QUERY_MIN:
		*all = fmin(*all, value);
		return 0;
	case QUERY_MAX:
		*all = fmax(*all, value);
		return 0;
	case QUERY_P50:
	case QUERY_P95:
	case QUERY_P99:
		return spread_put(&g->spread, (uint32_t)step, value);
	default:
		*all = isnan(*all) ? value : *all + value;
		return 0;
	}
}

int groups_add(struct groups *g, const struct query_series *s, const char *name,
	       bool of_node)
{
	struct query_group *group = find_group(g, s, name);
	size_t i;
	int err = 0;

	if (!group)
		err = begin_group(g, s, name, of_node, &group);
	if (!err && is_percentile(group->combine))
		g->cells += s->count;
	if (g->cells > HISTORY_CELLS_MAX)
		err = -E2BIG;
	for (i = 0; !err && i < s->count; i++)
		if (!isnan(s->values[i]))
			err = add_value(group, i, s->values[i]);
	if (!err)
		group->of++;
	return err;
}

static void set_value(void *context, uint32_t step, double value)
{
	struct query_group *g = context;

	g->value[step] = value;
}

/* What is known once all series have come. */
static void finish_group(struct query_group *g, size_t steps)
{
	static const unsigned int percents[] = {
		[QUERY_P50] = 50, [QUERY_P95] = 95, [QUERY_P99] = 99
	};
	size_t i;

	if (is_percentile(g->combine))
		spread_tell(&g->spread, percents[g->combine], false, set_value,
			    g);
	for (i = 0; i < steps; i++) {
		if (g->combine == QUERY_AVG)
			g->value[i] /= g->known[i];
		else if (g->combine == QUERY_COUNT)
			g->value[i] = g->known[i];
	}
}

void groups_tell(struct groups *g,
		 void (*tell)(void *context, const struct query_series *s),
		 void *context)
{
	size_t steps = range_steps(&g->q->range), i;

	for (i = 0; i < g->count; i++) {
		struct query_group *group = g->list[i];
		const struct query_series s = { .metric = group->metric,
						.aggregate = group->aggregate,
						.node = group->node,
						.group = group->name,
						.of = group->of,
						.count = steps,
						.values = group->value };

		finish_group(group, steps);
		tell(context, &s);
	}
	groups_free(g);
}

void groups_free(struct groups *g)
{
	while (g->count)
		free_group(g->list[--g->count]);
	free(g->list);
	g->list = NULL;
	g->room = 0;
	g->cells = 0;
}
