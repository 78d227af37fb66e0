// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/remote/matchers.h"

static int open_bounds(struct matchers *m)
{
	if (m->bounds)
		return 0;
	m->match = pcre2_match_data_create(1, NULL);
	m->bounds = pcre2_match_context_create(NULL);
	if (!m->match || !m->bounds)
		return -ENOMEM;
	pcre2_set_match_limit(m->bounds, MATCHERS_STEPS_MAX);
	pcre2_set_depth_limit(m->bounds, MATCHERS_DEPTH_MAX);
	pcre2_set_heap_limit(m->bounds, MATCHERS_HEAP_KB);
	return 0;
}

/* Whole values only: the options, not characters around it, which a pattern could close. */
static int compile(struct matcher *one, char *problem)
{
	PCRE2_UCHAR why[128];
	PCRE2_SIZE at;
	int err;

	if (strlen(one->value) > MATCHERS_PATTERN_MAX) {
		snprintf(problem, MATCHERS_PROBLEM_SIZE,
			 "%.64s: a pattern of at most %d bytes is expected",
			 one->name, MATCHERS_PATTERN_MAX);
		return -E2BIG;
	}
	one->code = pcre2_compile((PCRE2_SPTR)one->value, PCRE2_ZERO_TERMINATED,
				  PCRE2_ANCHORED | PCRE2_ENDANCHORED |
					  PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C |
					  PCRE2_DOLLAR_ENDONLY,
				  &err, &at, NULL);
	if (one->code)
		return 0;
	pcre2_get_error_message(err, why, sizeof(why));
	snprintf(problem, MATCHERS_PROBLEM_SIZE,
		 "%.64s: the pattern cannot be read: %.100s, at character %zu",
		 one->name, (const char *)why, (size_t)at);
	return -EINVAL;
}

int matchers_add(struct matchers *m, enum matcher_type type, const char *name,
		 const char *value, char *problem)
{
	struct matcher one = { .type = type, .name = name, .value = value };
	int err = open_bounds(m);

	if (!err && (m->count == MATCHERS_MAX || type >= MATCHER_TYPES)) {
		snprintf(problem, MATCHERS_PROBLEM_SIZE,
			 "at most %d matchers, of a known type, are expected",
			 MATCHERS_MAX);
		err = -E2BIG;
	}
	if (!err && (type == MATCHER_FITS || type == MATCHER_FITS_NOT))
		err = compile(&one, problem);
	if (err)
		return err;
	m->list[m->count++] = one;
	return 0;
}

static bool fits_pattern(struct matchers *m, const struct matcher *one,
			 const char *value)
{
	int ret = pcre2_match(one->code, (PCRE2_SPTR)value, strlen(value), 0, 0,
			      m->match, m->bounds);

	if (ret == PCRE2_ERROR_MATCHLIMIT || ret == PCRE2_ERROR_DEPTHLIMIT ||
	    ret == PCRE2_ERROR_HEAPLIMIT)
		m->exceeded = true;
	return ret >= 0;
}

static bool fits(struct matchers *m, const struct matcher *one,
		 const char *value)
{
	switch (one->type) {
	case MATCHER_IS:
		return !strcmp(one->value, value);
	case MATCHER_IS_NOT:
		return strcmp(one->value, value) != 0;
	case MATCHER_FITS:
		return fits_pattern(m, one, value);
	default:
		return !fits_pattern(m, one, value);
	}
}

bool matchers_fit_one(struct matchers *m, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < m->count && !m->exceeded; i++)
		if (!strcmp(m->list[i].name, name) &&
		    !fits(m, &m->list[i], value))
			return false;
	return !m->exceeded;
}

bool matchers_fit(struct matchers *m, const struct remote_labels *l)
{
	size_t i;

	for (i = 0; i < m->count && !m->exceeded; i++)
		if (!fits(m, &m->list[i],
			  remote_labels_find(l, m->list[i].name)))
			return false;
	return !m->exceeded;
}

void matchers_free(struct matchers *m)
{
	while (m->count)
		pcre2_code_free(m->list[--m->count].code);
	pcre2_match_data_free(m->match);
	pcre2_match_context_free(m->bounds);
	*m = (struct matchers){ 0 };
}
