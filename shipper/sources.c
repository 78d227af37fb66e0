// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/clock.h"
#include "shipper/sources.h"

/* Gauges and counters of a tick go together; what comes in between alone. */
static void put(void *arg, const struct wire_table *table)
{
	struct sources *s = arg;
	unsigned int i = s->reading;

	if (i == SOURCES_MAX)
		s->begin(s->owner);
	if (i == SOURCES_MAX ||
	    !values_add(&s->values, s->config.sources[i].interval_ns, table))
		output_put(s->output, table);
}

static void devices_changed(void *data)
{
	struct sources *s = data;

	if (s->open[SOURCE_CPU])
		cpu_source_device_changed(&s->times);
	if (s->open[SOURCE_SOFTIRQ])
		cpu_source_device_changed(&s->softirqs);
}

static int open_one(struct sources *s, unsigned int i)
{
	const struct host_sink sink = { .put = put, .arg = s };

	switch (i) {
	case SOURCE_CPU:
		return cpu_source_open(&s->times, &cpu_source_times,
				       &s->config.host, s->output);
	case SOURCE_SOFTIRQ:
		return cpu_source_open(&s->softirqs, &cpu_source_softirqs,
				       &s->config.host, s->output);
	case SOURCE_NET:
		net_source_open(&s->net, &s->config, s->loop, s->output);
		return 0;
	default:
		return host_source_open(&s->host[i],
					host_collectors[i - SOURCE_HOST],
					&s->config.host, s->loop, &sink);
	}
}

static void close_one(struct sources *s, unsigned int i)
{
	if (!s->open[i])
		return;
	s->open[i] = false;
	switch (i) {
	case SOURCE_CPU:
		cpu_source_close(&s->times);
		break;
	case SOURCE_SOFTIRQ:
		cpu_source_close(&s->softirqs);
		break;
	case SOURCE_NET:
		net_source_close(&s->net);
		break;
	default:
		host_source_close(&s->host[i]);
		break;
	}
}

static void collect_one(struct sources *s, unsigned int i)
{
	switch (i) {
	case SOURCE_CPU:
		cpu_source_collect(&s->times);
		break;
	case SOURCE_SOFTIRQ:
		cpu_source_collect(&s->softirqs);
		break;
	case SOURCE_NET:
		net_source_collect(&s->net);
		break;
	default:
		host_source_collect(&s->host[i]);
		break;
	}
}

/* How long a ring keeps what was not read. */
static uint64_t patience_ns(const struct sources *s, unsigned int i)
{
	switch (i) {
	case SOURCE_CPU:
		return cpu_source_patience_ns(&s->times);
	case SOURCE_SOFTIRQ:
		return cpu_source_patience_ns(&s->softirqs);
	default:
		return UINT64_MAX;
	}
}

/* At multiples of an interval, so that sources are due together; those that
 * passed are left out. A ring is read before it is half full.
 */
static uint64_t next_ns(const struct sources *s, unsigned int i,
			uint64_t interval_ns)
{
	uint64_t now_ns = clock_mono_ns(), patience = patience_ns(s, i);
	uint64_t at_ns = (now_ns / interval_ns + 1) * interval_ns;

	return patience < at_ns - now_ns ? now_ns + patience : at_ns;
}

/* What is to be repeated comes again within seconds, once. */
static uint64_t interval_ns(const struct sources *s, unsigned int i)
{
	uint64_t interval_ns = s->config.sources[i].interval_ns;

	return s->repeat[i] && interval_ns > SOURCES_REPEAT_NS ?
		       SOURCES_REPEAT_NS :
		       interval_ns;
}

void sources_repeat(struct sources *s)
{
	unsigned int i, count = source_count();

	for (i = 0; i < count; i++) {
		uint64_t at_ns;

		s->repeat[i] = true;
		at_ns = next_ns(s, i, interval_ns(s, i));
		if (at_ns < s->due_ns[i])
			s->due_ns[i] = at_ns;
	}
}

uint64_t sources_due_ns(const struct sources *s)
{
	unsigned int i, count = source_count();
	uint64_t due_ns = UINT64_MAX;

	for (i = 0; i < count; i++)
		if (s->open[i] && s->due_ns[i] < due_ns)
			due_ns = s->due_ns[i];
	return due_ns;
}

void sources_collect(struct sources *s, uint64_t now_ns)
{
	unsigned int i, count = source_count();

	if (sources_due_ns(s) > now_ns)
		return;
	s->begin(s->owner);
	for (i = 0; i < count; i++) {
		if (!s->open[i] || s->due_ns[i] > now_ns)
			continue;
		s->reading = i;
		collect_one(s, i);
		s->due_ns[i] = next_ns(s, i, interval_ns(s, i));
		s->repeat[i] = false;
	}
	s->reading = SOURCES_MAX;
	values_put(&s->values, s->output);
}

/* The first sample comes with the next tick, however long the interval. */
static int open_enabled(struct sources *s)
{
	unsigned int i, count = source_count();
	int err, failed = 0;

	for (i = 0; i < count; i++) {
		if (s->open[i] || !s->config.sources[i].on)
			continue;
		err = open_one(s, i);
		s->open[i] = !err;
		s->due_ns[i] = err ? 0 : next_ns(s, i, s->config.interval_ns);
		if (err && i < SOURCE_HOST)
			failed = err;
	}
	return failed;
}

static void close_all(struct sources *s)
{
	unsigned int i;

	for (i = source_count(); i--;)
		close_one(s, i);
	values_clear(&s->values);
}

void sources_close(struct sources *s)
{
	close_all(s);
	host_memory_exit(&s->memory);
	dev_watch_close(&s->watch);
}

int sources_open(struct sources *s, const struct config *config,
		 struct loop *loop, struct output *output)
{
	int err;

	s->loop = loop;
	s->output = output;
	s->config = *config;
	s->config.host.stat = &s->times.read;
	s->config.host.memory = &s->memory;
	s->reading = SOURCES_MAX;
	err = dev_watch_open(&s->watch, loop, devices_changed, s);
	if (err)
		return err;
	err = open_enabled(s);
	if (err)
		sources_close(s);
	return err;
}

/* One that is configured anew goes on from its beginning. */
static bool has_changed(const struct config *a, const struct config *b,
			unsigned int i)
{
	if (i == SOURCE_NET)
		return !net_source_same(a, b);
	return i >= SOURCE_HOST && !host_options_same(&a->host, &b->host);
}

void sources_change(struct sources *s, const struct config *config)
{
	struct config old = s->config;
	unsigned int i, count = source_count();

	s->config = *config;
	s->config.host.stat = old.host.stat;
	s->config.host.memory = old.host.memory;
	for (i = 0; i < count; i++)
		if (!s->config.sources[i].on ||
		    has_changed(&s->config, &old, i))
			close_one(s, i);
	values_clear(&s->values);
	for (i = 0; i < count; i++)
		if (s->open[i])
			s->due_ns[i] =
				next_ns(s, i, s->config.sources[i].interval_ns);
	open_enabled(s);
}
