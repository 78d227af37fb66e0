// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/options.h"

enum {
	OPTION_COLUMN = 28, /* where help texts begin */
	OPTION_BASE = 256, /* getopt's value of an option: BASE + its index */
};

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "d", 86400000000000 },
	{ "h", 3600000000000 },
	{ "m", 60000000000 },
	{ "s", 1000000000 },
	{ "ms", 1000000 },
	{ "us", 1000 },
	{ "ns", 1 },
};

enum {
	UNITS = sizeof(units) / sizeof(units[0]),
};

void option_list_add(struct option_list *l, const struct option_spec *specs,
		     size_t count)
{
	size_t size = (l->count + count + 1) * sizeof(*specs);
	struct option_spec *all = realloc(l->specs, size);

	if (!all) {
		l->failed = true;
		return;
	}
	l->specs = all;
	memcpy(all + l->count, specs, count * sizeof(*specs));
	l->count += count;
	memset(all + l->count, 0, sizeof(*all));
}

void option_list_free(struct option_list *l)
{
	free(l->specs);
	*l = (struct option_list){ 0 };
}

static int number_parse(const char *text, const char **end, uint64_t *number)
{
	char *tail;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &tail, 10);
	*end = tail;
	return errno ? -ERANGE : 0;
}

int duration_parse(const char *text, uint64_t *ns)
{
	const char *unit;
	uint64_t number;
	int i;

	if (number_parse(text, &unit, &number))
		return -EINVAL;
	for (i = 0; i < UNITS; i++) {
		if (strcmp(unit, units[i].name))
			continue;
		if (__builtin_mul_overflow(number, units[i].ns, ns))
			break;
		return 0;
	}
	return -EINVAL;
}

void duration_format(uint64_t ns, char *text, unsigned int size)
{
	int i = 0;

	while (i < UNITS - 1 && (ns < units[i].ns || ns % units[i].ns))
		i++;
	snprintf(text, size, "%" PRIu64 "%s", ns / units[i].ns, units[i].name);
}

/* Read yes, no, on, off and the like. Return 0 or -EINVAL. */
static int parse_truth(const char *text, bool *value)
{
	static const char *const words[] = { "no", "yes", "off",   "on",
					     "0",  "1",	  "false", "true" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]))
			continue;
		*value = i % 2;
		return 0;
	}
	return -EINVAL;
}

static void default_format(const struct option_spec *s, char *text, size_t size)
{
	const char *value;

	text[0] = '\0';
	switch (s->type) {
	case OPTION_FLAG:
		break;
	case OPTION_SWITCH:
		snprintf(text, size, " [%s]", *(bool *)s->value ? "yes" : "no");
		break;
	case OPTION_TEXT:
	case OPTION_CHOICE:
		value = *(const char **)s->value;
		if (value && *value)
			snprintf(text, size, " [%s]", value);
		break;
	case OPTION_NUMBER:
		snprintf(text, size, " [%" PRIu64 "]", *(uint64_t *)s->value);
		break;
	case OPTION_DURATION:
		strcpy(text, " [");
		duration_format(*(uint64_t *)s->value, text + 2, size - 3);
		strcat(text, "]");
		break;
	}
}

static void help_line(const struct options *o, const struct option_spec *s)
{
	char names[80], preset[300], letter[8] = "    ";

	if (s->letter)
		snprintf(letter, sizeof(letter), "-%c, ", s->letter);
	snprintf(names, sizeof(names), "  %s--%s%s%s", letter, s->name,
		 s->argument ? " " : "", s->argument ? s->argument : "");
	default_format(s, preset, sizeof(preset));
	/* Two blanks, also after a long one: that is where completion cuts. */
	printf("%-*s  %s%s%s\n", OPTION_COLUMN - 1, names, s->help, preset,
	       o->reloads && s->start ? " *" : "");
}

static void help(const struct options *o)
{
	const struct option_spec *s;

	printf("Usage: %s [option ...]%s%s\n%s\n\nOptions, [their defaults]%s:\n",
	       o->program, o->operands ? " " : "",
	       o->operands ? o->operands : "", o->summary,
	       o->reloads ? ", * with the next start only" : "");
	for (s = o->specs; s->name; s++)
		if (s->help)
			help_line(o, s);
	printf("%-*s %s\n%-*s %s\n", OPTION_COLUMN, "  -h, --help",
	       "show this and exit", OPTION_COLUMN, "      --version",
	       "show the version and exit");
	if (o->more)
		o->more();
	if (o->details)
		printf("\n%s", o->details);
	exit(0);
}

static void __attribute__((noreturn)) usage_error(const struct options *o)
{
	fprintf(stderr, "Try '%s --help'.\n", o->program);
	exit(2);
}

void options_refuse(const struct options *o, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", o->program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	usage_error(o);
}

