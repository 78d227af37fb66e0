// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/history/sqlite/lock.h"
#include "lib/base/claim.h"

enum {
	PID_SIZE = 16,
	LOCK_MODE = 0640,
	BOOT_SIZE = 36,
};

static pid_t read_holder(int fd)
{
	char text[PID_SIZE + 1] = "";

	if (pread(fd, text, PID_SIZE, 0) <= 0)
		return 0;
	return (pid_t)strtol(text, NULL, 10);
}

static void write_holder(int fd)
{
	char text[PID_SIZE] = "";

	snprintf(text, sizeof(text), "%d\n", getpid());
	(void)!pwrite(fd, text, sizeof(text), 0);
}

/* Return whether it was written already. */
static bool write_boot(int fd)
{
	char now[BOOT_SIZE + 1] = "", before[BOOT_SIZE + 1] = "";
	const off_t at = PID_SIZE + sizeof(struct lock_work);
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f) {
		(void)!fread(now, 1, BOOT_SIZE, f);
		fclose(f);
	}
	(void)!pread(fd, before, BOOT_SIZE, at);
	(void)!pwrite(fd, now, BOOT_SIZE, at);
	return now[0] && !memcmp(now, before, BOOT_SIZE);
}

int lock_take(struct lock *l, const char *folder, pid_t *holder)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/" LOCK_NAME, folder);
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE);
	if (l->fd < 0)
		return -errno;
	err = claim(l->fd);
	if (err) {
		*holder = read_holder(l->fd);
		lock_release(l);
		return err;
	}
	if (pread(l->fd, &l->before, sizeof(l->before), PID_SIZE) !=
	    sizeof(l->before))
		memset(&l->before, 0, sizeof(l->before));
	write_holder(l->fd);
	l->same_boot = write_boot(l->fd);
	return 0;
}

void lock_release(struct lock *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* Without the note a process that is killed tries once more. */
static void write_work(struct lock *l, const struct lock_work *work)
{
	l->work = *work;
	(void)!pwrite(l->fd, work, sizeof(*work), PID_SIZE);
}

static bool is_same(const struct lock_work *a, const struct lock_work *b)
{
	return a->slot == b->slot && !memcmp(a->node, b->node, sizeof(a->node));
}

uint64_t lock_begin(struct lock *l, const uint8_t *node, int64_t slot)
{
	struct lock_work work = { .tries = 1, .slot = slot };

	memcpy(work.node, node, sizeof(work.node));
	if (is_same(&work, &l->before))
		work.tries += l->before.tries;
	write_work(l, &work);
	return work.tries;
}

void lock_end(struct lock *l)
{
	static const struct lock_work none;

	if (is_same(&l->work, &l->before))
		l->before = none;
	write_work(l, &none);
}
