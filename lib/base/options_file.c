// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ini_lines.h"
#include "lib/base/nearest.h"
#include "lib/base/options.h"

enum {
	OPTIONS_MAX = 1024,
};

struct reading {
	const struct options *options;
	struct ini_lines lines;
	int given[OPTIONS_MAX]; /* each option's line; 0: none yet */
	char problem[512]; /* of the first line that is wrong */
	const char *name; /* of an option whose line is looked for */
	const char *value;
};

static bool is_own(const struct options *o, const char *section)
{
	return !*section || !strcmp(section, o->section);
}

static bool is_in(const struct option_spec *s, const char *section)
{
	return s->section && !strcmp(s->section, section);
}

static const struct option_spec *find_key(const struct options *o,
					  const char *section, const char *name)
{
	size_t skip = is_own(o, section) ? 0 : strlen(section) + 1;
	const struct option_spec *s;

	for (s = o->specs; s->name; s++) {
		if (s->command || (skip && !is_in(s, section)))
			continue;
		if (!strcmp(s->name + skip, name))
			return s;
	}
	return NULL;
}

static bool is_section(const struct options *o, const char *section)
{
	const struct option_spec *s;

	for (s = o->specs; s->name; s++)
		if (is_in(s, section))
			return true;
	return is_own(o, section);
}

/* Whether no option before this one has its section. */
static bool is_first(const struct options *o, const struct option_spec *s)
{
	const struct option_spec *before;

	for (before = o->specs; before < s; before++)
		if (is_in(before, s->section))
			return false;
	return true;
}

static void no_section(const struct options *o, const char *section,
		       char *problem, size_t size)
{
	const struct option_spec *s;
	size_t used;

	used = (size_t)snprintf(problem, size,
				"[%s]: no such section; expected none, [%s]",
				section, o->section);
	for (s = o->specs; s->name && used < size; s++) {
		if (s->section && is_first(o, s))
			used += (size_t)snprintf(problem + used, size - used,
						 ", [%s]", s->section);
	}
}

/* Texts are kept for good, each of them once: a file that is read again, much as it
 * was, takes little more memory. NULL without memory.
 */
static const char *keep_text(const char *text)
{
	static struct kept {
		struct kept *next;
		char text[];
	} * all;
	size_t size = strlen(text) + 1;
	struct kept *k;

	for (k = all; k; k = k->next)
		if (!strcmp(k->text, text))
			return k->text;
	k = malloc(sizeof(*k) + size);
	if (!k)
		return NULL;
	memcpy(k->text, text, size);
	k->next = all;
	all = k;
	return k->text;
}

static void take_value(const struct option_spec *s, const char *value,
		       char *problem, unsigned int size)
{
	const char *kept = option_is_text(s) ? keep_text(value) : value;

	if (kept)
		option_take(s, kept, problem, size);
	else
		snprintf(problem, size, "no memory");
}

static void join_value(const struct option_spec *s, const char *value,
		       char *problem, unsigned int size)
{
	const char *before = *(const char **)s->value;
	char *joined = NULL;

	if (asprintf(&joined, "%s %s", before, value) < 0)
		snprintf(problem, size, "no memory");
	else
		take_value(s, joined, problem, size);
	free(joined);
}

/* A key that stands twice is refused: only one of the two would count, and nobody
 * would notice.
 */
static void take_once(struct reading *r, const struct option_spec *s,
		      const char *value, char *problem, unsigned int size)
{
	int *given = &r->given[s - r->options->specs];

	if (*given && s->joined)
		join_value(s, value, problem, size);
	else if (*given)
		snprintf(
			problem, size,
			r->lines.goes_on ?
				"begins with a space: it would go on with line %d" :
				"stands in line %d, too",
			*given);
	else
		take_value(s, value, problem, size);
	*given = r->lines.number;
}

