// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "collector/api/moment.h"
#include "collector/api/parameter.h"
#include "lib/base/options.h"

static int refuse_value(char *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse_value(char *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem, PARAMETER_PROBLEM_SIZE, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static int hex(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : (c | ' ') - 'a' + 10;
}

/* Decode %XX and + in place. Return 0, or -EINVAL: bad hex, or a NUL. */
static int decode_text(char *text)
{
	char *to = text;

	for (; *text; text++) {
		int high, low;

		if (*text != '%') {
			*to++ = *text == '+' ? ' ' : *text;
			continue;
		}
		high = hex(text[1]);
		low = high < 0 ? -1 : hex(text[2]);
		if (low < 0 || !(high | low))
			return -EINVAL;
		*to++ = (char)(high << 4 | low);
		text += 2;
	}
	*to = '\0';
	return 0;
}

static int take_number(const char *text, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno || *end ? -EINVAL : 0;
}

static int read_number(const struct parameter *s, const char *text,
		       char *problem)
{
	uint64_t value;

	if (take_number(text, &value) || value < s->min || value > s->max)
		return refuse_value(problem,
				    "%s: '%.60s': a whole number from %" PRIu64
				    " to %" PRIu64 " is expected",
				    s->name, text, s->min, s->max);
	*(uint64_t *)s->value = value;
	return 0;
}

static int duration(const struct parameter *s, const char *text, char *problem)
{
	char low[32], high[32];
	uint64_t ns;

	if (!duration_parse(text, &ns) && ns >= s->min && ns <= s->max) {
		*(uint64_t *)s->value = ns;
		return 0;
	}
	duration_format(s->min, low, sizeof(low));
	duration_format(s->max, high, sizeof(high));
	return refuse_value(
		problem,
		"%s: '%.60s': a duration such as 10s, 1m, 2h or 7d is expected, from %s to %s",
		s->name, text, low, high);
}

/* What a PARAMETER_CHOICE may be, with commas between. */
static void list(const char *const *choices, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (; *choices && used < size; choices++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 used ? ", " : "", *choices);
}

static int choice(const struct parameter *s, const char *text, char *problem)
{
	char words[256];
	unsigned int i;

	for (i = 0; s->choices[i]; i++) {
		if (strcmp(s->choices[i], text))
			continue;
		*(unsigned int *)s->value = i;
		return 0;
	}
	list(s->choices, words, sizeof(words));
	return refuse_value(problem, "%s: '%.60s': one of %s is expected",
			    s->name, text, words);
}

static int append_text(const struct parameter *s, const char *text,
		       char *problem)
{
	char *list = s->value;

	if (strlen(list) + strlen(text) + 2 > PARAMETERS_SIZE)
		return refuse_value(problem,
				    "%s: at most %d bytes are expected",
				    s->name, PARAMETERS_SIZE - 1);
	if (*list)
		strcat(list, ",");
	strcat(list, text);
	return 0;
}

static int read_value(const struct parameter *s, const char *text,
		      uint64_t now_ns, char *problem)
{
	switch (s->type) {
	case PARAMETER_TEXT:
		if (strlen(text) >= PARAMETER_TEXT_SIZE)
			return refuse_value(problem,
					    "%s: at most %d bytes are expected",
					    s->name, PARAMETER_TEXT_SIZE - 1);
		strcpy(s->value, text);
		return 0;
	case PARAMETER_TEXTS:
		return append_text(s, text, problem);
	case PARAMETER_CHOICE:
		return choice(s, text, problem);
	case PARAMETER_NUMBER:
		return read_number(s, text, problem);
	case PARAMETER_DURATION:
		return duration(s, text, problem);
	case PARAMETER_TIME:
		if (!moment_parse(text, now_ns, s->value))
			return 0;
		return refuse_value(
			problem,
			"%s: '%.60s': a time is expected: now, a time before now such as -1h, 2026-01-31T15:04:05Z, or seconds since 1970",
			s->name, text);
	}
	return -EINVAL;
}

static int refuse_unknown(const struct parameter *specs, const char *name,
			  char *problem)
{
	const char *names[PARAMETERS_MAX + 1] = { NULL };
	char words[PARAMETER_PROBLEM_SIZE - 128];
	size_t i;

	for (i = 0; specs[i].name && i < PARAMETERS_MAX; i++)
		names[i] = specs[i].name;
	if (!i)
		return refuse_value(problem,
				    "'%.60s': no parameter is expected here",
				    name);
	list(names, words, sizeof(words));
	return refuse_value(problem, "'%.60s': unknown parameter; expected: %s",
			    name, words);
}

/* Which one of two counts others may see otherwise: a proxy, who reads a log. */
static int take_value(const struct parameter *specs, const char *name,
		      const char *value, uint64_t now_ns, uint32_t *given,
		      char *problem)
{
	const struct parameter *s;
	uint32_t bit = 1;

	for (s = specs; s->name; s++, bit <<= 1) {
		if (strcmp(s->name, name))
			continue;
		if (*given & bit && s->type != PARAMETER_TEXTS)
			return refuse_value(problem, "%s: it is given twice",
					    s->name);
		*given |= bit;
		if (s->given)
			*s->given = 1;
		return read_value(s, value, now_ns, problem);
	}
	return refuse_unknown(specs, name, problem);
}

static int take_pair(const struct parameter *specs, char *pair, uint64_t now_ns,
		     uint32_t *given, char *problem)
{
	char *value = strchr(pair, '=');

	if (value)
		*value++ = '\0';
	else
		value = pair + strlen(pair);
	if (decode_text(pair) || decode_text(value))
		return refuse_value(problem, "'%.60s': wrong percent-encoding",
				    pair);
	return take_value(specs, pair, value, now_ns, given, problem);
}

int parameter_parse(const struct parameter *specs, const char *query,
		    uint64_t now_ns, char *problem)
{
	char copy[PARAMETERS_SIZE], *at = copy, *pair;
	uint32_t given = 0;
	int err;

	if (strlen(query) >= sizeof(copy))
		return refuse_value(problem,
				    "the query is longer than %d bytes",
				    PARAMETERS_SIZE - 1);
	strcpy(copy, query);
	while ((pair = strsep(&at, "&"))) {
		if (!*pair)
			continue;
		err = take_pair(specs, pair, now_ns, &given, problem);
		if (err)
			return err;
	}
	return 0;
}

/* A member's value, as it would stand in an address. */
static int take_scalar(const struct parameter *specs, const char *name,
		       const json_t *value, uint64_t now_ns, uint32_t *given,
		       char *problem)
{
	char number[32];

	if (json_is_string(value))
		return take_value(specs, name, json_string_value(value), now_ns,
				  given, problem);
	if (!json_is_integer(value))
		return refuse_value(
			problem,
			"%.60s: a text, a whole number, or a list of texts is expected",
			name);
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(value));
	return take_value(specs, name, number, now_ns, given, problem);
}

static int take_member(const struct parameter *specs, const char *name,
		       const json_t *value, uint64_t now_ns, uint32_t *given,
		       char *problem)
{
	const json_t *one;
	size_t i;
	int err = 0;

	if (!json_is_array(value))
		return take_scalar(specs, name, value, now_ns, given, problem);
	json_array_foreach(value, i, one)
	{
		err = take_scalar(specs, name, one, now_ns, given, problem);
		if (err)
			break;
	}
	return err;
}

int parameter_parse_json(const struct parameter *specs, const char *text,
			 size_t size, uint64_t now_ns, char *problem)
{
	json_error_t error;
	json_t *o = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error),
	       *value;
	uint32_t given = 0;
	const char *name;
	int err = 0;

	if (!json_is_object(o)) {
		json_decref(o);
		return refuse_value(
			problem, "the body: a JSON object is expected%s%.200s",
			o ? "" : ": ", o ? "" : error.text);
	}
	json_object_foreach(o, name, value)
	{
		err = take_member(specs, name, value, now_ns, &given, problem);
		if (err)
			break;
	}
	json_decref(o);
	return err;
}
