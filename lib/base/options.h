/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines from a table: long and short options, checked values, and a
 * --help that is printed from the same table.
 */
#ifndef KTACH_LIB_BASE_OPTIONS_H
#define KTACH_LIB_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPTION_FLAG,		/* value is an int, set to 1 */
	OPTION_SWITCH,		/* value is a bool: yes or no */
	OPTION_TEXT,		/* value is a const char * */
	OPTION_CHOICE,		/* the same: one word of @argument, "a|b|c" */
	OPTION_NUMBER,		/* value is a uint64_t, min to max */
	OPTION_DURATION,	/* value is a uint64_t in ns: 100us 10ms 1s 5m 2h 7d */
};

/**
 * struct option_spec - one option; a table ends with a NULL name
 * @name: long name, without dashes
 * @letter: short name, or 0
 * @type: what @value points to, and how the argument is read
 * @value: where it goes; holds the default before options_parse()
 * @argument: name of the argument in --help, NULL for OPTION_FLAG
 * @help: one line, lower case, without a full stop; NULL: not in the list of
 *        --help, as options.more tells of it
 * @min: smallest OPTION_NUMBER or OPTION_DURATION (ns)
 * @max: largest
 * @command: belongs on a command line only: options_file() does not know it
 * @section: of a file, where it has a key as well: the name "disk-interval" is
 *           the key "interval" of the section "disk"; NULL: of none
 * @start: it changes with the next start of the program only, not while it runs
 * @joined: of OPTION_TEXT: in a file it may have several lines, each with its key or
 *          beginning with a space; they are joined by spaces
 */
struct option_spec {
	const char *name;
	char letter;
	enum option_type type;
	void *value;
	const char *argument;
	const char *help;
	uint64_t min;
	uint64_t max;
	int command;
	const char *section;
	bool start;
	bool joined;
};

/**
 * struct option_list - a table that is put together; all zeroes: empty
 * @specs: ends with a NULL name; NULL: empty, or there was no memory
 * @count: of them, without that one
 * @failed: there was no memory for some
 */
struct option_list {
	struct option_spec *specs;
	size_t count;
	bool failed;
};

/* Add what an array has, which needs no end. */
#define OPTION_LIST_ADD(list, array) \
	option_list_add((list), (array), sizeof(array) / sizeof((array)[0]))

void option_list_add(struct option_list *l, const struct option_spec *specs,
		     size_t count);
void option_list_free(struct option_list *l);

/**
 * struct options - a program's command line
 * @program: its name
 * @summary: what it does, one line
 * @more: prints what comes between the options and @details; NULL: nothing
 * @details: paragraphs after the options: examples, files, exit status
 * @specs: the table
 * @section: that a file may begin with, without brackets
 * @reloads: it reads its file again: --help marks what does not change then
 * @operands: what may follow the options, as in "FILE [NAME]"; NULL: nothing
 */
struct options {
	const char *program;
	const char *summary;
	void (*more)(void);
	const char *details;
	const struct option_spec *specs;
	const char *section;
	bool reloads;
	const char *operands;
};

/**
 * options_parse() - read a command line into the table's values
 *
 * --help and --version are known to every program: they print to stdout and
 * exit with 0. A wrong option or value prints one line and exits with 2.
 * Operands are refused, unless @o has a name for them: then they stand behind
 * the options when it returns. It may be called again for the same command
 * line.
 *
 * Return: index in @argv of the first operand; @argc if there is none.
 */
int options_parse(const struct options *o, int argc, char **argv);

