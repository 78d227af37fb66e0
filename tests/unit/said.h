/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is logged, for a test to look at: between said_begin() and said_end() it goes to
 * a file that has no name any more.
 */
#ifndef KTACH_TESTS_UNIT_SAID_H
#define KTACH_TESTS_UNIT_SAID_H

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

static int said_file, said_stderr;

static inline void said_begin(void)
{
	char path[64];

	said_file = scratch_file(path);
	unlink(path);
	said_stderr = dup(STDERR_FILENO);
	dup2(said_file, STDERR_FILENO);
}

static inline void said_end(void)
{
	dup2(said_stderr, STDERR_FILENO);
	close(said_stderr);
	close(said_file);
}

/* How often that was said. */
static inline unsigned int said_times(const char *what)
{
	static char text[65536];
	ssize_t n = pread(said_file, text, sizeof(text) - 1, 0);
	unsigned int times = 0;
	const char *at = text;

	text[n > 0 ? n : 0] = '\0';
	while ((at = strstr(at, what))) {
		at += strlen(what);
		times++;
	}
	return times;
}

static inline bool said(const char *what)
{
	return said_times(what);
}

#endif /* KTACH_TESTS_UNIT_SAID_H */
