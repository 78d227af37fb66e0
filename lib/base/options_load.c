// SPDX-License-Identifier: GPL-2.0-or-later
/* All that a program's options come from, in order. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/options.h"

void option_variable(const struct option_spec *s, char *variable)
{
	char *c;

	snprintf(variable, OPTION_VARIABLE_SIZE, "KTACH_%s", s->name);
	for (c = variable; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

int options_environment(const struct options *o, char *problem,
			unsigned int size)
{
	char variable[OPTION_VARIABLE_SIZE], wrong[512];
	const struct option_spec *s;
	const char *value;

	for (s = o->specs; s->name; s++) {
		option_variable(s, variable);
		value = getenv(variable);
		if (!value || !*value)
			continue;
		option_take(s, value, wrong, sizeof(wrong));
		if (!*wrong)
			continue;
		snprintf(problem, size, "%s: %s", variable, wrong);
		return -EINVAL;
	}
	return 0;
}

/* What names the file is looked at before it; --help tells of our own defaults,
 * and whatever else is said.
 */
static const char *find_file(const struct options *o,
			     const struct option_sources *from, bool *named)
{
	char ignored[512];

	from->preset(from->values);
	options_parse(o, from->argc, from->argv);
	from->preset(from->values);
	options_environment(o, ignored, sizeof(ignored));
	options_parse(o, from->argc, from->argv);
	*named = *from->file || *from->check;
	return *from->file ? *from->file : from->default_file;
}

int options_load(const struct options *o, const struct option_sources *from,
		 char *problem, unsigned int size)
{
	bool named;
	const char *file = find_file(o, from, &named);
	int err;

	from->preset(from->values);
	err = options_file(o, file, problem, size);
	if (err && (named || err != -ENOENT))
		return err;
	err = options_environment(o, problem, size);
	if (!err)
		options_parse(o, from->argc, from->argv);
	return err;
}
