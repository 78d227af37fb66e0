/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders for a test, in TMPDIR: tests/run looks whether it removes them. */
#ifndef KTACH_TESTS_UNIT_SCRATCH_H
#define KTACH_TESTS_UNIT_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>

static inline char *scratch_path(char *path, size_t size)
{
	const char *in = getenv("TMPDIR");

	snprintf(path, size, "%s/ktach-XXXXXX", in ? in : "/tmp");
	return path;
}

#define scratch_folder(path) mkdtemp(scratch_path(path, sizeof(path)))
#define scratch_file(path) mkstemp(scratch_path(path, sizeof(path)))

#endif /* KTACH_TESTS_UNIT_SCRATCH_H */
