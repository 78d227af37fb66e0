/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines from a table: long and short options, checked values, and a
 * --help that is printed from the same table.
 */
#ifndef KTACH_LIB_OPTIONS_H
#define KTACH_LIB_OPTIONS_H

#include <stdbool.h>
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
};

/**
 * struct options - a program's command line
 * @program: its name
 * @summary: what it does, one line
 * @more: prints what comes between the options and @details; NULL: nothing
 * @details: paragraphs after the options: examples, files, exit status
 * @specs: the table
 * @section: that a file may begin with, without brackets
 * @operands: what may follow the options, as in "FILE [NAME]"; NULL: nothing
 */
struct options {
	const char *program;
	const char *summary;
	void (*more)(void);
	const char *details;
	const struct option_spec *specs;
	const char *section;
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

/**
 * options_blame() - say where the text of an option stands that turned out to
 *                   be wrong
 * @o: the table
 * @path: of the file that was read
 * @name: the option's
 * @value: its text
 * @blamed: set to "path:line: name: 'value'" if the file has it, else to
 *          "--name 'value'"
 * @size: room there
 */
void options_blame(const struct options *o, const char *path, const char *name,
		   const char *value, char *blamed, unsigned int size);

/* Read "100us", "10ms", "1s", "5m", "2h", "7d" into ns. Return 0 or -EINVAL. */
int duration_parse(const char *text, uint64_t *ns);

/* Write ns the same way, in the largest unit that is exact. */
void duration_format(uint64_t ns, char *text, unsigned int size);

#endif /* KTACH_LIB_OPTIONS_H */