static void expected_format(const struct option_spec *s, const char *argument,
			    char *problem, unsigned int size)
{
	const char *what = "a number";
	char min[32], max[32];

	if (s->type == OPTION_DURATION) {
		what = "a duration such as 500ms";
		duration_format(s->min, min, sizeof(min));
		duration_format(s->max, max, sizeof(max));
	} else {
		snprintf(min, sizeof(min), "%" PRIu64, s->min);
		snprintf(max, sizeof(max), "%" PRIu64, s->max);
	}
	snprintf(problem, size, "'%s': expected %s from %s to %s", argument,
		 what, min, max);
}

/* The choices are words with bars between them: "udp|tcp". */
static bool is_choice(const char *choices, const char *word)
{
	size_t size = strlen(word);
	const char *at = choices;

	while (at) {
		if (!strncmp(at, word, size) && (at[size] == '|' || !at[size]))
			return size;
		at = strchr(at, '|');
		if (at)
			at++;
	}
	return false;
}

bool option_is_text(const struct option_spec *s)
{
	return s->type == OPTION_TEXT || s->type == OPTION_CHOICE;
}

static int take_yes(const struct option_spec *s, const char *argument)
{
	bool yes;

	if (parse_truth(argument, &yes))
		return -EINVAL;
	if (s->type == OPTION_FLAG)
		*(int *)s->value = yes;
	else
		*(bool *)s->value = yes;
	return 0;
}

void option_take(const struct option_spec *s, const char *argument,
		 char *problem, unsigned int size)
{
	const char *end = "";
	uint64_t number = 0;
	int err = 0;

	*problem = '\0';
	switch (s->type) {
	case OPTION_FLAG:
	case OPTION_SWITCH:
		if (take_yes(s, argument))
			snprintf(problem, size, "'%s': expected yes or no",
				 argument);
		return;
	case OPTION_CHOICE:
		if (!is_choice(s->argument, argument)) {
			snprintf(problem, size, "'%s': expected %s", argument,
				 s->argument);
			return;
		}
		*(const char **)s->value = argument;
		return;
	case OPTION_TEXT:
		*(const char **)s->value = argument;
		return;
	case OPTION_NUMBER:
		err = number_parse(argument, &end, &number);
		break;
	case OPTION_DURATION:
		err = duration_parse(argument, &number);
		break;
	}
	if (err || *end || number < s->min || number > s->max)
		expected_format(s, argument, problem, size);
	else
		*(uint64_t *)s->value = number;
}

static void take_option(const struct options *o, const struct option_spec *s,
			const char *argument)
{
	char problem[512];

	if (s->type == OPTION_FLAG) {
		*(int *)s->value = 1;
		return;
	}
	option_take(s, argument, problem, sizeof(problem));
	if (*problem)
		options_refuse(o, "--%s %s", s->name, problem);
}

/* getopt's view of the table; its letters go to shorts. */
static void getopt_tables(const struct options *o, struct option *longs,
			  char *shorts)
{
	const struct option_spec *s;

	*shorts++ = 'h';
	for (s = o->specs; s->name; s++) {
		*longs++ = (struct option){
			.name = s->name,
			.has_arg = s->type == OPTION_FLAG ? no_argument :
							    required_argument,
			.val = OPTION_BASE + (int)(s - o->specs),
		};
		if (!s->letter)
			continue;
		*shorts++ = s->letter;
		if (s->type != OPTION_FLAG)
			*shorts++ = ':';
	}
	*longs++ = (struct option){ .name = "help", .val = 'h' };
	*longs++ = (struct option){ .name = "version", .val = 'V' };
	*longs = (struct option){ 0 };
	*shorts = '\0';
}

static const struct option_spec *find_option(const struct options *o, int c)
{
	const struct option_spec *s;

	if (c >= OPTION_BASE)
		return &o->specs[c - OPTION_BASE];
	for (s = o->specs; s->name; s++)
		if (s->letter == c)
			return s;
	return NULL;
}

static size_t spec_count(const struct options *o)
{
	size_t n = 0;

	while (o->specs[n].name)
		n++;
	return n;
}

/* --help, --version and an end beside the table's; each letter with a colon. */
int options_parse(const struct options *o, int argc, char **argv)
{
	size_t count = spec_count(o);
	struct option longs[count + 3];
	char shorts[2 * count + 2];
	const struct option_spec *s;
	int c;

	getopt_tables(o, longs, shorts);
	optind = 0; /* from the beginning, each time */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h')
			help(o);
		if (c == 'V') {
			printf("%s %s\n", o->program, KTACH_VERSION);
			exit(0);
		}
		s = find_option(o, c);
		if (!s)
			usage_error(o);
		take_option(o, s, optarg);
	}
	if (optind < argc && !o->operands)
		options_refuse(o, "'%s': unexpected; options only",
			       argv[optind]);
	return optind;
}
