// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/figures/own.h"
#include "collector/nodes/values.h"
#include "collector/remote/search.h"
#include "lib/base/clock.h"
#include "lib/base/resized.h"
#include "lib/kernel/irq_symbol.h"
#include "tables/series.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)
#define MINUTE (60 * S)

enum {
	STEPS_MAX = 10000, /* of a question */
	RANGE_SAMPLES = 8, /* of what a rate looks at */
	NAME_SIZE = BOOK_NAME_SIZE * 2 + 8,
};

/* An expression without a range takes the last sample of 5 min, so that no two may be
 * further apart, even where they are evaluated at few times.
 */
static uint64_t choose_step(const struct search_hints *h, uint64_t span_ns)
{
	uint64_t step_ns = 5 * MINUTE;

	if (!h->given)
		return span_ns / STEPS_MAX;
	if (!strcmp(h->function, "series"))
		return span_ns; /* their names are all that is asked */
	if (!h->range_ns && !h->step_ns)
		return 50 * S; /* the last one, from samples */
	if (h->step_ns && h->step_ns < step_ns)
		step_ns = h->step_ns;
	if (h->range_ns && h->range_ns / RANGE_SAMPLES < step_ns)
		step_ns = h->range_ns / RANGE_SAMPLES;
	return step_ns;
}

static enum history_aggregate choose_over(const struct search_hints *h)
{
	static const struct {
		const char *function;
		enum history_aggregate over;
	} functions[] = { { "max_over_time", HISTORY_MAX },
			  { "min_over_time", HISTORY_MIN },
			  { "avg_over_time", HISTORY_AVG } };
	size_t i;

	for (i = 0; h->given && i < sizeof(functions) / sizeof(functions[0]);
	     i++)
		if (!strcmp(h->function, functions[i].function))
			return functions[i].over;
	return HISTORY_LAST;
}

/* Steps of a minute or more are whole buckets of rollups. */
void search_settle(struct search_range *range, const struct search_hints *hints)
{
	uint64_t span_ns = range->to_ns - range->from_ns;
	uint64_t step_ns = choose_step(hints, span_ns);

	if (step_ns < MS)
		step_ns = MS;
	if (step_ns >= MINUTE && step_ns < span_ns) {
		step_ns -= step_ns % MINUTE;
		range->from_ns -= range->from_ns % step_ns;
	}
	range->step_ns = step_ns;
	range->over = step_ns < MINUTE ? HISTORY_LAST : choose_over(hints);
}

/**
 * struct search - a question under way
 * @from: where to look
 * @matchers: what fits
 * @range: which samples
 * @found: what did
 * @metric: that is asked
 * @series: of it
 * @name: of its family; "": each row names its own
 * @divisor: of values
 * @node: that is asked
 * @begin_ns: of the question, by the node's clock
 * @ahead_ns: how far that one is ahead of ours
 * @labels: of a row
 * @samples: of a series
 * @room: of @samples
 * @told: rows that came
 * @last_key: of the last one
 * @err: what went wrong among them
 */
struct search {
	const struct search_source *from;
	struct matchers *matchers;
	const struct search_range *range;
	struct found *found;
	const struct book_entry *metric;
	struct book_series series;
	char name[NAME_SIZE];
	double divisor;
	const struct asked_node *node;
	uint64_t begin_ns;
	uint64_t ahead_ns;
	struct remote_labels labels;
	struct found_sample *samples;
	size_t room;
	size_t told;
	uint64_t last_key;
	int err;
};

static void add_key(struct search *s, uint64_t key)
{
	const char *label = book_first(s->metric->kind)->series;
	char text[IRQ_SYMBOL_SIZE];

	if (!*label || s->metric->group)
		return;
	if (s->metric->kind == WIRE_IRQ)
		irq_symbol(key, text);
	else
		snprintf(text, sizeof(text), "%" PRIu64, key);
	remote_labels_add(&s->labels, label, text);
}

