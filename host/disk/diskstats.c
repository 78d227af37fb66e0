// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "host/disk/diskstats.h"
#include "lib/kernel/proc.h"

enum {
	MINOR_MAX = (1 << 20) - 1, /* the kernel's own: MINORBITS */
	MAJOR_MAX = (1 << 12) - 1,
};

static bool ends_name(char c)
{
	return c == ' ' || c == '\n' || !c;
}

static bool parse_name(const char **at, char *name)
{
	size_t size = 0;

	while (**at == ' ')
		(*at)++;
	for (; size < DISKSTATS_NAME_MAX - 1 && !ends_name(**at); (*at)++)
		name[size++] = **at;
	name[size] = '\0';
	return size && ends_name(**at);
}

bool diskstats_device(const char **at, struct diskstats *d)
{
	uint64_t major, minor;

	if (!proc_number(at, &major) || !proc_number(at, &minor) ||
	    major > MAJOR_MAX || minor > MINOR_MAX || !parse_name(at, d->name))
		return false;
	d->major = (uint32_t)major;
	d->minor = (uint32_t)minor;
	return true;
}

bool diskstats_values(const char *at, struct diskstats *d)
{
	d->count = 0;
	while (d->count < DISKSTATS_VALUES &&
	       proc_number(&at, &d->values[d->count]))
		d->count++;
	return d->count >= DISKSTATS_REQUIRED && (*at == ' ' || *at == '\n') &&
	       strchr(at, '\n');
}

static bool parse_line(const char *at, struct diskstats *d)
{
	return diskstats_device(&at, d) && diskstats_values(at, d);
}

bool diskstats_next(const char **at, struct diskstats *d)
{
	while (**at) {
		const char *line = *at;

		*at = proc_next_line(line);
		if (parse_line(line, d))
			return true;
	}
	return false;
}
