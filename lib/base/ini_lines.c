// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/base/ini_lines.h"

char *ini_lines_read(char *text, int size, void *lines)
{
	struct ini_lines *l = lines;
	int c;

	if (!fgets(text, size, l->file))
		return NULL;
	l->number++;
	l->goes_on = *text == ' ' || *text == '\t';
	if (strlen(text) < (size_t)size - 1 || text[size - 2] == '\n')
		return text;
	c = getc(l->file);
	if (c != EOF && c != '\n' && !l->too_long &&
	    !strchr("#;", text[strspn(text, " \t")]))
		l->too_long = l->number;
	while (c != EOF && c != '\n')
		c = getc(l->file);
	return text;
}
