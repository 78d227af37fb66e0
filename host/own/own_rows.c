// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/group_stat.h"
#include "host/own/own_rows.h"

static int compare(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	size_t size = x->name_size < y->name_size ? x->name_size : y->name_size;
	int order = memcmp(x->name, y->name, size);

	return order ? order : (int)x->name_size - (int)y->name_size;
}

const char *own_labels(char *out, struct label *list, size_t count)
{
	size_t used = 0, i;

	if (count)
		qsort(list, count, sizeof(*list), compare);
	*out = '\0';
	for (i = 0; i < count; i++) {
		const struct label *l = &list[i];

		if (i && !compare(l, l - 1))
			return "a label comes twice";
		if (label_is_reserved(l))
			return "a label begins with __";
		if (used + l->name_size + l->value_size + 4 >= OWN_NAME_SIZE)
			return "its labels are longer than 255 bytes";
		used += (size_t)sprintf(out + used, "%s%.*s=\"%.*s\"",
					i ? "," : "", (int)l->name_size,
					l->name, (int)l->value_size, l->value);
	}
	return NULL;
}

/* In the finest parts that fit 63 bits: a millionth, of counters a thousandth, or one. */
static bool set_value(uint64_t *row, double value, bool counter)
{
	const double parts = counter ? 1e3 : 1e6, most = 9e18;
	bool fine = fabs(value) < most / parts;

	if (!(fabs(value) < most))
		return false;
	if (counter)
		row[WIRE_OWN_TYPE] = fine ? WIRE_OWN_COUNTER_THOUSANDTHS :
					    WIRE_OWN_COUNTER;
	else
		row[WIRE_OWN_TYPE] = fine ? WIRE_OWN_GAUGE_MILLIONTHS :
					    WIRE_OWN_GAUGE;
	row[WIRE_OWN_VALUE] =
		(uint64_t)(int64_t)rint(fine ? value * parts : value);
	return true;
}

/* A row without a value yet; NULL: @why, which is NULL without memory. */
static uint64_t *add_row(struct own_rows *o, const char *name,
			 const char *labels, const char **why)
{
	char all[2 * OWN_NAME_SIZE];
	int size = snprintf(all, sizeof(all), "%s{%s}", name, labels);
	uint64_t key = group_stat_key(all, (size_t)size), *row = NULL;

	*why = NULL;
	if (rows_find(&o->rows, key)) {
		*why = "the series is there already";
	} else if (o->rows.count >= o->most) {
		o->left_out++;
		*why = "there are more series than --own-count allows";
	} else {
		row = rows_add(&o->rows, key);
	}
	if (!row)
		return NULL;
	rows_text(&o->rows, WIRE_OWN_NAME, name, strlen(name));
	rows_text(&o->rows, WIRE_OWN_LABELS, labels, strlen(labels));
	return row;
}

const char *own_rows_add(struct own_rows *o, const char *name,
			 const char *labels, double value, bool counter)
{
	const char *why;
	uint64_t *row;

	if (counter && value < 0)
		return "a counter is less than 0";
	row = add_row(o, name, labels, &why);
	if (row && !set_value(row, value, counter))
		o->rows.count--;
	return why;
}

const char *own_rows_count(struct own_rows *o, const char *name,
			   const char *labels, uint64_t value)
{
	const char *why;
	uint64_t *row = add_row(o, name, labels, &why);

	if (row) {
		row[WIRE_OWN_TYPE] = WIRE_OWN_COUNTER;
		row[WIRE_OWN_VALUE] = value > INT64_MAX ? WIRE_ABSENT : value;
	}
	return why;
}
