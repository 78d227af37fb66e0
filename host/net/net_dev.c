// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include <ktach/wire.h>

#include "host/net/net_dev.h"
#include "lib/kernel/proc.h"

static const char *const titles[NET_DEV_TX] = {
	[NET_DEV_BYTES] = "bytes",
	[NET_DEV_PACKETS] = "packets",
	[NET_DEV_ERRORS] = "errs",
	[NET_DEV_DROPS] = "drop",
};

static const char usual[] =
	"|bytes packets errs drop fifo frame compressed multicast"
	"|bytes packets errs drop fifo colls carrier compressed\n";

static uint8_t value_of(const char *title, size_t size, int side)
{
	uint8_t i;

	for (i = 0; side < 2 && i < NET_DEV_TX; i++)
		if (strlen(titles[i]) == size &&
		    !memcmp(titles[i], title, size))
			return (uint8_t)(side * NET_DEV_TX + i);
	return NET_DEV_VALUES;
}

/* The part behind the first "|" of a line: a side ends at the next one. */
static void take_titles(struct net_dev_titles *t, const char *at)
{
	int column = 0, side = -1;

	t->count = 0;
	while (*at && *at != '\n' && column < NET_DEV_COLUMNS_MAX) {
		size_t size = strcspn(at, " |\n");

		if (size) {
			t->value[column] = value_of(at, size, side);
			if (t->value[column++] < NET_DEV_VALUES)
				t->count = column;
		}
		at += size;
		side += *at == '|';
		at += *at && *at != '\n';
	}
}

void net_dev_titles(struct net_dev_titles *t, const char *text)
{
	const char *line = proc_next_line(text);

	take_titles(t, line + strcspn(line, "|\n"));
	if (!t->count)
		take_titles(t, usual);
}

/* A name has no blanks, no colons and no more bytes than this. */
static size_t name_size(const char *at)
{
	size_t size = 0;

	while (size < IF_NAMESIZE && at[size] && !strchr(" :\n", at[size]))
		size++;
	return at[size] == ':' && size < IF_NAMESIZE ? size : 0;
}

bool net_dev_line(const char *line, const struct net_dev_titles *t,
		  char name[IF_NAMESIZE], uint64_t value[NET_DEV_VALUES])
{
	uint64_t ignored;
	size_t size;
	int i;

	while (*line == ' ')
		line++;
	size = name_size(line);
	if (!size)
		return false;
	memcpy(name, line, size);
	name[size] = '\0';
	for (i = 0; i < NET_DEV_VALUES; i++)
		value[i] = WIRE_ABSENT;
	for (line += size + 1, i = 0; i < t->count; i++)
		if (!proc_number(&line, t->value[i] < NET_DEV_VALUES ?
						&value[t->value[i]] :
						&ignored))
			return false;
	for (i = 0; i < NET_DEV_VALUES; i++)
		if (value[i] > INT64_MAX) /* a driver's, without sense */
			value[i] = WIRE_ABSENT;
	return true;
}