/* Print one line and where to find help, and exit with 2. */
void options_refuse(const struct options *o, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/**
 * options_file() - read a configuration file into the table's values
 * @o: the table; each key of the file is an option's long name
 * @path: the file, in INI format; a flag's value is yes or no. Sections are
 *        @o's own and those of its options
 * @problem: set after an error to "path:line: key: what was expected"
 * @size: room there
 *
 * Texts that are taken from the file are kept for good, each of them once.
 *
 * Return: 0; -ENOENT and the like; -EINVAL for a wrong line: lines before it
 * have been taken.
 */
int options_file(const struct options *o, const char *path, char *problem,
		 unsigned int size);

/* Bytes of an option's name in the environment: KTACH_ and its own name, in
 * capitals, with _ for -.
 */
#define OPTION_VARIABLE_SIZE 64

void option_variable(const struct option_spec *s, char *variable);

/**
 * options_environment() - read the environment into the table's values
 * @o: the table
 * @problem: set after an error to "VARIABLE: what was expected"
 * @size: room there
 *
 * A flag's value is yes or no, as in a file. An empty variable says nothing.
 * Texts stay the environment's.
 *
 * Return: 0 or -EINVAL.
 */
int options_environment(const struct options *o, char *problem,
			unsigned int size);

/* Warn, once, of what begins with KTACH_ in the environment and was most likely meant
 * for an option. options_load() does.
 */
void options_strays(const struct options *o);

/**
 * struct option_sources - where a program's options come from
 * @preset: sets the defaults of @values
 * @values: what the table's values point into
 * @file: of the table, what --config sets; NULL: @default_file, if that is there
 * @check: of the table, what --check-config sets: then the file must be there
 * @default_file: the file, unless another one is named
 * @argc: of main()
 * @argv: of main()
 */
struct option_sources {
	void (*preset)(void *values);
	void *values;
	const char *const *file;
	const int *check;
	const char *default_file;
	int argc;
	char **argv;
};

/**
 * options_load() - command line over environment over file over defaults
 * @o: the table
 * @from: its sources
 * @problem: what is wrong with the environment or the file
 * @size: room there
 *
 * A wrong command line ends the program, as in options_parse().
 *
 * Return: 0; or -errno, with @problem.
 */
int options_load(const struct options *o, const struct option_sources *from,
		 char *problem, unsigned int size);

/**
 * options_change() - what a table that was loaded again changes
 * @fresh: the table just loaded; values that change with the next start only
 *         become @running's again
 * @running: the same table with the values in use
 * @text: set to "changed: NAME, NAME; with the next start: NAME", to one half of
 *        that, or to "nothing has changed"
 * @size: room there
 *
 * Return: 0, or -ENOMEM where a table is not whole.
 */
int options_change(const struct option_list *fresh,
		   const struct option_list *running, char *text,
		   unsigned int size);

/**
 * options_blame() - say where the text of an option stands that turned out to
 *                   be wrong
 * @o: the table
 * @path: of the file that was read
 * @name: the option's
 * @value: its text
 * @blamed: set to "VARIABLE: 'value'" if the environment has it, to
 *          "path:line: name: 'value'" if the file has, else to "--name 'value'"
 * @size: room there
 */
void options_blame(const struct options *o, const char *path, const char *name,
		   const char *value, char *blamed, unsigned int size);

/* The first line of a file that has an option; 0: none has. */
int options_line(const struct options *o, const char *path, const char *name);

/* Whether an option of two tables has the same value. */
bool option_same(const struct option_spec *a, const struct option_spec *b);

/* Whether two texts of options are alike; NULL is none. */
bool option_texts_same(const char *a, const char *b);

/* Read "100us", "10ms", "1s", "5m", "2h", "7d" into ns. Return 0 or -EINVAL. */
int duration_parse(const char *text, uint64_t *ns);

/* Write ns the same way, in the largest unit that is exact. */
void duration_format(uint64_t ns, char *text, unsigned int size);

/* --- for lib/base/options*.c ------------------------------------------------- */

/* Whether its value is a pointer to what was given. */
bool option_is_text(const struct option_spec *s);

/* Take a value, of a flag yes or no; or say in @problem what was expected. A text
 * is kept, not copied.
 */
void option_take(const struct option_spec *s, const char *argument,
		 char *problem, unsigned int size);

#endif /* KTACH_LIB_BASE_OPTIONS_H */
