// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/api/moment.h"
#include "lib/base/options.h"

#define NS_PER_S UINT64_C(1000000000)
/* Seconds, milliseconds and ns since 1970 are told apart by their size. */
#define TIME_S_MAX UINT64_C(100000000000)

/* So many digits as a number; -1: there are fewer. */
static int take_digits(const char **at, int count)
{
	int value = 0;

	for (; count; count--, ++*at) {
		if (!isdigit((unsigned char)**at))
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool take_sign(const char **at, char sign)
{
	if (**at != sign)
		return false;
	++*at;
	return true;
}

static bool take_day(const char **at, struct tm *tm)
{
	tm->tm_year = take_digits(at, 4) - 1900;
	if (!take_sign(at, '-'))
		return false;
	tm->tm_mon = take_digits(at, 2) - 1;
	if (!take_sign(at, '-'))
		return false;
	tm->tm_mday = take_digits(at, 2);
	return tm->tm_year >= 70 && tm->tm_mon >= 0 && tm->tm_mon < 12 &&
	       tm->tm_mday > 0;
}

static bool take_clock(const char **at, struct tm *tm)
{
	tm->tm_hour = take_digits(at, 2);
	if (!take_sign(at, ':'))
		return false;
	tm->tm_min = take_digits(at, 2);
	if (take_sign(at, ':'))
		tm->tm_sec = take_digits(at, 2);
	return tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 &&
	       tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec < 61;
}

/* Nine digits are ns; further ones say no more. */
static bool take_fraction(const char **at, uint64_t *ns)
{
	uint64_t unit = NS_PER_S / 10;

	*ns = 0;
	if (!take_sign(at, '.'))
		return true;
	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); ++*at, unit /= 10)
		*ns += (uint64_t)(**at - '0') * unit;
	return true;
}

/* Up to the end. */
static bool take_zone(const char **at, int64_t *offset_s)
{
	bool west = **at == '-';
	int hours, minutes;

	*offset_s = 0;
	if (!**at)
		return true;
	if (take_sign(at, 'Z'))
		return !**at;
	if (!west && **at != '+' && **at != ' ')
		return false;
	++*at;
	hours = take_digits(at, 2);
	take_sign(at, ':');
	minutes = **at ? take_digits(at, 2) : 0;
	*offset_s = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 &&
	       !**at;
}

static int parse_iso(const char *at, uint64_t *ns)
{
	struct tm tm = { 0 };
	int64_t s, offset_s = 0;
	uint64_t fraction = 0;
	int day;

	if (!take_day(&at, &tm))
		return -EINVAL;
	if (*at && (!(take_sign(&at, 'T') || take_sign(&at, ' ')) ||
		    !take_clock(&at, &tm) || !take_fraction(&at, &fraction) ||
		    !take_zone(&at, &offset_s)))
		return -EINVAL;
	day = tm.tm_mday;
	s = timegm(&tm) - offset_s;
	/* The 30th of February is the 2nd of March by now. */
	if (tm.tm_mday != day || s < 0 ||
	    s > (int64_t)(INT64_MAX / NS_PER_S) - 1)
		return -EINVAL;
	*ns = (uint64_t)s * NS_PER_S + fraction;
	return 0;
}

static int parse_number(const char *text, uint64_t *ns)
{
	uint64_t value, unit_ns = 1;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || value > INT64_MAX)
		return -EINVAL;
	if (value < TIME_S_MAX)
		unit_ns = NS_PER_S;
	else if (value < TIME_S_MAX * 1000)
		unit_ns = NS_PER_S / 1000;
	*ns = value <= INT64_MAX / unit_ns ? value * unit_ns : INT64_MAX;
	return 0;
}

int moment_parse(const char *text, uint64_t now_ns, uint64_t *ns)
{
	uint64_t before;

	if (!strcmp(text, "now")) {
		*ns = now_ns;
		return 0;
	}
	if (*text == '-') {
		if (duration_parse(text + 1, &before) || before > now_ns)
			return -EINVAL;
		*ns = now_ns - before;
		return 0;
	}
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	return strlen(text) > 4 && text[4] == '-' ? parse_iso(text, ns) :
						    parse_number(text, ns);
}
