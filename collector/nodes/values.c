// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "collector/nodes/samples.h"
#include "collector/nodes/values.h"

static void absent(uint64_t *values, size_t n)
{
	while (n--)
		values[n] = WIRE_ABSENT;
}

void gauges_clear(struct gauges *g)
{
	g->mono_ns = 0;
	absent(g->value, WIRE_GAUGE_KEYS);
}

void counters_clear(struct counters *c)
{
	memset(c, 0, sizeof(*c));
	absent(c->now, WIRE_COUNTER_KEYS);
	absent(c->middle, WIRE_COUNTER_KEYS);
	absent(c->base, WIRE_COUNTER_KEYS);
}

/* Keys that are newer than this reader are ignored. */
static void spread(uint64_t *values, uint64_t keys, const struct wire_table *t)
{
	uint32_t row;

	for (row = 0; row < t->rows; row++) {
		const uint64_t *cells = &t->cells[(size_t)row * t->columns];

		if (cells[WIRE_VALUE_KEY] < keys)
			values[cells[WIRE_VALUE_KEY]] = cells[WIRE_VALUE];
	}
}

void gauges_take(struct gauges *g, const struct wire_table *t)
{
	if (!g->mono_ns)
		gauges_clear(g);
	if (t->mono_ns < g->mono_ns)
		return;
	g->mono_ns = t->mono_ns;
	spread(g->value, WIRE_GAUGE_KEYS, t);
}

/* The parts of a sample come one after the other, with one time. */
static void move_window(struct counters *c, uint64_t mono_ns)
{
	if (!c->now_ns) {
		c->middle_ns = c->base_ns = mono_ns;
	} else if (mono_ns - c->middle_ns >= SAMPLES_WINDOW_NS) {
		memcpy(c->base, c->middle, sizeof(c->base));
		c->base_ns = c->middle_ns;
		c->middle_ns = mono_ns;
	}
	c->now_ns = mono_ns;
}

void counters_take(struct counters *c, const struct wire_table *t)
{
	if (!c->now_ns)
		counters_clear(c);
	if (t->mono_ns < c->now_ns)
		return;
	if (t->mono_ns > c->now_ns)
		move_window(c, t->mono_ns);
	spread(c->now, WIRE_COUNTER_KEYS, t);
	if (c->middle_ns == c->now_ns)
		memcpy(c->middle, c->now, sizeof(c->middle));
	if (c->base_ns == c->now_ns)
		memcpy(c->base, c->now, sizeof(c->base));
}

double gauges_value(const struct gauges *g, uint64_t key)
{
	if (!g->mono_ns || g->value[key] == WIRE_ABSENT)
		return NAN;
	if (key <= WIRE_LOAD_15MIN || key >= WIRE_PSI_CPU_SOME_10S)
		return (double)(int64_t)g->value[key] / 100;
	return (double)(int64_t)g->value[key];
}

double counters_rate(const struct counters *c, uint64_t key)
{
	uint64_t window_ns = c->now_ns - c->base_ns;

	if (!window_ns || c->now[key] == WIRE_ABSENT ||
	    c->base[key] == WIRE_ABSENT)
		return NAN;
	if (c->now[key] < c->base[key])
		return 0;
	return (double)(c->now[key] - c->base[key]) * 1e9 / (double)window_ns;
}
