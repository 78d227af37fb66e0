// SPDX-License-Identifier: GPL-2.0-or-later
/* LD_PRELOAD: each write of a program to a file at an offset, as SQLite makes
 * them, takes 20 ms while there is a file: KTACH_SLOW=FILE.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	static ssize_t (*real)(int fd, const void *data, size_t size,
			       off64_t at);
	const char *path = getenv("KTACH_SLOW");

	if (!real)
		real = (ssize_t(*)(int, const void *, size_t,
				   off64_t))dlsym(RTLD_NEXT, "pwrite64");
	if (path && !access(path, F_OK))
		usleep(20000);
	return real(fd, data, size, at);
}
