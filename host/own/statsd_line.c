// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/group_stat.h"
#include "host/own/statsd_line.h"

enum {
	STATSD_LINE_MAX = 1024,
};

/* Prometheus' names have letters, digits and '_'. */
static size_t clean_name(char *to, const char *from, size_t size)
{
	size_t used = 0, i;

	if (*from >= '0' && *from <= '9')
		to[used++] = '_';
	for (i = 0; i < size; i++, used++) {
		char c = from[i];

		to[used] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
					   (c >= '0' && c <= '9') ?
				   c :
				   '_';
	}
	to[used] = '\0';
	return used;
}

static size_t escape(char *to, const char *from)
{
	size_t used = 0;

	for (; *from; from++) {
		if (*from == '"' || *from == '\\')
			to[used++] = '\\';
		to[used++] = *from;
	}
	return used;
}

/* "tag:value,tag" */
static const char *take_tags(struct statsd_line *l, char *at)
{
	char text[3 * STATSD_LINE_MAX], *to = text;
	struct label list[OWN_LABELS_MAX];
	size_t count = 0;
	char *next, *value;

	for (; at && *at; at = next) {
		next = strchr(at, ',');
		if (next)
			*next++ = '\0';
		if (!*at)
			continue;
		if (count == OWN_LABELS_MAX)
			return "it has more than 32 tags";
		value = strchr(at, ':');
		if (value)
			*value++ = '\0';
		if (!*at)
			return "a tag has no name";
		list[count].name = to;
		list[count].name_size = clean_name(to, at, strlen(at));
		to += list[count].name_size + 1;
		list[count].value = to;
		list[count].value_size = escape(to, value ? value : "");
		to += list[count++].value_size;
	}
	return own_labels(l->labels, list, count);
}

static const char *take_type(struct statsd_line *l, const char *type)
{
	static const struct {
		const char *name;
		enum statsd_type type;
	} all[] = {
		{ "c", STATSD_COUNTER }, { "g", STATSD_GAUGE },
		{ "ms", STATSD_TIMER },	 { "h", STATSD_TIMER },
		{ "d", STATSD_TIMER },	 { "s", STATSD_SET },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i].name, type)) {
			l->type = all[i].type;
			return NULL;
		}
	return "its type is none of c, g, ms, h, d and s";
}

static const char *take_value(struct statsd_line *l, const char *value)
{
	char *end;

	if (l->type == STATSD_SET) {
		l->member = group_stat_key(value, strlen(value));
		return *value ? NULL : "it has no value";
	}
	l->value = strtod(value, &end);
	l->change = l->type == STATSD_GAUGE && (*value == '+' || *value == '-');
	if (end == value || *end || !isfinite(l->value))
		return "its value is no number";
	return l->type == STATSD_COUNTER && l->value < 0 ?
		       "a counter does not fall" :
		       NULL;
}

static const char *take_part(struct statsd_line *l, char *part)
{
	char *end;

	if (*part == '#')
		return take_tags(l, part + 1);
	if (*part != '@') /* a container's id, or a time */
		return NULL;
	l->rate = strtod(part + 1, &end);
	return end > part + 1 && !*end && l->rate > 0 && l->rate <= 1 ?
		       NULL :
		       "its rate is not between 0 and 1";
}

const char *statsd_line(struct statsd_line *l, const char *text, size_t size)
{
	char line[STATSD_LINE_MAX + 1], *value, *type, *part, *next;
	const char *why;

	if (size > STATSD_LINE_MAX)
		return "it is longer than 1024 bytes";
	memcpy(line, text, size);
	line[size] = '\0';
	l->rate = 1;
	l->labels[0] = '\0';
	value = strchr(line, ':');
	type = value ? strchr(value, '|') : NULL;
	if (!type || value == line || value - line >= OWN_NAME_SIZE - 8 ||
	    strlen(line) < size)
		return "it is not NAME:VALUE|TYPE";
	*value++ = *type++ = '\0';
	clean_name(l->name, line, strlen(line));
	part = strchr(type, '|');
	if (part)
		*part++ = '\0';
	why = take_type(l, type);
	if (!why)
		why = take_value(l, value);
	for (; part && !why; part = next) {
		next = strchr(part, '|');
		if (next)
			*next++ = '\0';
		why = take_part(l, part);
	}
	return why;
}
