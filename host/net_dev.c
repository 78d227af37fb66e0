// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "host/net_dev.h"
#include "lib/proc.h"

/* A name has no blanks, no colons and no more bytes than this. */
static size_t name_size(const char *at)
{
	size_t size = 0;

	while (size < IF_NAMESIZE && at[size] && !strchr(" :\n", at[size]))
		size++;
	return at[size] == ':' && size < IF_NAMESIZE ? size : 0;
}

bool net_dev_line(const char *line, char name[IF_NAMESIZE], uint64_t *value,
		  int count)
{
	size_t size;
	int i;

	while (*line == ' ')
		line++;
	size = name_size(line);
	if (!size)
		return false;
	memcpy(name, line, size);
	name[size] = '\0';
	for (line += size + 1, i = 0; i < count; i++)
		if (!proc_number(&line, &value[i]))
			return false;
	return true;
}
