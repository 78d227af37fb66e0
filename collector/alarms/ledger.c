// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/alarms/ledger.h"

/* NULL where there is none stands for "". */
static const char *keep_text(char **at, const char *text)
{
	char *kept = *at;

	*at = stpcpy(kept, text ? text : "") + 1;
	return kept;
}

static size_t size_of(const char *text)
{
	return (text ? strlen(text) : 0) + 1;
}

struct ledger_alarm *ledger_copy(const struct ledger_alarm *like)
{
	size_t size = size_of(like->name) + size_of(like->rule) +
		      size_of(like->row) + size_of(like->text) +
		      size_of(like->why) + size_of(like->look);
	struct ledger_alarm *a = malloc(sizeof(*a) + size);
	char *at = (char *)(a + 1);

	if (!a)
		return NULL;
	*a = *like;
	a->name = keep_text(&at, like->name);
	a->rule = keep_text(&at, like->rule);
	a->row = keep_text(&at, like->row);
	a->text = keep_text(&at, like->text);
	a->why = keep_text(&at, like->why);
	a->look = keep_text(&at, like->look);
	return a;
}

void ledger_touch(struct ledger *l, struct ledger_alarm *alarm)
{
	alarm->changed = true;
	l->changed = true;
	pthread_cond_broadcast(&l->news);
}

static struct ledger_alarm *add_alarm(struct ledger *l,
				      const struct ledger_alarm *like)
{
	struct ledger_alarm *a = l->count < LEDGER_MAX ? ledger_copy(like) :
							 NULL;

	if (!a) {
		l->refused++;
		return NULL;
	}
	l->all[l->count++] = a;
	a->id = ++l->last_id;
	ledger_touch(l, a);
	return a;
}

void ledger_fire(struct ledger *l, const struct node *node, struct alarm *alarm,
		 const char *text)
{
	const struct rule *rule = alarm->rule;
	struct ledger_alarm *a, like = {
		.key = alarm->key,
		.severity = rule->severity,
		.value = alarm->value,
		.limit = alarm->limit,
		.fired_ns = alarm->fired_ns,
		.name = node->name,
		.rule = rule->name,
		.row = alarm->row,
		.text = text,
		.why = rule->why,
		.look = rule->look,
	};
	const struct ledger_silence *s;

	memcpy(like.node, node->id, sizeof(like.node));
	pthread_mutex_lock(&l->lock);
	a = add_alarm(l, &like);
	s = ledger_silenced(l, &like, alarm->fired_ns);
	alarm->id = a ? a->id : 0;
	alarm->marks = (struct alarm_marks){ 0 };
	if (s)
		alarm->marks.silent_until_ns = s->until_ns;
	pthread_mutex_unlock(&l->lock);
}

void ledger_refuse(struct ledger *l)
{
	pthread_mutex_lock(&l->lock);
	l->refused++;
	pthread_mutex_unlock(&l->lock);
}

struct ledger_alarm *ledger_find(const struct ledger *l, uint64_t id)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (l->all[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->count && l->all[low]->id == id ? l->all[low] : NULL;
}

void ledger_clear(struct ledger *l, uint64_t id, uint64_t real_ns)
{
	struct ledger_alarm *a;

	pthread_mutex_lock(&l->lock);
	a = ledger_find(l, id);
	if (a && !a->cleared_ns) {
		a->cleared_ns = real_ns ? real_ns : 1;
		ledger_touch(l, a);
	}
	pthread_mutex_unlock(&l->lock);
}

void ledger_tell(struct ledger *l, unsigned int outlets, unsigned int patient)
{
	size_t i;

	pthread_mutex_lock(&l->lock);
	l->outlets = outlets;
	l->patient = patient;
	for (i = 0; i < l->count; i++)
		if (l->all[i]->cleared_ns)
			ledger_touch(l, l->all[i]);
	pthread_cond_broadcast(&l->news);
	pthread_mutex_unlock(&l->lock);
}

int ledger_acknowledge(struct ledger *l, uint64_t id, const char *who,
		       uint64_t real_ns, uint8_t *node)
{
	struct ledger_alarm *a;
	int err = 0;

	pthread_mutex_lock(&l->lock);
	a = ledger_find(l, id);
	if (!a || a->cleared_ns) {
		err = -ENOENT;
	} else if (!a->marks.seen_ns) {
		a->marks.seen_ns = real_ns;
		snprintf(a->marks.seen_by, sizeof(a->marks.seen_by), "%s", who);
		ledger_touch(l, a);
	}
	if (!err)
		memcpy(node, a->node, sizeof(a->node));
	pthread_mutex_unlock(&l->lock);
	return err;
}

static bool is_of(const struct ledger_silence *s, const struct ledger_alarm *a)
{
	return s->key == a->key &&
	       !strncmp(s->rule, a->rule, sizeof(s->rule) - 1) &&
	       !memcmp(s->node, a->node, sizeof(s->node));
}

const struct ledger_silence *ledger_silenced(const struct ledger *l,
					     const struct ledger_alarm *alarm,
					     uint64_t real_ns)
{
	size_t i;

	for (i = 0; i < l->silence_count; i++)
		if (l->silences[i].until_ns > real_ns &&
		    is_of(&l->silences[i], alarm))
			return &l->silences[i];
	return NULL;
}

/* That of an alarm, or a new one; NULL: there are too many. */
static struct ledger_silence *silence_of(struct ledger *l,
					 const struct ledger_alarm *a)
{
	struct ledger_silence *s;
	size_t i;

	for (i = 0; i < l->silence_count; i++)
		if (is_of(&l->silences[i], a))
			return &l->silences[i];
	if (l->silence_count == LEDGER_SILENCES_MAX)
		return NULL;
	s = &l->silences[l->silence_count++];
	*s = (struct ledger_silence){ .key = a->key };
	memcpy(s->node, a->node, sizeof(s->node));
	snprintf(s->rule, sizeof(s->rule), "%s", a->rule);
	return s;
}

int ledger_silence(struct ledger *l, uint64_t id, const char *who,
		   uint64_t until_ns, uint8_t *node)
{
	struct ledger_silence *s = NULL;
	struct ledger_alarm *a;
	int err = -ENOENT;

	pthread_mutex_lock(&l->lock);
	a = ledger_find(l, id);
	if (a && !a->cleared_ns) {
		s = silence_of(l, a);
		err = s ? 0 : -ENOSPC;
	}
	if (s) {
		s->until_ns = until_ns;
		snprintf(s->by, sizeof(s->by), "%s", who);
		l->silences_changed = true;
		memcpy(node, a->node, sizeof(a->node));
		ledger_touch(l, a);
	}
	pthread_mutex_unlock(&l->lock);
	return err;
}