static void add_texts(struct search *s, uint32_t texts, const char *const *text)
{
	const struct book_text *t = book_table(s->metric->kind)->texts;
	uint32_t i;

	for (i = 0; i < texts && t[i].name; i++)
		if (*t[i].label)
			remote_labels_add(&s->labels, t[i].label, text[i]);
}

/* Return false of a row that names a series which is none. */
static bool add_own(struct search *s, uint32_t texts, const char *const *text)
{
	if (texts <= WIRE_OWN_LABELS ||
	    !own_series_fits(s->metric->kind, text[WIRE_OWN_NAME],
			     text[WIRE_OWN_LABELS]))
		return false;
	remote_labels_add(&s->labels, "__name__", text[WIRE_OWN_NAME]);
	remote_labels_add_text(&s->labels, text[WIRE_OWN_LABELS],
			       strlen(text[WIRE_OWN_LABELS]));
	return true;
}

/* Set a row's labels. Return whether they fit. */
static bool row_fits(struct search *s, uint64_t key, uint32_t texts,
		     const char *const *text)
{
	struct remote_labels *l = &s->labels;

	remote_labels_clear(l);
	remote_labels_add(l, "instance", s->node->name);
	remote_labels_add(l, "node_id", s->node->id_text);
	remote_labels_add(l, "job", s->from->job);
	if (!*s->name) {
		if (!add_own(s, texts, text))
			return false;
	} else {
		remote_labels_add(l, "__name__", s->name);
		add_texts(s, texts, text);
		add_key(s, key);
		if (s->series.label)
			remote_labels_add_text(l, s->series.label,
					       s->series.label_size);
	}
	remote_labels_settle(l);
	return !l->full && matchers_fit(s->matchers, l);
}

static bool is_late(const struct search *s)
{
	return clock_mono_ns() >= s->from->until_ns;
}

/* Searches take time, too. */
static bool want_row(const void *choice, const struct history_row *row)
{
	struct search *s = *(struct search *const *)choice;

	return !s->matchers->exceeded && !is_late(s) &&
	       row_fits(s, row->key, row->texts, row->text);
}

static size_t take_samples(struct search *s, const struct history_series *h)
{
	const struct search_range *range = s->range;
	size_t i, count = 0;

	for (i = 0; i < h->count; i++) {
		uint64_t at_ns =
			s->begin_ns + (uint64_t)h->after_ns[i] - s->ahead_ns;

		if (isnan(h->values[i]) || at_ns < range->from_ns ||
		    at_ns >= range->to_ns)
			continue;
		s->samples[count++] =
			(struct found_sample){ (int64_t)(at_ns / MS),
					       h->values[i] / s->divisor };
	}
	return count;
}

static void take_series(void *context, const struct history_series *h)
{
	struct search *s = context;
	bool failed = false;

	s->told++;
	s->last_key = h->key;
	if (s->err || !row_fits(s, h->key, h->texts, h->all_texts))
		return;
	if (h->count > s->room) {
		s->samples = resized(s->samples, h->count, sizeof(*s->samples),
				     &failed);
		s->room = failed ? s->room : h->count;
	}
	s->err = failed ? -ENOMEM :
			  found_add(s->found, &s->labels, s->samples,
				    take_samples(s, h));
}

/* All rows of one node, some at a time. */
static int ask_rows(struct search *s, struct history_query q)
{
	bool more = true;
	int ret;

	q.more = &more;
	while (more) {
		s->told = 0;
		more = false;
		ret = history_query(s->from->history, &q, take_series, s);
		if (ret < 0 || s->err)
			return ret < 0 ? ret : s->err;
		if (is_late(s))
			return -ETIME;
		if (more && (!s->told || s->last_key == UINT64_MAX))
			return -E2BIG;
		q.first_key = s->last_key + 1;
	}
	return 0;
}

