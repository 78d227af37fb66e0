// SPDX-License-Identifier: GPL-2.0-or-later
#include "collector/history/ask/spread.h"

int spread_put(struct spread *s, uint32_t step, double value)
{
	const struct spread_value v = { value, step };

	return buffer_put(&s->all, &v, sizeof(v));
}

size_t spread_count(const struct spread *s)
{
	return s->all.used / sizeof(struct spread_value);
}

static int compare_values(const void *a, const void *b)
{
	const struct spread_value *one = a, *other = b;

	if (one->step != other->step)
		return one->step < other->step ? -1 : 1;
	return (one->value > other->value) - (one->value < other->value);
}

void spread_tell(struct spread *s, unsigned int percent, bool turned,
		 void (*value)(void *context, uint32_t step, double value),
		 void *context)
{
	struct spread_value *v = (struct spread_value *)s->all.data;
	size_t count = spread_count(s), first, end, at;

	if (count)
		qsort(v, count, sizeof(*v), compare_values);
	for (first = 0; first < count; first = end) {
		for (end = first + 1;
		     end < count && v[end].step == v[first].step; end++)
			;
		at = ((end - first) * percent + 99) / 100;
		at = turned ? end - at : first + at - 1;
		value(context, v[first].step, v[at].value);
	}
}

void spread_free(struct spread *s)
{
	buffer_free(&s->all);
}
