// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agentd/agents/boot.h"

static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

/* A container may see the boot id of its host, and is booted more often: so the time
 * when its process 1 began is a part of it.
 */
void boot_id_read(char id[BOOT_ID_SIZE])
{
	char stat[1024], *at;
	unsigned long long began = 0;

	read_text("/proc/sys/kernel/random/boot_id", id, BOOT_ID_SIZE);
	read_text("/proc/1/stat", stat, sizeof(stat));
	at = strrchr(stat, ')'); /* of its name; field 22 is the time */
	if (at)
		sscanf(at + 1,
		       "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
		       &began);
	snprintf(id + strlen(id), BOOT_ID_SIZE - strlen(id), " %llu", began);
}
