// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>

#include "collector/nodes/samples.h"
#include "collector/nodes/values.h"
#include "tables/book.h"

#define MS UINT64_C(1000000)

void gauges_clear(struct gauges *g)
{
	uint32_t i;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < WIRE_GAUGE_KEYS; i++)
		g->value[i] = WIRE_ABSENT;
}

void counters_clear(struct counters *c)
{
	uint32_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < WIRE_COUNTER_KEYS; i++)
		c->list[i].now = WIRE_ABSENT;
}

/* The second one may have been sent again: it tells nothing of how often. */
static void learn(uint32_t *every_ms, uint64_t before_ns, uint64_t now_ns)
{
	uint64_t every_ns = *every_ms == VALUES_TWICE ? 0 : *every_ms * MS;

	if (!before_ns || now_ns <= before_ns)
		return;
	if (!*every_ms) {
		*every_ms = VALUES_TWICE;
		return;
	}
	every_ns = samples_every_ns(every_ns, now_ns - before_ns) / MS;
	*every_ms = every_ns < VALUES_TWICE ? (uint32_t)every_ns :
					      VALUES_TWICE - 1;
}

static void gauge_take(struct gauges *g, uint64_t key, uint64_t value,
		       uint64_t mono_ns)
{
	if (mono_ns < g->now_ns[key])
		return;
	learn(&g->every_ms[key], g->now_ns[key], mono_ns);
	g->now_ns[key] = mono_ns;
	g->value[key] = value;
}

/* Keys that are newer than this reader are ignored. */
void gauges_take(struct gauges *g, const struct wire_table *t)
{
	uint32_t row;

	for (row = 0; row < t->rows; row++) {
		const uint64_t *cells = &t->cells[(size_t)row * t->columns];

		if (cells[WIRE_VALUE_KEY] < WIRE_GAUGE_KEYS)
			gauge_take(g, cells[WIRE_VALUE_KEY], cells[WIRE_VALUE],
				   t->mono_ns);
	}
}

static void counter_take(struct counter *c, uint64_t value, uint64_t mono_ns)
{
	if (c->now == WIRE_ABSENT || value == WIRE_ABSENT || value < c->now) {
		*c = (struct counter){ value,	value,	 value,
				       mono_ns, mono_ns, mono_ns };
		return;
	}
	if (mono_ns - c->middle_ns >= SAMPLES_WINDOW_NS) {
		c->base = c->middle;
		c->base_ns = c->middle_ns;
		c->middle = value;
		c->middle_ns = mono_ns;
	}
	c->now = value;
	c->now_ns = mono_ns;
}

void counters_take(struct counters *c, const struct wire_table *t)
{
	uint32_t row;

	for (row = 0; row < t->rows; row++) {
		const uint64_t *cells = &t->cells[(size_t)row * t->columns];
		uint64_t key = cells[WIRE_VALUE_KEY];

		if (key >= WIRE_COUNTER_KEYS ||
		    t->mono_ns < c->list[key].now_ns)
			continue;
		learn(&c->every_ms[key], c->list[key].now_ns, t->mono_ns);
		counter_take(&c->list[key], cells[WIRE_VALUE], t->mono_ns);
	}
}

static bool is_old(uint64_t now_ns, uint64_t mono_ns, uint32_t every_ms)
{
	return now_ns && mono_ns > now_ns &&
	       samples_old(mono_ns - now_ns,
			   every_ms == VALUES_TWICE ? 0 : every_ms * MS);
}

void gauges_age(struct gauges *g, uint64_t mono_ns)
{
	uint32_t i;

	for (i = 0; i < WIRE_GAUGE_KEYS; i++)
		if (is_old(g->now_ns[i], mono_ns, g->every_ms[i]))
			g->value[i] = WIRE_ABSENT;
}

void counters_age(struct counters *c, uint64_t mono_ns)
{
	uint32_t i;

	for (i = 0; i < WIRE_COUNTER_KEYS; i++)
		if (is_old(c->list[i].now_ns, mono_ns, c->every_ms[i]))
			c->list[i].now = WIRE_ABSENT;
}

/* How many of the wire's units are one of the book's: a load is 1.25, not 125. */
static double unit_of(uint64_t key)
{
	static const uint8_t units[WIRE_GAUGE_KEYS] = {
#define GAUGE(K, group, name, UNIT, ...) [WIRE_##K] = BOOK_##UNIT,
#include "tables/tables.def"
	};

	return book_unit_parts(units[key]);
}

double gauges_value(const struct gauges *g, uint64_t key)
{
	if (g->value[key] == WIRE_ABSENT)
		return NAN;
	return (double)(int64_t)g->value[key] / unit_of(key);
}

double counters_total(const struct counters *c, uint64_t key)
{
	uint64_t now = c->list[key].now;

	return now == WIRE_ABSENT ? NAN : (double)now;
}

double counters_rate(const struct counters *c, uint64_t key)
{
	const struct counter *one = &c->list[key];
	uint64_t window_ns = one->now_ns - one->base_ns;

	if (!window_ns || one->now == WIRE_ABSENT)
		return NAN;
	return (double)(one->now - one->base) * 1e9 / (double)window_ns;
}
