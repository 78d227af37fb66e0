// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/group_stat.h"
#include "host/own/statsd.h"
#include "host/own/statsd_line.h"
#include "lib/base/clean.h"

enum {
	SLOTS_FIRST = 64, /* a power of two */
};

/**
 * struct statsd_series - what was told by a name, labels and type
 * @hash: of these
 * @type: which
 * @value: a counter's or a gauge's
 * @told_ns: when it was told last
 * @seen: samples of a timer since the last reading
 * @number: of all samples so far, by their rates
 * @sum: of all their values
 * @kept: samples of a timer, or members of a set, since the last reading
 * @count: of @kept
 * @room: there
 * @labels: in @name
 * @name: and behind it the labels
 */
struct statsd_series {
	uint64_t hash;
	enum statsd_type type;
	double value;
	uint64_t told_ns;
	uint64_t seen;
	double number;
	double sum;
	union {
		double sample;
		uint64_t member;
	} * kept;
	size_t count;
	size_t room;
	const char *labels;
	char name[];
};

/* --- the table of series ------------------------------------------------------- */

static uint64_t hash_of(const struct statsd_line *l)
{
	char all[2 * OWN_NAME_SIZE + 4];
	int size = snprintf(all, sizeof(all), "%d%s{%s}", (int)l->type, l->name,
			    l->labels);

	return group_stat_key(all, (size_t)size);
}

/* Its slot, or the free one where it would be. */
static struct statsd_series **slot_of(struct statsd_series **slots, size_t room,
				      uint64_t hash)
{
	size_t i = hash & (room - 1);

	while (slots[i] && slots[i]->hash != hash)
		i = (i + 1) & (room - 1);
	return &slots[i];
}

/* Into another number of slots, so that half of them stay free. */
static bool move_all(struct statsd *s, size_t room)
{
	struct statsd_series **slots =
		calloc(room, sizeof(struct statsd_series *));
	size_t i;

	if (!slots)
		return false;
	for (i = 0; i < s->room; i++)
		if (s->slots[i])
			*slot_of(slots, room, s->slots[i]->hash) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->room = room;
	return true;
}

static struct statsd_series *make_series(const struct statsd_line *l,
					 uint64_t hash)
{
	size_t name = strlen(l->name) + 1, labels = strlen(l->labels) + 1;
	struct statsd_series *m = calloc(1, sizeof(*m) + name + labels);

	if (!m)
		return NULL;
	m->hash = hash;
	m->type = l->type;
	memcpy(m->name, l->name, name);
	memcpy(m->name + name, l->labels, labels);
	m->labels = m->name + name;
	return m;
}

static struct statsd_series *find_series(struct statsd *s,
					 const struct statsd_line *l)
{
	const uint64_t hash = hash_of(l);
	struct statsd_series **slot;

	if (2 * (s->count + 1) > s->room &&
	    !move_all(s, s->room ? 2 * s->room : SLOTS_FIRST))
		return NULL;
	slot = slot_of(s->slots, s->room, hash);
	if (!*slot && s->count < s->most) {
		*slot = make_series(l, hash);
		s->count += *slot != NULL;
	}
	return *slot;
}

static void free_series(struct statsd *s, struct statsd_series *m)
{
	s->values -= m->room;
	free(m->kept);
	free(m);
}

/* --- taking -------------------------------------------------------------------- */

/* Where the next value goes; NULL if there is no room for more. */
static void *next_kept(struct statsd *s, struct statsd_series *m, size_t most)
{
	size_t room = m->room ? 2 * m->room : 8;
	void *kept;

	if (m->count < m->room)
		return &m->kept[m->count++];
	if (m->count == most || s->values + room > STATSD_VALUES_MAX)
		return NULL;
	kept = realloc(m->kept, room * sizeof(*m->kept));
	if (!kept)
		return NULL;
	s->values += room - m->room;
	m->kept = kept;
	m->room = room;
	return &m->kept[m->count++];
}

/* xorshift64 */
static uint64_t next_random(struct statsd *s)
{
	uint64_t x = s->random ? s->random : 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return s->random = x;
}

/* Of more samples than there is room for, each is kept as likely as any other. */
static void take_sample(struct statsd *s, struct statsd_series *m,
			const struct statsd_line *l)
{
	double *to = next_kept(s, m, STATSD_SAMPLES);
	uint64_t place;

	m->seen++;
	m->number += 1 / l->rate;
	m->sum += l->value / l->rate;
	if (!to && m->count) {
		place = next_random(s) % m->seen;
		to = place < m->count ? &m->kept[place].sample : NULL;
	}
	if (to)
		*to = l->value;
}

