// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/nodes/alarms.h"

/* Times are counted back from the newest value, so those of older values change as a
 * new one comes.
 */
static void trend_move(struct trend *t, double ns, double window_ns)
{
	double left = exp(-ns / window_ns);

	t->xx = left * (t->xx - 2 * ns * t->x + ns * ns * t->count);
	t->x = left * (t->x - ns * t->count);
	t->xy = left * (t->xy - ns * t->y);
	t->y *= left;
	t->count *= left;
}

void trend_take(struct trend *t, uint64_t now_ns, double value,
		uint64_t window_ns)
{
	if (now_ns < t->last_ns)
		*t = (struct trend){ 0 }; /* another clock */
	if (!t->begun_ns)
		t->begun_ns = now_ns;
	else
		trend_move(t, (double)(now_ns - t->last_ns), (double)window_ns);
	t->last_ns = now_ns;
	t->count += 1;
	t->y += value;
}

double trend_slope(const struct trend *t, uint64_t window_ns)
{
	double spread = t->count * t->xx - t->x * t->x;

	if (t->last_ns - t->begun_ns < window_ns / 2 || spread <= 0)
		return NAN;
	return (t->count * t->xy - t->x * t->y) / spread;
}

struct alarm *alarms_find(const struct alarms *a, const struct rule *rule,
			  uint64_t key)
{
	struct alarm *alarm = a->first;

	while (alarm && (alarm->rule != rule || alarm->key != key))
		alarm = alarm->next;
	return alarm;
}

struct alarm *alarms_add(struct alarms *a, const struct rule *rule,
			 uint64_t key)
{
	struct alarm *alarm =
		a->count < ALARMS_MAX ? calloc(1, sizeof(*alarm)) : NULL;

	if (!alarm) {
		a->refused++;
		return NULL;
	}
	alarm->rule = rule;
	alarm->key = key;
	alarm->next = a->first;
	a->first = alarm;
	a->count++;
	return alarm;
}

void alarms_remove(struct alarms *a, struct alarm *alarm)
{
	struct alarm **at = &a->first;

	while (*at != alarm)
		at = &(*at)->next;
	*at = alarm->next;
	a->count--;
	a->held -= alarm->holds;
	free(alarm);
}

void alarms_hold(struct alarms *a, struct alarm *alarm, bool holds)
{
	a->held += (size_t)holds - (size_t)alarm->holds;
	alarm->holds = holds;
}

void alarms_clear(struct alarms *a)
{
	while (a->first)
		alarms_remove(a, a->first);
}
