// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/disk/disk_paths.h"
#include "lib/base/resized.h"
#include "lib/kernel/proc.h"

/* A path is hidden: it has no number. */
static const char path_line[] = "   0       0 nvme";

/* "nvme0c3n1" is a path of nvme0n1; false for any other name. */
static bool name_disk(const char *path, char *disk)
{
	unsigned int subsystem, controller, namespace;
	int end = 0;

	if (sscanf(path, "nvme%uc%un%u%n", &subsystem, &controller, &namespace,
		   &end) != 3 ||
	    path[end])
		return false;
	return snprintf(disk, DISKSTATS_NAME_MAX, "nvme%un%u", subsystem,
			namespace) < DISKSTATS_NAME_MAX;
}

static struct diskstats *find_sum(const struct disk_paths *p, const char *disk)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (!strcmp(p->sums[i].name, disk))
			return &p->sums[i];
	return NULL;
}

static struct diskstats *add_sum(struct disk_paths *p, const char *disk)
{
	struct diskstats *sums =
		grown(p->sums, p->count, &p->room, sizeof(*sums));

	if (!sums)
		return NULL;
	p->sums = sums;
	sums = &p->sums[p->count++];
	memset(sums, 0, sizeof(*sums));
	snprintf(sums->name, sizeof(sums->name), "%s", disk);
	return sums;
}

static void add_path(struct disk_paths *p, const struct diskstats *path)
{
	char disk[DISKSTATS_NAME_MAX];
	struct diskstats *sum;
	uint32_t i;

	if (!name_disk(path->name, disk))
		return;
	sum = find_sum(p, disk);
	if (!sum)
		sum = add_sum(p, disk);
	if (!sum)
		return;
	if (!sum->count || path->count < sum->count)
		sum->count = path->count;
	for (i = 0; i < path->count; i++)
		if (__builtin_add_overflow(sum->values[i], path->values[i],
					   &sum->values[i]))
			sum->values[i] = UINT64_MAX;
}

void disk_paths_find(struct disk_paths *p, const char *text)
{
	struct diskstats path;

	p->count = 0;
	while ((text = strstr(text, path_line))) {
		const char *at = text;

		text = proc_next_line(text);
		if (diskstats_device(&at, &path) && diskstats_values(at, &path))
			add_path(p, &path);
	}
}

static bool is_zero(const struct diskstats *line)
{
	uint32_t i;

	for (i = 0; i < line->count; i++)
		if (line->values[i])
			return false;
	return true;
}

bool disk_paths_fill(const struct disk_paths *p, struct diskstats *line)
{
	const struct diskstats *sum = find_sum(p, line->name);

	if (!sum || !is_zero(line))
		return false;
	line->count = sum->count < line->count ? sum->count : line->count;
	memcpy(line->values, sum->values, sizeof(line->values));
	return true;
}

void disk_paths_exit(struct disk_paths *p)
{
	free(p->sums);
	*p = (struct disk_paths){ 0 };
}
