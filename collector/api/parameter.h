/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters of a request, read by a table. What is not in the table, or is
 * not what it may be, is refused with a sentence that names it and says what is
 * allowed.
 */
#ifndef KTACH_COLLECTOR_API_PARAMETER_H
#define KTACH_COLLECTOR_API_PARAMETER_H

#include <stddef.h>
#include <stdint.h>

enum parameter_limits {
	PARAMETERS_SIZE = 2048,
	PARAMETERS_MAX = 32, /* of a table */
	PARAMETER_TEXT_SIZE = 256,
	PARAMETER_PROBLEM_SIZE = 512,
};

enum parameter_type {
	PARAMETER_TEXT, /* char[PARAMETER_TEXT_SIZE] */
	PARAMETER_TEXTS, /* several of these: char[PARAMETERS_SIZE], commas between */
	PARAMETER_CHOICE, /* unsigned int: index of a word of @choices */
	PARAMETER_NUMBER, /* uint64_t, @min to @max */
	PARAMETER_DURATION, /* uint64_t, ns: 10s 1m 2h 7d */
	PARAMETER_TIME, /* uint64_t, ns since 1970: see moment.h */
};

/**
 * struct parameter - one parameter; a table ends with a NULL name
 * @name: as in the URL
 * @type: what @value points to
 * @value: where it goes; holds the default
 * @min: smallest number, or duration in ns
 * @max: largest
 * @choices: words, NULL ends
 * @given: if not NULL, set to 1 if the parameter was there
 */
struct parameter {
	const char *name;
	enum parameter_type type;
	void *value;
	uint64_t min;
	uint64_t max;
	const char *const *choices;
	int *given;
};

/**
 * parameter_parse() - read a query string
 * @specs: the table
 * @query: "a=1&b=2", percent-encoded
 * @now_ns: what PARAMETER_TIME is relative to
 * @problem: set after an error, PARAMETER_PROBLEM_SIZE
 *
 * Return: 0 or -EINVAL.
 */
int parameter_parse(const struct parameter *specs, const char *query,
		    uint64_t now_ns, char *problem);

/* The same of a JSON object, whose members are parameters: texts, whole numbers, or lists
 * of these, as if each was given by itself. Members that come twice are refused.
 */
int parameter_parse_json(const struct parameter *specs, const char *text,
			 size_t size, uint64_t now_ns, char *problem);

#endif /* KTACH_COLLECTOR_API_PARAMETER_H */
