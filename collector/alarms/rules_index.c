// SPDX-License-Identifier: GPL-2.0-or-later
/* What rules look at: several often look at the same. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "collector/alarms/rule.h"

static bool is_always(const struct rule *rule)
{
	return rule_by_clock(rule) || rule_follows(rule) || rule->of;
}

static uint32_t kind_of(const struct rule *rule)
{
	return rule_by_clock(rule) ? 0 : rule->kind;
}

static bool is_of(const struct subject *u, const struct rule *rule)
{
	if (rule_by_clock(rule))
		return !u->kind;
	return u->kind == rule->kind && u->entry == rule->entry &&
	       u->figure == rule->figure;
}

static size_t find_subject(const struct rules *r, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < r->subject_count; i++)
		if (is_of(&r->subjects[i], rule))
			break;
	return i;
}

static void add_subject(struct rules *r, const struct rule *rule)
{
	struct subject *u = &r->subjects[r->subject_count++];

	*u = (struct subject){ .above = INFINITY, .below = -INFINITY };
	if (rule_by_clock(rule))
		return;
	u->kind = rule->kind;
	u->entry = rule->entry;
	u->figure = rule->figure;
}

static void count_rule(struct rules *r, struct rule *rule)
{
	struct subject *u;

	rule->subject = find_subject(r, rule);
	if (rule->subject == r->subject_count)
		add_subject(r, rule);
	u = &r->subjects[rule->subject];
	u->count++;
	if (is_always(rule))
		u->always = true;
	else if (rule->below)
		u->below = fmax(u->below, rule->limit);
	else
		u->above = fmin(u->above, rule->limit);
}

static struct rule_limit limit_of(const struct rule *rule, size_t index)
{
	return (struct rule_limit){ .limit = rule->limit,
				    .rule = (uint32_t)index,
				    .below = rule->below,
				    .always = is_always(rule) };
}

int rules_index(struct rules *r)
{
	size_t i, first = 0;
	uint32_t kind;

	r->subjects = calloc(r->count + 1, sizeof(*r->subjects));
	r->limits = calloc(r->count + 1, sizeof(*r->limits));
	r->of_fleet = calloc(r->count + 1, sizeof(*r->of_fleet));
	if (!r->subjects || !r->limits || !r->of_fleet)
		return -ENOMEM;
	for (kind = 0; kind < WIRE_KINDS; kind++)
		for (i = 0; i < r->count; i++)
			if (kind_of(&r->all[i]) == kind)
				count_rule(r, &r->all[i]);
	for (i = 0; i < r->subject_count; i++) {
		r->subjects[i].first = first;
		first += r->subjects[i].count;
		r->subjects[i].count = 0;
	}
	for (i = 0; i < r->count; i++) {
		struct subject *u = &r->subjects[r->all[i].subject];

		r->limits[u->first + u->count++] = limit_of(&r->all[i], i);
		if (r->all[i].share > 0)
			r->of_fleet[r->of_fleet_count++] = (uint32_t)i;
	}
	return 0;
}
