// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/alarms/draft.h"
#include "collector/figures/figure.h"
#include "collector/figures/told.h"
#include "lib/base/options.h"

enum {
	WEIGHT_MAX = 100,
};

static const uint64_t weights[SEVERITIES] = {
	[SEVERITY_NOTICE] = 2,
	[SEVERITY_WARNING] = 15,
	[SEVERITY_CRITICAL] = 40,
};

static bool __attribute__((format(printf, 2, 3)))
refuse(struct draft *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->problem, sizeof(d->problem), format, args);
	va_end(args);
	return false;
}

/* Also a flag, which is no metric: "mount.read_only". */
static const struct book_entry *find_entry(const char *name)
{
	const struct book_entry *e = book_find(name);
	char metric[BOOK_NAME_SIZE];

	if (e)
		return e;
	for (e = book; e < book + BOOK_ENTRIES; e++)
		if (e->what == BOOK_FLAG &&
		    !strcmp(book_metric(e, metric), name))
			return e;
	return NULL;
}

static const struct figure *figure_alone(const struct book_entry *e)
{
	const struct figure *f = figure_of(e);

	return f && figure_rows(f) == FIGURE_NODES ? f : NULL;
}

static bool set_metric(struct draft *d, struct rule *r, const char *value)
{
	r->entry = find_entry(value);
	if (!r->entry || !told_now(r->entry) || r->entry->kind == WIRE_NODE)
		return refuse(
			d,
			"metric: '%s': expected a metric, such as mount.used; /api/v1/metrics and docs/metrics.md have all",
			value);
	r->kind = r->entry->kind;
	r->figure = figure_alone(r->entry);
	return true;
}

static bool set_over(struct draft *d, const char *value)
{
	d->of_node = !strcmp(value, "nodes");
	if (d->of_node || !strcmp(value, "rows"))
		return true;
	return refuse(d, "over: '%s': expected rows or nodes", value);
}

static bool set_flag(struct draft *d, const struct book_entry **flag,
		     const char *key, const char *value)
{
	*flag = find_entry(value);
	if (*flag && (*flag)->what == BOOK_FLAG)
		return true;
	return refuse(
		d,
		"%s: '%s': expected true or false of a row, such as mount.read_only",
		key, value);
}

static bool set_duration(struct draft *d, uint64_t *ns, const char *key,
			 const char *value)
{
	if (!duration_parse(value, ns))
		return true;
	return refuse(d, "%s: '%s': expected a duration such as 30s or 5m", key,
		      value);
}

static bool set_severity(struct draft *d, struct rule *r, const char *value)
{
	int i;

	for (i = 0; i < SEVERITIES; i++) {
		if (strcmp(severity_names[i], value))
			continue;
		r->severity = (enum severity)i;
		return true;
	}
	return refuse(d, "severity: '%s': expected notice, warning or critical",
		      value);
}

static bool set_once_good(struct draft *d, struct rule *r, const char *value)
{
	r->once_good = !strcmp(value, "yes");
	if (r->once_good || !strcmp(value, "no"))
		return true;
	return refuse(d, "once-good: '%s': expected yes or no", value);
}

static bool set_weight(struct draft *d, struct rule *r, const char *value)
{
	char *end;

	errno = 0;
	r->weight = strtoul(value, &end, 10);
	d->weighed = true;
	if (isdigit((unsigned char)*value) && !*end && !errno &&
	    r->weight <= WEIGHT_MAX)
		return true;
	return refuse(d, "weight: '%s': expected a number from 0 to %d", value,
		      WEIGHT_MAX);
}

static bool set_share(struct draft *d, struct rule *r, const char *value)
{
	char *end;
	double share = strtod(value, &end);

	r->share = share / 100;
	if (end != value && !strcmp(end, " %") && share > 0 && share < 100)
		return true;
	return refuse(
		d, "share: '%s': expected a share of the nodes, such as 20 %%",
		value);
}

/* Texts may go on in the next line. */
static bool set_text(struct draft *d, char **text, const char *key,
		     const char *value)
{
	size_t had = *text ? strlen(*text) + 1 : 0;
	char *more;

	if (had + strlen(value) >= RULE_TEXT_MAX)
		return refuse(d, "%s: expected at most %d bytes", key,
			      RULE_TEXT_MAX - 1);
	more = realloc(*text, had + strlen(value) + 1);
	if (!more)
		return refuse(d, "no memory for it");
	if (had)
		more[had - 1] = ' ';
	strcpy(more + had, value);
	*text = more;
	return true;
}

