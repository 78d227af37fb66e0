// SPDX-License-Identifier: GPL-2.0-or-later
/* All that a program's options come from, in order. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/nearest.h"
#include "lib/base/options.h"

#define PREFIX "KTACH_"

void option_variable(const struct option_spec *s, char *variable)
{
	char *c;

	snprintf(variable, OPTION_VARIABLE_SIZE, PREFIX "%s", s->name);
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

/* Closer than the key of a file has to be: much else in an environment has such
 * names.
 */
static unsigned int farthest(const char *name)
{
	unsigned int third = (unsigned int)strlen(name) / 3;

	return third < word_distance_max(name) ? third :
						 word_distance_max(name);
}

/* A variable whose name is like no option's is somebody else's: Kubernetes, for one,
 * sets such variables for a service called ktach-collector.
 */
static void warn_stray(const struct options *o, const char *name)
{
	const size_t skip = strlen(PREFIX);
	unsigned int least = farthest(name + skip) + 1, distance;
	char variable[OPTION_VARIABLE_SIZE], nearest[OPTION_VARIABLE_SIZE] = "";
	const struct option_spec *s;

	for (s = o->specs; s->name; s++) {
		option_variable(s, variable);
		distance = word_distance(name + skip, variable + skip);
		if (!distance)
			return;
		if (distance >= least)
			continue;
		least = distance;
		strcpy(nearest, variable);
	}
	if (*nearest)
		log_warn("%s in the environment is no option; did you mean %s?",
			 name, nearest);
}

void options_strays(const struct options *o)
{
	char name[OPTION_VARIABLE_SIZE];
	static bool told;
	char **at;

	for (at = environ; !told && at && *at; at++) {
		size_t size = strcspn(*at, "=");

		if (strncmp(*at, PREFIX, strlen(PREFIX)) ||
		    size >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)size, *at);
		warn_stray(o, name);
	}
	told = true;
}

/* Command line and environment may name the file, so they are read once before it.
 * The defaults are set before that, as --help ends the program and shows them.
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
	if (!err)
		options_strays(o);
	return err;
}
