// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/base/folder.h"

enum {
	FOLDER_MODE = 0750,
};

int folder_make(const char *folder)
{
	char path[PATH_MAX], *at = path;

	if (!*folder || strlen(folder) >= sizeof(path))
		return -EINVAL;
	strcpy(path, folder);
	while ((at = strchr(at + 1, '/'))) {
		*at = '\0';
		if (mkdir(path, FOLDER_MODE) && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(path, FOLDER_MODE) && errno != EEXIST ? -errno : 0;
}