static bool set_limit(struct draft *d, struct rule *r, const char *key,
		      const char *value)
{
	if (d->limit[0])
		return refuse(d, "%s: one of above and below is enough", key);
	if (strlen(value) >= sizeof(d->limit))
		return refuse(d, "%s: the value is too long", key);
	strcpy(d->limit, value);
	r->below = !strcmp(key, "below");
	return true;
}

static bool set_margin(struct draft *d, const char *value)
{
	if (strlen(value) >= sizeof(d->margin))
		return refuse(d, "margin: the value is too long");
	strcpy(d->margin, value);
	return true;
}

static const char *const keys[] = { "metric", "over",	  "silent", "absent",
				    "above",  "below",	  "margin", "keep",
				    "within", "per",	  "window", "for",
				    "share",  "only",	  "unless", "once-good",
				    "rows",   "not-rows", "nodes",  "severity",
				    "weight", "text",	  "why",    "look" };

enum key {
	KEY_METRIC,
	KEY_OVER,
	KEY_SILENT,
	KEY_ABSENT,
	KEY_ABOVE,
	KEY_BELOW,
	KEY_MARGIN,
	KEY_KEEP,
	KEY_WITHIN,
	KEY_PER,
	KEY_WINDOW,
	KEY_FOR,
	KEY_SHARE,
	KEY_ONLY,
	KEY_UNLESS,
	KEY_ONCE_GOOD,
	KEY_ROWS,
	KEY_NOT_ROWS,
	KEY_NODES,
	KEY_SEVERITY,
	KEY_WEIGHT,
	KEY_TEXT,
	KEY_WHY,
	KEY_LOOK,
	KEYS
};

_Static_assert(sizeof(keys) / sizeof(keys[0]) == KEYS, "a name for each key");

static bool set_key(struct draft *d, struct rule *r, enum key key,
		    const char *value)
{
	char **const texts[] = {
		[KEY_ROWS] = &r->rows,	 [KEY_NOT_ROWS] = &r->not_rows,
		[KEY_NODES] = &r->nodes, [KEY_TEXT] = &r->text,
		[KEY_WHY] = &r->why,	 [KEY_LOOK] = &r->look
	};

	switch (key) {
	case KEY_METRIC:
		return set_metric(d, r, value);
	case KEY_OVER:
		return set_over(d, value);
	case KEY_ABOVE:
	case KEY_BELOW:
		return set_limit(d, r, keys[key], value);
	case KEY_MARGIN:
		return set_margin(d, value);
	case KEY_SILENT:
		return set_duration(d, &r->silent_ns, keys[key], value);
	case KEY_ABSENT:
		r->absent = true; /* fall through */
	case KEY_FOR:
		return set_duration(d, &r->for_ns, keys[key], value);
	case KEY_KEEP:
		return set_duration(d, &r->keep_ns, keys[key], value);
	case KEY_WITHIN:
		return set_duration(d, &r->within_ns, keys[key], value);
	case KEY_PER:
		return set_duration(d, &r->per_ns, keys[key], value);
	case KEY_SHARE:
		return set_share(d, r, value);
	case KEY_WINDOW:
		return set_duration(d, &r->window_ns, keys[key], value);
	case KEY_ONLY:
		return set_flag(d, &r->only, keys[key], value);
	case KEY_UNLESS:
		return set_flag(d, &r->unless, keys[key], value);
	case KEY_ONCE_GOOD:
		return set_once_good(d, r, value);
	case KEY_SEVERITY:
		return set_severity(d, r, value);
	case KEY_WEIGHT:
		return set_weight(d, r, value);
	default:
		return set_text(d, texts[key], keys[key], value);
	}
}

/* A factor for values of a metric's unit; 0: there is no such. */
static double factor_of(const struct rule *r, const char *name)
{
	static const struct {
		const char *unit;
		const char *name;
		double factor;
	} all[] = {
		{ "share", "%", 0.01 },
		{ "bytes", "KiB", 1024 },
		{ "bytes", "MiB", 1048576 },
		{ "bytes", "GiB", 1073741824 },
		{ "bytes", "TiB", 1099511627776 },
		{ "ns", "us", 1e3 },
		{ "ns", "ms", 1e6 },
		{ "ns", "s", 1e9 },
		{ "s", "ms", 1e-3 },
		{ "s", "s", 1 },
	};
	const char *unit = book_unit_name(r->entry);
	size_t i, length = strcspn(unit, "/"); /* bytes/s: of bytes */

	if (!*name)
		return 1;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strlen(all[i].unit) == length &&
		    !strncmp(unit, all[i].unit, length) &&
		    !strcmp(name, all[i].name))
			return all[i].factor;
	return 0;
}

