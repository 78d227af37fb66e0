// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/options.h"
#include "lib/options_value.h"

struct reading {
	const struct options *options;
	char problem[512]; /* of the first line that is wrong */
};

static const struct option_spec *find(const struct options *o, const char *name)
{
	const struct option_spec *s;

	for (s = o->specs; s->name; s++)
		if (!s->command && !strcmp(s->name, name))
			return s;
	return NULL;
}

static int flag(const char *text, int *value)
{
	static const char *const words[] = { "no", "yes", "off",   "on",
					     "0",  "1",	  "false", "true" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]))
			continue;
		*value = (int)i % 2;
		return 0;
	}
	return -EINVAL;
}

/* inih wants 0 for an error, and goes on to the end. */
static int line(void *context, const char *section, const char *name,
		const char *value)
{
	struct reading *r = context;
	const struct option_spec *s = find(r->options, name);
	char problem[400] = "";
	char *copy;

	if (r->problem[0])
		return 1;
	if (*section && strcmp(section, r->options->section)) {
		snprintf(problem, sizeof(problem),
			 "[%s]: no such section; expected [%s] or none",
			 section, r->options->section);
	} else if (!s) {
		snprintf(problem, sizeof(problem), "no such key");
	} else if (s->type == OPTION_FLAG) {
		if (flag(value, s->value))
			snprintf(problem, sizeof(problem),
				 "'%s': expected yes or no", value);
	} else {
		copy = s->type == OPTION_TEXT ? strdup(value) : NULL;
		option_take(s, copy ? copy : value, problem, sizeof(problem));
	}
	if (!problem[0])
		return 1;
	snprintf(r->problem, sizeof(r->problem), "%s: %s", name, problem);
	return 0;
}

int options_file(const struct options *o, const char *path, char *problem,
		 unsigned int size)
{
	struct reading r = { .options = o };
	FILE *file = fopen(path, "re");
	int number;

	if (!file) {
		number = -errno;
		snprintf(problem, size, "%s: %s", path, strerror(-number));
		return number;
	}
	number = ini_parse_file(file, line, &r);
	fclose(file);
	if (!number)
		return 0;
	if (number < 0)
		snprintf(problem, size, "%s: cannot be read", path);
	else
		snprintf(problem, size, "%s:%d: %s", path, number,
			 r.problem[0] ?
				 r.problem :
				 "expected 'key = value' or '[section]'");
	return -EINVAL;
}
