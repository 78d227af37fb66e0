// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/parameter.h"
#include "lib/base/options.h"

#define NS_PER_S UINT64_C(1000000000)
/* Seconds, milliseconds and ns since 1970 are told apart by their size. */
#define TIME_S_MAX UINT64_C(100000000000)

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

static int take_time(const char *text, uint64_t now_ns, uint64_t *ns)
{
	uint64_t value;

	if (!strcmp(text, "now")) {
		*ns = now_ns;
		return 0;
	}
	if (*text == '-') {
		if (duration_parse(text + 1, &value) || value > now_ns)
			return -EINVAL;
		*ns = now_ns - value;
		return 0;
	}
	if (take_number(text, &value) || value > INT64_MAX)
		return -EINVAL;
	if (value < TIME_S_MAX)
		value *= NS_PER_S;
	else if (value < TIME_S_MAX * 1000)
		value *= NS_PER_S / 1000;
	*ns = value <= INT64_MAX ? value : INT64_MAX;
	return 0;
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

/* There is room: all of them together are in a query of that size. */
static void append_text(char *list, const char *text)
{
	if (*list)
		strcat(list, ",");
	strcat(list, text);
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
		append_text(s->value, text);
		return 0;
	case PARAMETER_CHOICE:
		return choice(s, text, problem);
	case PARAMETER_NUMBER:
		return read_number(s, text, problem);
	case PARAMETER_DURATION:
		return duration(s, text, problem);
	case PARAMETER_TIME:
		if (!take_time(text, now_ns, s->value))
			return 0;
		return refuse_value(
			problem,
			"%s: '%.60s': a time is expected: now, a time before now such as -1h, or seconds since 1970",
			s->name, text);
	}
	return -EINVAL;
}

static int unknown(const struct parameter *specs, const char *name,
		   char *problem)
{
	const char *names[16] = { NULL };
	char words[256];
	size_t i;

	for (i = 0; specs[i].name; i++)
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
static int take_pair(const struct parameter *specs, char *pair, uint64_t now_ns,
		     uint32_t *given, char *problem)
{
	char *value = strchr(pair, '=');
	uint32_t bit = 1;

	if (value)
		*value++ = '\0';
	else
		value = pair + strlen(pair);
	if (decode_text(pair) || decode_text(value))
		return refuse_value(problem, "'%.60s': wrong percent-encoding",
				    pair);
	for (; specs->name; specs++, bit <<= 1) {
		if (strcmp(specs->name, pair))
			continue;
		if (*given & bit && specs->type != PARAMETER_TEXTS)
			return refuse_value(problem, "%s: it is given twice",
					    specs->name);
		*given |= bit;
		if (specs->given)
			*specs->given = 1;
		return read_value(specs, value, now_ns, problem);
	}
	return -ENOENT;
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
		if (err == -ENOENT)
			err = unknown(specs, pair, problem);
		if (err)
			return err;
	}
	return 0;
}