static bool parse_number(const struct rule *r, const char *text, double *number)
{
	double factor;
	char *end;

	errno = 0;
	*number = strtod(text, &end);
	if (end == text || errno || *number != *number)
		return false;
	while (isblank((unsigned char)*end))
		end++;
	factor = factor_of(r, end);
	*number *= factor;
	return factor != 0;
}

/* "sensor.critical_celsius", "4 x cpus": both sides are of one row, or of the node. */
static bool parse_other(struct rule *r, const char *text)
{
	const char *name = text;
	char *end;

	r->limit = strtod(text, &end);
	if (end == text)
		r->limit = 1;
	else if (strncmp(end, " x ", 3))
		return false;
	else
		name = end + 3;
	r->of = find_entry(name);
	if (!r->of || !told_now(r->of))
		return false;
	r->of_figure = r->figure ? figure_of(r->of) : figure_alone(r->of);
	return r->of_figure || (!r->figure && r->of->kind == r->kind);
}

static bool finish_limits(struct draft *d, struct rule *r)
{
	const char *side = r->below ? "below" : "above";

	if (!d->limit[0])
		return refuse(d, "[%s]: above or below is missing", r->name);
	if (!parse_number(r, d->limit, &r->limit) && !parse_other(r, d->limit))
		return refuse(
			d,
			"[%s]: %s: '%s': expected a number, with a unit where there is one (95 %%, 50 ms, 2 GiB), or another metric of the same rows or of the node (4 x cpus)",
			r->name, side, d->limit);
	if (d->margin[0] &&
	    (!parse_number(r, d->margin, &r->margin) || r->margin < 0))
		return refuse(d, "[%s]: margin: '%s': expected a number",
			      r->name, d->margin);
	return true;
}

static bool is_of_rows(const struct draft *d, const struct rule *r)
{
	return d->given & (1U << KEY_ROWS | 1U << KEY_NOT_ROWS |
			   1U << KEY_ONLY | 1U << KEY_UNLESS) &&
	       r->figure;
}

static bool finish_line(struct draft *d, struct rule *r)
{
	if (r->within_ns && r->per_ns)
		return refuse(d, "[%s]: one of within and per is enough",
			      r->name);
	if (rule_has_line(r) != (r->window_ns > 0))
		return refuse(d,
			      "[%s]: within or per, and window: both, or none",
			      r->name);
	return true;
}

static bool finish_absence(struct draft *d, struct rule *r)
{
	if (d->limit[0] ||
	    d->given & (1U << KEY_MARGIN | 1U << KEY_FOR | 1U << KEY_WINDOW |
			1U << KEY_WITHIN | 1U << KEY_PER | 1U << KEY_ONCE_GOOD))
		return refuse(
			d,
			"[%s]: absent stands without a limit, margin, for, within, per, window and once-good",
			r->name);
	return true;
}

static bool finish_kind(struct draft *d, struct rule *r)
{
	const uint32_t silent = d->given & 1U << KEY_SILENT;

	if (silent && r->absent)
		return refuse(d, "[%s]: one of silent and absent is enough",
			      r->name);
	if (silent && d->given & (1U << KEY_METRIC | 1U << KEY_FOR))
		return refuse(d, "[%s]: silent stands without metric and for",
			      r->name);
	if (silent)
		return true;
	if (!r->entry)
		return refuse(d, "[%s]: metric or silent is missing", r->name);
	if (d->of_node)
		r->figure = figure_of(r->entry);
	if (d->of_node && !r->figure)
		return refuse(d, "[%s]: over: its rows make nothing together",
			      r->name);
	if (is_of_rows(d, r))
		return refuse(d,
			      "[%s]: its metric is the node's: it has no rows",
			      r->name);
	if (!finish_line(d, r))
		return false;
	if ((r->only && r->only->kind != r->kind) ||
	    (r->unless && r->unless->kind != r->kind))
		return refuse(d,
			      "[%s]: only and unless: not of the metric's rows",
			      r->name);
	return r->absent ? finish_absence(d, r) : finish_limits(d, r);
}

bool draft_take(struct draft *d, struct rule *r, const char *name,
		const char *value, bool more)
{
	enum key key = 0;

	while (key < KEYS && strcmp(keys[key], name))
		key++;
	if (key == KEYS)
		return refuse(d, "%s: no such key; ktach.rules(5) has all",
			      name);
	if (d->given & 1U << key && !(more && key >= KEY_TEXT))
		return refuse(d, "%s: it stands twice", name);
	d->given |= 1U << key;
	return set_key(d, r, key, value);
}

bool draft_finish(struct draft *d, struct rule *r)
{
	if (!finish_kind(d, r))
		return false;
	if (!r->text)
		return refuse(d, "[%s]: text is missing", r->name);
	if (!d->weighed)
		r->weight = weights[r->severity];
	return true;
}