/* A long time in parts of it. */
static int ask_node(struct search *s)
{
	const struct search_range *range = s->range;
	uint64_t part_ns = range->step_ns * STEPS_MAX, from_ns, left_ns;
	struct history_query q = {
		.metric = s->metric,
		.step_ns = range->step_ns,
		.aggregate = s->metric->type == WIRE_COUNTER ? HISTORY_LAST :
							       range->over,
		.as_it_is = true,
		.wants = want_row,
		.choice = &s,
		.until_ns = s->from->until_ns,
	};
	int err = 0;

	memcpy(q.node, s->node->id, sizeof(q.node));
	for (from_ns = range->from_ns; !err && from_ns < range->to_ns;
	     from_ns += part_ns) {
		left_ns = range->to_ns - from_ns;
		q.from_ns = from_ns + s->ahead_ns;
		q.to_ns = q.from_ns + (left_ns < part_ns ? left_ns : part_ns);
		s->begin_ns = q.from_ns;
		err = ask_rows(s, q);
	}
	return err;
}

/* Of a node that only the history knows nobody knows how large a page is: as on most. */
static double find_page_bytes(const struct search *s)
{
	double bytes = NAN;

	if (s->node->live) {
		bytes = gauges_value(
			&visit_hold(s->from->visit, s->node->live)->gauges,
			WIRE_PAGE_BYTES);
		visit_leave(s->from->visit);
	}
	return isnan(bytes) ? 4096 : bytes;
}

static void begin_node(struct search *s, const struct asked_node *node)
{
	int64_t first = -(int64_t)s->range->from_ns;

	s->node = node;
	s->ahead_ns =
		(uint64_t)(node->ahead_ns > first ? node->ahead_ns : first);
	s->divisor = s->series.pages ? find_page_bytes(s) : s->series.divisor;
}

static int ask_nodes(struct search *s)
{
	const struct asked_nodes *nodes = s->from->nodes;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < nodes->count; i++) {
		const struct asked_node *node = &nodes->list[i];

		if (!matchers_fit_one(s->matchers, "instance", node->name) ||
		    !matchers_fit_one(s->matchers, "node_id", node->id_text))
			continue;
		begin_node(s, node);
		err = is_late(s) ? -ETIME : ask_node(s);
	}
	return s->matchers->exceeded ? -ETIME : err;
}

static int ask_metric(struct search *s, const struct book_entry *e,
		      const char *series)
{
	s->metric = e;
	book_series(&s->series, e, series);
	snprintf(s->name, sizeof(s->name), "%s%s", s->series.family,
		 s->series.counter ? "_total" : "");
	return matchers_fit_one(s->matchers, "__name__", s->name) ?
		       ask_nodes(s) :
		       0;
}

static bool is_of_history(const struct book_entry *e)
{
	return book_has_series(e) && e->what != BOOK_OF_NODE &&
	       e->kind != WIRE_NODE;
}

static int ask_book(struct search *s)
{
	const struct book_also *also;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < BOOK_ENTRIES; i++)
		if (is_of_history(&book[i]))
			err = ask_metric(s, &book[i], book[i].series);
	for (i = 0; !err && (also = book_also(i)); i++)
		err = ask_metric(s, book_find(also->metric), also->series);
	return err;
}

/* Rows that name their series themselves. */
static int ask_own(struct search *s, const char *metric)
{
	s->metric = book_find(metric);
	s->series = (struct book_series){ .divisor = 1 };
	s->name[0] = '\0';
	return ask_nodes(s);
}

int search_series(const struct search_source *source, struct matchers *m,
		  const struct search_range *range, struct found *found)
{
	struct search *s = calloc(1, sizeof(*s)); /* large for a stack */
	int err;

	if (!s)
		return -ENOMEM;
	s->from = source;
	s->matchers = m;
	s->range = range;
	s->found = found;
	err = ask_book(s);
	if (!err)
		err = ask_own(s, "own.value");
	if (!err)
		err = ask_own(s, "part.value");
	free(s->samples);
	free(s);
	return err;
}
