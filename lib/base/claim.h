/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_CLAIM_H
#define KTACH_LIB_BASE_CLAIM_H

#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

/* Lock a file or folder for this process alone. What a process that was killed had in
 * io_uring is the kernel's for some moments: who is started in its place at once waits for
 * that, 2 s at most. Return 0, -EBUSY if another one has it, or another -errno.
 */
static inline int claim(int fd)
{
	int tries = 200;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (!--tries)
			return -EBUSY;
		usleep(10000);
	}
	return 0;
}

#endif /* KTACH_LIB_BASE_CLAIM_H */
