// SPDX-License-Identifier: GPL-2.0-or-later
/* What a rule looks at, and what it says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/figures/figure.h"
#include "collector/figures/told.h"
#include "collector/alarms/rule.h"
#include "lib/base/globs.h"

const char *const severity_names[SEVERITIES] = {
	[SEVERITY_NOTICE] = "notice",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_CRITICAL] = "critical",
};

static bool row_has(const struct book_entry *flag, const struct samples *s,
		    const struct samples_row *row)
{
	return told_value(flag, s, row) > 0;
}

bool rule_is_for_node(const struct rule *r, const struct node *node)
{
	return !r->nodes || globs_match(r->nodes, node->name);
}

bool rule_wants_row(const struct rule *r, const struct samples *s,
		    const struct samples_row *row)
{
	return samples_current(s, row) && told_row_counts(r->entry, s, row) &&
	       (!r->only || row_has(r->only, s, row)) &&
	       (!r->unless || !row_has(r->unless, s, row)) &&
	       globs_choose(r->rows, r->not_rows, samples_text(row, 0));
}

/* A flag is 1 or 0; of what counts, how fast it grows. */
static double value_of(const struct book_entry *e, const struct figure *f,
		       const struct node *node, const struct samples *s,
		       const struct samples_row *row)
{
	if (f)
		return figure_of_node(f, node);
	return e->what == BOOK_FLAG ? told_value(e, s, row) :
				      told_metric(e, s, row);
}

double rule_value(const struct rule *r, const struct node *node,
		  const struct samples *s, const struct samples_row *row)
{
	return value_of(r->entry, r->figure, node, s, row);
}

double rule_limit(const struct rule *r, const struct node *node,
		  const struct samples *s, const struct samples_row *row)
{
	if (!r->of)
		return r->limit;
	return r->limit * value_of(r->of, r->of_figure, node, s, row);
}

/**
 * struct scale - how values of a unit are told
 * @from: values from this on
 * @divisor: of them
 * @name: of the unit then
 */
struct scale {
	double from;
	double divisor;
	const char *name;
};

static const struct scale bytes[] = {
	{ 1099511627776.0, 1099511627776.0, " TiB" },
	{ 1073741824.0, 1073741824.0, " GiB" },
	{ 1048576.0, 1048576.0, " MiB" },
	{ 1024.0, 1024.0, " KiB" },
	{ 0, 1, " B" },
};

/* Of ns. */
static const struct scale times[] = {
	{ 86400e9, 86400e9, " d" }, { 3600e9, 3600e9, " h" },
	{ 60e9, 60e9, " min" },	    { 1e9, 1e9, " s" },
	{ 1e6, 1e6, " ms" },	    { 0, 1e3, " us" },
};

static void put_scaled(const struct scale *scales, double value,
		       const char *per, char *text, size_t size)
{
	while (scales->from > fabs(value))
		scales++;
	value /= scales->divisor;
	snprintf(text, size, "%.*f%s%s", fabs(value) < 10 ? 1 : 0, value,
		 scales->name, per);
}

static void put_number(double value, const char *unit, char *text, size_t size)
{
	snprintf(text, size, "%.4g%s%s", value,
		 *unit && *unit != '/' ? " " : "", unit);
}

/* What its value is in. */
static enum book_unit unit_of(const struct rule *r)
{
	if (r->share > 0)
		return BOOK_SHARE;
	return rule_by_clock(r) ? BOOK_NS : (enum book_unit)r->entry->unit;
}

void rule_format(const struct rule *r, double value, char *text, size_t size)
{
	const struct book_entry *e = r->entry;
	const char *per = !rule_by_clock(r) && e->type == WIRE_COUNTER ? "/s" :
									 "";

	if (isnan(value)) {
		snprintf(text, size, "unknown");
		return;
	}
	switch (unit_of(r)) {
	case BOOK_SHARE:
		snprintf(text, size, "%.1f %%", 100 * value);
		break;
	case BOOK_NS:
		put_scaled(times, value, per, text, size);
		break;
	case BOOK_SECONDS:
		put_scaled(times, 1e9 * value, per, text, size);
		break;
	case BOOK_BYTES_PER_S:
		per = "/s"; /* fall through */
	case BOOK_BYTES:
		put_scaled(bytes, value, per, text, size);
		break;
	case BOOK_CELSIUS:
		put_number(value, "°C", text, size);
		break;
	case BOOK_HUNDREDTHS:
	case BOOK_REAL:
		put_number(value, "", text, size);
		break;
	default:
		put_number(value, book_unit_name(e), text, size);
	}
}

/* What stands for @name, which is no text that ends; NULL: nothing of that name. */
static const char *word(const char *name, size_t length,
			const char *const words[][2])
{
	size_t i;

	for (i = 0; words[i][0]; i++)
		if (strlen(words[i][0]) == length &&
		    !strncmp(words[i][0], name, length))
			return words[i][1];
	return NULL;
}

void rule_say(const struct rule *r, const char *node, const char *row,
	      double value, double limit, char *text, size_t size)
{
	char number[64], most[64];
	const char *const words[][2] = { { "{node}", node },
					 { "{row}", row },
					 { "{value}", number },
					 { "{limit}", most },
					 { NULL, NULL } };
	const char *at = r->text;
	size_t used = 0;

	rule_format(r, value, number, sizeof(number));
	rule_format(r, limit, most, sizeof(most));
	while (*at && used + 1 < size) {
		const char *end = *at == '{' ? strchr(at, '}') : NULL;
		const char *said =
			end ? word(at, (size_t)(end - at) + 1, words) : NULL;
		int n = said ? snprintf(text + used, size - used, "%s", said) :
			       snprintf(text + used, size - used, "%c", *at);

		used += (size_t)n < size - used ? (size_t)n : size - used - 1;
		at = said ? end + 1 : at + 1;
	}
	text[used] = '\0';
}

const struct rule *rules_find(const struct rules *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (!strcmp(r->all[i].name, name))
			return &r->all[i];
	return NULL;
}

void rule_row(const struct rule *r, const struct samples_row *row, char *text,
	      size_t size)
{
	const char *name = samples_text(row, 0);

	if (r->kind == WIRE_SENSOR)
		snprintf(text, size, "%s %s", name,
			 samples_text(row, WIRE_SENSOR_LABEL));
	else if (*name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%s %llu", book_column(r->kind, 0)->title,
			 (unsigned long long)row->key);
}

void rule_say_alarm(const struct node *node, const struct alarm *alarm,
		    char *text, size_t size)
{
	rule_say(alarm->rule, node->name, alarm->row, alarm->value,
		 alarm->limit, text, size);
}
