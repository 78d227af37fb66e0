// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/facts/fact.h"
#include "host/facts/fact_watch.h"
#include "host/facts/facts.h"
#include "host/link/link_stack.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/**
 * struct facts - the collector
 * @options: what it was opened with
 * @rows: what was put last
 * @now: what is read now
 * @watch: tells of changes
 */
struct facts {
	struct host_options options;
	struct rows rows;
	struct rows now;
	struct fact_watch watch;
};

static int facts_open(void **state, const struct host_options *options)
{
	struct facts *s = calloc(1, sizeof(*s));
	int err = s ? fact_watch_open(&s->watch, options) : -ENOMEM;

	if (err) {
		log_warn("facts: cannot make a timer: %s; facts are left out",
			 strerror(-err));
		free(s);
		return err;
	}
	s->options = *options;
	s->rows.kind = s->now.kind = WIRE_FACTS;
	*state = s;
	return 0;
}

static void facts_close(void *state)
{
	struct facts *s = state;

	fact_watch_close(&s->watch);
	rows_exit(&s->rows);
	rows_exit(&s->now);
	free(s);
}

static void add_stacked(void *arg, const char *text, size_t size)
{
	fact_add(arg, WIRE_FACT_STACKED, text, size);
}

/* As they were configured, and found to be good. */
static void add_labels(struct rows *rows, const char *labels)
{
	size_t size;

	for (; labels && *labels; labels += size + (labels[size] == ',')) {
		size = strcspn(labels, ",");
		fact_add(rows, WIRE_FACT_LABEL, labels, size);
	}
}

static void collect_facts(struct facts *s)
{
	rows_clear(&s->now);
	fact_machine(&s->now, &s->options);
	fact_cpus(&s->now, &s->options);
	fact_addresses(&s->now, &s->options);
	link_stack_find(&s->options, add_stacked, &s->now);
	add_labels(&s->now, s->options.labels);
}

static bool changed(const struct facts *s)
{
	const struct rows *a = &s->rows, *b = &s->now;

	if (a->count != b->count || a->texts_used != b->texts_used)
		return true;
	return a->texts_used &&
	       (memcmp(a->cells, b->cells, a->count * sizeof(*a->cells)) ||
		memcmp(a->texts, b->texts, a->texts_used));
}

static void put_facts(struct facts *s, const struct host_sink *sink)
{
	const struct rows last = s->rows;

	s->rows = s->now;
	s->now = last;
	rows_put(&s->rows, sink, WIRE_ORIGIN_PROC, clock_real_ns(),
		 clock_mono_ns());
}

/* All facts are put each time: they change seldom, and who missed them gets them with
 * the next change.
 */
static int facts_read(void *state, const struct host_sink *sink)
{
	struct facts *s = state;

	collect_facts(s);
	put_facts(s, sink);
	return 0;
}

static int facts_fd(void *state)
{
	struct facts *s = state;

	return s->watch.settle.epoll;
}

/* The kernel also tells when an address's lifetime is prolonged, which changes no
 * fact.
 */
static int facts_changed(void *state, const struct host_sink *sink)
{
	struct facts *s = state;

	if (!fact_watch_due(&s->watch))
		return 0;
	collect_facts(s);
	if (changed(s))
		put_facts(s, sink);
	return 0;
}

const struct host_collector host_facts = {
	.name = "facts",
	.summary = "names, kernel, distribution, CPUs, addresses",
	.interval_ns = 60000000000,
	.enabled = true,
	.open = facts_open,
	.read = facts_read,
	.close = facts_close,
	.fd = facts_fd,
	.changed = facts_changed,
};