static void take_member(struct statsd *s, struct statsd_series *m,
			uint64_t member)
{
	uint64_t *to;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->kept[i].member == member)
			return;
	to = next_kept(s, m, STATSD_MEMBERS);
	if (to)
		*to = member;
}

static const char *take_line(struct statsd *s, const char *text, size_t size,
			     uint64_t now_ns)
{
	struct statsd_line l;
	const char *why = statsd_line(&l, text, size);
	struct statsd_series *m = why ? NULL : find_series(s, &l);

	if (why)
		return why;
	if (!m)
		return "there are more series than --own-count allows";
	m->told_ns = now_ns;
	if (l.type == STATSD_COUNTER)
		m->value += l.value / l.rate;
	else if (l.type == STATSD_GAUGE)
		m->value = l.change ? m->value + l.value : l.value;
	else if (l.type == STATSD_TIMER)
		take_sample(s, m, &l);
	else
		take_member(s, m, l.member);
	return NULL;
}

void statsd_take(struct statsd *s, const char *text, size_t size,
		 uint64_t now_ns)
{
	const char *end, *why;
	size_t line;

	for (; size;
	     size -= line + (end != NULL), text += line + (end != NULL)) {
		end = memchr(text, '\n', size);
		line = end ? (size_t)(end - text) : size;
		if (!line)
			continue;
		why = take_line(s, text, line, now_ns);
		s->lines++;
		s->refused += why != NULL;
		if (why && !s->why) {
			s->why = why;
			snprintf(s->line, sizeof(s->line), "%.*s", (int)line,
				 text);
			clean_string(s->line);
		}
	}
}

/* --- telling ------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tell_quantile(const struct statsd_series *m, struct own_rows *o,
			  double quantile)
{
	char labels[OWN_NAME_SIZE];
	double at = ceil(quantile * (double)m->count);
	int n = snprintf(labels, sizeof(labels), "%s%squantile=\"%g\"",
			 m->labels, *m->labels ? "," : "", quantile);

	if (n > 0 && (size_t)n < sizeof(labels))
		own_rows_add(o, m->name, labels,
			     m->kept[at < 1 ? 0 : (size_t)at - 1].sample,
			     false);
}

static void tell_sum(const struct statsd_series *m, struct own_rows *o,
		     const char *suffix, double value)
{
	char name[OWN_NAME_SIZE];

	snprintf(name, sizeof(name), "%s%s", m->name, suffix);
	own_rows_add(o, name, m->labels, value, true);
}

/* A summary, by its quantiles since the last reading. The largest is its quantile 1. */
static void tell_timer(struct statsd_series *m, struct own_rows *o)
{
	static const double quantiles[] = { 0.5, 0.9, 0.95, 0.99, 1 };
	size_t i;

	if (m->count)
		qsort(m->kept, m->count, sizeof(*m->kept), compare);
	for (i = 0; m->count && i < sizeof(quantiles) / sizeof(*quantiles); i++)
		tell_quantile(m, o, quantiles[i]);
	tell_sum(m, o, "_count", m->number);
	tell_sum(m, o, "_sum", m->sum);
}

static void tell_series(struct statsd_series *m, struct own_rows *o)
{
	switch (m->type) {
	case STATSD_COUNTER:
		own_rows_add(o, m->name, m->labels, m->value, true);
		break;
	case STATSD_GAUGE:
		own_rows_add(o, m->name, m->labels, m->value, false);
		break;
	case STATSD_TIMER:
		tell_timer(m, o);
		break;
	case STATSD_SET:
		own_rows_add(o, m->name, m->labels, (double)m->count, false);
		break;
	}
	m->count = 0;
	m->seen = 0;
}

void statsd_tell(struct statsd *s, struct own_rows *o, uint64_t now_ns)
{
	bool gone = false;
	size_t i;

	for (i = 0; i < s->room; i++) {
		struct statsd_series *m = s->slots[i];

		if (!m)
			continue;
		if (now_ns - m->told_ns < STATSD_IDLE_NS) {
			tell_series(m, o);
			continue;
		}
		free_series(s, m);
		s->slots[i] = NULL;
		s->count--;
		gone = true;
	}
	if (gone) /* others were behind them */
		move_all(s, s->room);
}

void statsd_exit(struct statsd *s)
{
	size_t i;

	for (i = 0; i < s->room; i++)
		if (s->slots[i])
			free_series(s, s->slots[i]);
	free(s->slots);
}
