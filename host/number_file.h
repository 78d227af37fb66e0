/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collectors that read some files of /proc, and make gauges and counters. */
#ifndef KTACH_HOST_NUMBER_FILE_H
#define KTACH_HOST_NUMBER_FILE_H

#include "host/numbers.h"

/**
 * struct number_file - a file of such a collector
 * @name: in /proc
 * @parse: takes in what it says: 0, or -EINVAL if some of it makes no sense
 * @at_once: as in struct host_file
 * @line_max: the same
 * @optional: not each kernel has it: nothing is said where it is not there
 */
struct number_file {
	const char *name;
	int (*parse)(const char *text, struct numbers *n);
	bool at_once;
	size_t line_max;
	bool optional;
};

/**
 * number_files_open() - open what there is of them
 * @state: set, for the two below
 * @collector: its name, for messages
 * @proc: where /proc is
 * @files: a table with a NULL name at its end; must stay
 * @given: the first one's text where somebody else read it just now; or NULL
 *
 * Each that can't be opened is said once and left out; of a kernel without any of
 * them, the first one.
 *
 * Return: 0, or -errno if none can be.
 */
int number_files_open(void **state, const char *collector,
		      const struct host_options *options,
		      const struct number_file *files,
		      const struct host_text *given);

/* As in struct host_collector. */
int number_files_read(void *state, const struct host_sink *sink);
void number_files_close(void *state);

#endif /* KTACH_HOST_NUMBER_FILE_H */
