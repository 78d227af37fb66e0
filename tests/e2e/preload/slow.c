// SPDX-License-Identifier: GPL-2.0-or-later
/* LD_PRELOAD: files whose path has KTACH_SLOW in it take 100 ms to read. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_slow(int fd)
{
	char name[32], path[PATH_MAX + 1];
	const char *slow = getenv("KTACH_SLOW");
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, path, PATH_MAX);
	path[n > 0 ? n : 0] = '\0';
	return slow && strstr(path, slow);
}

ssize_t pread(int fd, void *to, size_t size, off_t at)
{
	static ssize_t (*real)(int fd, void *to, size_t size, off_t at);

	if (!real)
		real = (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT,
								     "pread");
	if (is_slow(fd))
		usleep(100000);
	return real(fd, to, size, at);
}

ssize_t pread64(int fd, void *to, size_t size, off64_t at)
{
	return pread(fd, to, size, at);
}
