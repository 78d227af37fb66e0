/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which series a query is about: labels that are, are not, fit or do not fit. Patterns are
 * read by PCRE2 and fit whole values only, as Prometheus has it. A stranger wrote them: how
 * long one may search is bounded.
 */
#ifndef KTACH_COLLECTOR_REMOTE_MATCHERS_H
#define KTACH_COLLECTOR_REMOTE_MATCHERS_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

#include "collector/remote/labels.h"

enum matchers_limits {
	MATCHERS_MAX = 64, /* of a query */
	MATCHERS_PATTERN_MAX = 4096, /* bytes */
	MATCHERS_STEPS_MAX = 100000, /* of a search */
	MATCHERS_DEPTH_MAX = 1000,
	MATCHERS_HEAP_KB = 1024,
	MATCHERS_PROBLEM_SIZE = 256,
};

enum matcher_type {
	MATCHER_IS,
	MATCHER_IS_NOT,
	MATCHER_FITS,
	MATCHER_FITS_NOT,
	MATCHER_TYPES
};

/**
 * struct matcher - of one label
 * @type: how
 * @name: of the label; not kept
 * @value: what it is; not kept
 * @code: the pattern
 */
struct matcher {
	enum matcher_type type;
	const char *name;
	const char *value;
	pcre2_code *code;
};

/**
 * struct matchers - all of a query; all zeroes fits everything
 * @list: @count of them
 * @count: of @list
 * @match: what a search finds
 * @bounds: of a search
 * @exceeded: one was given up: who asked is to be told
 */
struct matchers {
	struct matcher list[MATCHERS_MAX];
	size_t count;
	pcre2_match_data *match;
	pcre2_match_context *bounds;
	bool exceeded;
};

/* Add one, whose texts last as long as @m. Return 0, or -EINVAL, -E2BIG or -ENOMEM with
 * the @problem (MATCHERS_PROBLEM_SIZE).
 */
int matchers_add(struct matchers *m, enum matcher_type type, const char *name,
		 const char *value, char *problem);

/* Whether those of one label fit its value. */
bool matchers_fit_one(struct matchers *m, const char *name, const char *value);

bool matchers_fit(struct matchers *m, const struct remote_labels *l);

void matchers_free(struct matchers *m);

#endif /* KTACH_COLLECTOR_REMOTE_MATCHERS_H */