/* With the key of that section that is written much like it, if there is one. */
static void no_key(const struct options *o, const char *section,
		   const char *name, char *problem, size_t size)
{
	size_t skip = is_own(o, section) ? 0 : strlen(section) + 1;
	unsigned int least = word_distance_max(name) + 1, distance;
	const struct option_spec *s;
	const char *nearest = NULL;

	for (s = o->specs; s->name; s++) {
		if (s->command || (skip && !is_in(s, section)))
			continue;
		distance = word_distance(name, s->name + skip);
		if (distance >= least)
			continue;
		least = distance;
		nearest = s->name + skip;
	}
	if (nearest)
		snprintf(problem, size, "no such key; did you mean '%s'?",
			 nearest);
	else
		snprintf(problem, size, "no such key");
}

/* inih wants 0 for an error, and goes on to the end. */
static int line(void *context, const char *section, const char *name,
		const char *value)
{
	struct reading *r = context;
	const struct option_spec *s = find_key(r->options, section, name);
	char problem[400] = "";

	if (r->problem[0] || r->lines.too_long)
		return 1;
	if (s)
		take_once(r, s, value, problem, sizeof(problem));
	else if (is_section(r->options, section))
		no_key(r->options, section, name, problem, sizeof(problem));
	else
		no_section(r->options, section, problem, sizeof(problem));
	if (!problem[0])
		return 1;
	snprintf(r->problem, sizeof(r->problem), "%s: %s", name, problem);
	return 0;
}

static int line_of(void *context, const char *section, const char *name,
		   const char *value)
{
	const struct reading *r = context;
	const struct option_spec *s = find_key(r->options, section, name);

	return !s || strcmp(s->name, r->name) ||
	       (r->value && strcmp(value, r->value));
}

static int find_line(const char *path, struct reading *r)
{
	int number = 0;

	r->lines.file = fopen(path, "re");
	if (r->lines.file) {
		number =
			ini_parse_stream(ini_lines_read, &r->lines, line_of, r);
		fclose(r->lines.file);
	}
	return number > 0 ? number : 0;
}

int options_line(const struct options *o, const char *path, const char *name)
{
	struct reading r = { .options = o, .name = name };

	return find_line(path, &r);
}

void options_blame(const struct options *o, const char *path, const char *name,
		   const char *value, char *blamed, unsigned int size)
{
	struct reading r = { .options = o, .name = name, .value = value };
	const struct option_spec named = { .name = name };
	char variable[OPTION_VARIABLE_SIZE];
	const char *given;
	int number;

	option_variable(&named, variable);
	given = getenv(variable);
	if (given && !strcmp(given, value)) {
		snprintf(blamed, size, "%s: '%s'", variable, value);
		return;
	}
	number = find_line(path, &r);
	if (number)
		snprintf(blamed, size, "%s:%d: %s: '%s'", path, number, name,
			 value);
	else
		snprintf(blamed, size, "--%s '%s'", name, value);
}

int options_file(const struct options *o, const char *path, char *problem,
		 unsigned int size)
{
	struct reading r = { .options = o, .lines.file = fopen(path, "re") };
	int number;

	if (!r.lines.file) {
		number = -errno;
		snprintf(problem, size, "%s: %s", path, strerror(-number));
		return number;
	}
	number = ini_parse_stream(ini_lines_read, &r.lines, line, &r);
	if (ferror(r.lines.file))
		number = -1;
	fclose(r.lines.file);
	if (!number && !r.lines.too_long)
		return 0;
	if (number < 0)
		snprintf(problem, size, "%s: cannot be read", path);
	else if (r.lines.too_long && (!number || r.lines.too_long <= number))
		snprintf(
			problem, size,
			"%s:%d: the line is too long: give this option on the command line, or as a variable",
			path, r.lines.too_long);
	else
		snprintf(problem, size, "%s:%d: %s", path, number,
			 r.problem[0] ?
				 r.problem :
				 "expected 'key = value' or '[section]'");
	return -EINVAL;
}
