/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer between host/ and the kernel that makes files go wrong: open(),
 * openat(), pread() and statvfs() are wrapped by the linker.
 *
 *   collector --> host/file.c --> pread() --> __wrap_pread() --> the kernel
 *                                               `- the plan's fault
 */
#ifndef KTACH_TESTS_HOST_FAULTS_H
#define KTACH_TESTS_HOST_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

enum fault {
	FAULT_NONE,
	FAULT_OPEN,		/* open() fails with the plan's error */
	FAULT_READ,		/* pread() does */
	FAULT_CUT,		/* the file ends early */
	FAULT_NOISE,		/* bytes that are no text */
	FAULT_LATIN,		/* letters that are no UTF-8 */
	FAULT_NUL,		/* a NUL amid the text */
	FAULT_DIGITS,		/* each number has 30 digits more */
	FAULT_MINUS,		/* each number has a sign */
	FAULT_LONG,		/* its last line goes on for a mebibyte */
	FAULT_ENDLESS,		/* longer than anybody would read */
	FAULT_BYTES,		/* the plan's bytes */
	FAULTS
};

/**
 * struct fault_plan - what goes wrong
 * @fault: how
 * @path: with this file
 * @error: errno of FAULT_OPEN and FAULT_READ
 * @cut: bytes that FAULT_CUT leaves
 * @bytes: of FAULT_BYTES
 * @size: how many
 * @from: its uses before that one are sound, counted from 0
 * @upto: and from that one on
 */
struct fault_plan {
	enum fault fault;
	const char *path;
	int error;
	size_t cut;
	const void *bytes;
	size_t size;
	unsigned int from;
	unsigned int upto;
};

/* Begin: nothing was used yet. */
void faults_begin(const struct fault_plan *plan);

/* Has the plan's fault happened since? */
bool faults_happened(void);

/* Files that were used since the first faults_begin(), in that order: their
 * path, size as it was read, and whether it was a folder. NULL at the end.
 */
const char *faults_file(size_t i, size_t *size, bool *folder);

/* Was it read or opened since the last faults_begin()? */
bool faults_used(size_t i);

#endif /* KTACH_TESTS_HOST_FAULTS_H */
