// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>

#include "shipper/values.h"

static struct values_group *group_of(struct values *v, uint64_t interval_ns)
{
	struct values_group *g;

	for (g = v->group; g < v->group + v->count; g++)
		if (g->interval_ns == interval_ns)
			return g;
	if (v->count == SOURCES_MAX)
		return NULL;
	v->count++;
	*g = (struct values_group){ .interval_ns = interval_ns,
				    .gauges.kind = WIRE_GAUGES,
				    .counters.kind = WIRE_COUNTERS };
	return g;
}

bool values_add(struct values *v, uint64_t interval_ns,
		const struct wire_table *table)
{
	struct values_group *g;
	const uint64_t *row = table->cells;
	struct rows *to;
	uint32_t i;

	if (table->kind != WIRE_GAUGES && table->kind != WIRE_COUNTERS)
		return false;
	g = group_of(v, interval_ns);
	if (!g)
		return false;
	if (!g->gauges.count && !g->counters.count)
		g->origin = table->origin;
	if (!v->real_ns) {
		v->real_ns = table->real_ns;
		v->mono_ns = table->mono_ns;
	}
	to = table->kind == WIRE_GAUGES ? &g->gauges : &g->counters;
	for (i = 0; i < table->rows; i++, row += table->columns)
		rows_value(to, row[WIRE_VALUE_KEY], row[WIRE_VALUE]);
	return true;
}

static void put_values(void *arg, const struct wire_table *table)
{
	output_put(arg, table);
}

void values_put(struct values *v, struct output *output)
{
	const struct host_sink sink = { .put = put_values, .arg = output };
	struct values_group *g;

	for (g = v->group; g < v->group + v->count; g++) {
		rows_put(&g->gauges, &sink, g->origin, v->real_ns, v->mono_ns);
		rows_put(&g->counters, &sink, g->origin, v->real_ns,
			 v->mono_ns);
		rows_clear(&g->gauges);
		rows_clear(&g->counters);
	}
	v->real_ns = 0;
}

void values_clear(struct values *v)
{
	struct values_group *g;

	for (g = v->group; g < v->group + v->count; g++) {
		rows_exit(&g->gauges);
		rows_exit(&g->counters);
	}
	*v = (struct values){ 0 };
}
