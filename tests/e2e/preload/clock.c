// SPDX-License-Identifier: GPL-2.0-or-later
/* LD_PRELOAD: the wall clock of a program jumps to where a file says, in seconds
 * from the true time: KTACH_CLOCK=FILE. It is looked at each time.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long offset_s(void)
{
	const char *path = getenv("KTACH_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[24];
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t clock, struct timespec * now);
	int ret;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(
			RTLD_NEXT, "clock_gettime");
	ret = real(clock, now);
	if (!ret && clock == CLOCK_REALTIME)
		now->tv_sec += offset_s();
	return ret;
}
