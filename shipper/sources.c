// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "shipper/sources.h"

static uint64_t config_interval_ns(const struct source *s)
{
	return s->all->config.sources[s - s->all->source].interval_ns;
}

/* Of those that may change over, when they do. */
static void tell_origin(struct source *s, uint32_t origin)
{
	char text[256];

	if (!s->collector->origin || s->origin == origin)
		return;
	s->origin = origin;
	s->collector->origin(s->state, text, sizeof(text));
	log_info("%s", text);
}

/* Gauges and counters of a tick go together; what comes in between alone. */
static void put_table(void *arg, const struct wire_table *table)
{
	struct source *s = arg;
	struct sources *all = s->all;

	tell_origin(s, table->origin);
	if (!all->reading)
		all->begin(all->owner);
	if (!all->reading ||
	    !values_add(&all->values, config_interval_ns(s), table))
		output_put(all->output, table);
}

static void wait_for_news(struct source *s)
{
	int fd = s->collector->fd ? s->collector->fd(s->state) : -1;

	if (fd < 0)
		return;
	loop_poll(s->all->loop, &s->poll, fd, POLLIN);
	s->waiting = true;
}

/* Cancelled by the close, or broken: what is read now and then goes on. */
static void take_news(struct loop_op *op, int result, uint32_t flags)
{
	struct source *s = (struct source *)op;
	const struct host_sink sink = { .put = put_table, .arg = s };

	s->waiting = false;
	if (result < 0)
		return;
	s->collector->changed(s->state, &sink);
	wait_for_news(s);
}

static int open_source(struct source *s)
{
	struct host_options *options = &s->all->config.host;
	int err;

	options->interval_ns = config_interval_ns(s);
	s->origin = 0;
	err = s->collector->open(&s->state, options);
	s->open = !err;
	if (!err)
		wait_for_news(s);
	return err;
}

static void close_source(struct source *s)
{
	if (!s->open)
		return;
	s->open = false;
	if (s->waiting)
		loop_cancel(s->all->loop, &s->poll);
	while (s->waiting && !loop_run_once(s->all->loop, true))
		;
	s->collector->close(s->state);
}

/* At multiples of an interval, so that sources are due together; those that
 * passed are left out. What keeps samples is read before it has no room for more.
 */
static uint64_t next_ns(const struct source *s, uint64_t interval_ns)
{
	uint64_t now_ns = clock_mono_ns(), patience_ns = UINT64_MAX;
	uint64_t at_ns = (now_ns / interval_ns + 1) * interval_ns;

	if (s->open && s->collector->patience_ns)
		patience_ns = s->collector->patience_ns(s->state);
	return patience_ns < at_ns - now_ns ? now_ns + patience_ns : at_ns;
}

/* What is to be repeated comes again within seconds. */
static uint64_t interval_ns(const struct source *s)
{
	uint64_t ns = config_interval_ns(s);

	return s->repeats && ns > SOURCES_REPEAT_NS ? SOURCES_REPEAT_NS : ns;
}

void sources_repeat(struct sources *s)
{
	unsigned int i, count = source_count();

	for (i = 0; i < count; i++) {
		struct source *source = &s->source[i];
		uint64_t at_ns;

		source->repeats = SOURCES_REPEATS;
		at_ns = next_ns(source, interval_ns(source));
		if (at_ns < source->due_ns)
			source->due_ns = at_ns;
	}
}

uint64_t sources_due_ns(const struct sources *s)
{
	unsigned int i, count = source_count();
	uint64_t due_ns = UINT64_MAX;

	for (i = 0; i < count; i++)
		if (s->source[i].open && s->source[i].due_ns < due_ns)
			due_ns = s->source[i].due_ns;
	return due_ns;
}

static void collect_source(struct source *s)
{
	const struct host_sink sink = { .put = put_table, .arg = s };

	s->collector->read(s->state, &sink);
	s->due_ns = next_ns(s, interval_ns(s));
	if (s->repeats)
		s->repeats--;
}

void sources_collect(struct sources *s, uint64_t now_ns)
{
	unsigned int i, count = source_count();

	if (sources_due_ns(s) > now_ns)
		return;
	s->begin(s->owner);
	s->reading = true;
	for (i = 0; i < count; i++)
		if (s->source[i].open && s->source[i].due_ns <= now_ns)
			collect_source(&s->source[i]);
	s->reading = false;
	values_put(&s->values, s->output);
}

/* The first sample comes with the next tick, however long the interval. */
static void open_enabled(struct sources *s)
{
	unsigned int i, count = source_count();
	int err;

	for (i = 0; i < count; i++) {
		struct source *source = &s->source[i];

		if (source->open || !s->config.sources[i].on)
			continue;
		err = open_source(source);
		source->due_ns = err ? 0 :
				       next_ns(source, s->config.interval_ns);
	}
}

void sources_close(struct sources *s)
{
	unsigned int i;

	for (i = source_count(); i--;)
		close_source(&s->source[i]);
	values_clear(&s->values);
	host_memory_exit(&s->memory);
}

static void take_config(struct sources *s, const struct config *config)
{
	s->config = *config;
	s->config.host.stat = &s->stat;
	s->config.host.memory = &s->memory;
}

int sources_open(struct sources *s, const struct config *config,
		 struct loop *loop, struct output *output)
{
	unsigned int i, count = source_count();

	if (access(config->host.proc, R_OK | X_OK)) {
		int err = -errno;

		log_error("cannot read %s: %s", config->host.proc,
			  strerror(-err));
		return err;
	}

	s->loop = loop;
	s->output = output;
	take_config(s, config);
	for (i = 0; i < count; i++)
		s->source[i] = (struct source){
			.poll.done = take_news,
			.all = s,
			.collector = source_collector(i),
		};
	open_enabled(s);
	return 0;
}

/* One that is configured anew goes on from its beginning. */
static bool has_changed(const struct config *a, const struct config *b,
			unsigned int i)
{
	const struct host_collector *c = source_collector(i);

	return !host_options_same(&a->host, &b->host, c->name) ||
	       (c->paced &&
		a->sources[i].interval_ns != b->sources[i].interval_ns);
}

void sources_change(struct sources *s, const struct config *config)
{
	struct config old = s->config;
	unsigned int i, count = source_count();

	take_config(s, config);
	for (i = 0; i < count; i++)
		if (!s->config.sources[i].on ||
		    has_changed(&s->config, &old, i))
			close_source(&s->source[i]);
	values_clear(&s->values);
	for (i = 0; i < count; i++)
		if (s->source[i].open)
			s->source[i].due_ns =
				next_ns(&s->source[i],
					s->config.sources[i].interval_ns);
	open_enabled(s);
}
