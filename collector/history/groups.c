// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "collector/history/groups.h"
#include "lib/base/whole_file.h"

enum {
	PARTITION_BITS = 12,
};

_Static_assert(1 << PARTITION_BITS == GROUPS_PARTITIONS, "one number");

uint32_t groups_partition(const uint8_t *node)
{
	uint64_t h = UINT64_C(14695981039346656037);
	int i;

	for (i = 0; i < WIRE_ID_SIZE; i++)
		h = (h ^ node[i]) * UINT64_C(1099511628211);
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return (uint32_t)(h >> (64 - PARTITION_BITS));
}

int groups_folder(char path[PATH_MAX], const char *folder, unsigned int group)
{
	int size =
		group ? snprintf(path, PATH_MAX, "%s/group-%u", folder, group) :
			snprintf(path, PATH_MAX, "%s", folder);

	return size < PATH_MAX ? 0 : -ENAMETOOLONG;
}

unsigned int groups_folders(const char *folder)
{
	unsigned int group = 1;
	char path[PATH_MAX];

	while (group < GROUPS_MAX && !groups_folder(path, folder, group) &&
	       !access(path, F_OK))
		group++;
	return group;
}

static int name_file(char path[PATH_MAX], const char *folder)
{
	return snprintf(path, PATH_MAX, "%s/groups", folder) < PATH_MAX ?
		       0 :
		       -ENAMETOOLONG;
}

unsigned int groups_get(const char *folder)
{
	unsigned int groups = 1;
	char path[PATH_MAX];
	FILE *f;

	if (name_file(path, folder))
		return 1;
	f = fopen(path, "re");
	if (!f)
		return 1;
	if (fscanf(f, "%u", &groups) != 1 || !groups || groups > GROUPS_MAX)
		groups = 1;
	fclose(f);
	return groups;
}

int groups_set(const char *folder, unsigned int groups)
{
	char path[PATH_MAX], text[16];
	int size = snprintf(text, sizeof(text), "%u\n", groups);

	if (groups == groups_get(folder))
		return 0;
	if (name_file(path, folder))
		return -ENAMETOOLONG;
	return whole_file_write(path, text, (size_t)size, NULL);
}
