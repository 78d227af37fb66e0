// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include "lib/base/nearest.h"

enum {
	LETTERS_MAX = 64, /* a longer word is near to none */
	FAR = LETTERS_MAX,
};

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	if (a > b)
		a = b;
	return a < c ? a : c;
}

/* Levenshtein's, a row at a time. */
unsigned int word_distance(const char *a, const char *b)
{
	unsigned int row[LETTERS_MAX + 1], before, above;
	size_t i, j, n = strlen(b);

	if (n > LETTERS_MAX || strlen(a) > LETTERS_MAX)
		return FAR;
	for (j = 0; j <= n; j++)
		row[j] = (unsigned int)j;
	for (i = 1; a[i - 1]; i++) {
		before = row[0];
		row[0] = (unsigned int)i;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1,
				       before + (a[i - 1] != b[j - 1]));
			before = above;
		}
	}
	return row[n];
}

unsigned int word_distance_max(const char *word)
{
	size_t size = strlen(word);

	return size < 4 ? 1 : size < 9 ? 2 : 3;
}
