/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a file in INI format, for ini_parse_stream(). */
#ifndef KTACH_LIB_BASE_INI_LINES_H
#define KTACH_LIB_BASE_INI_LINES_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct ini_lines - what is read of a file
 * @file: open
 * @number: of the line that was read last
 * @goes_on: that line begins with a space: for inih, more of a value
 * @too_long: the first line that is longer than inih takes, comments aside; 0: none
 */
struct ini_lines {
	FILE *file;
	int number;
	bool goes_on;
	int too_long;
};

/* As fgets(), of a struct ini_lines. What a line is too long by is left out: inih would
 * take it for the next line.
 */
char *ini_lines_read(char *text, int size, void *lines);

#endif /* KTACH_LIB_BASE_INI_LINES_H */
