// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/file.h"
#include "host/process/process_way.h"
#include "lib/base/clock.h"

enum {
	STAT_MAX = 2048, /* bytes: 52 numbers and a name */
	PATH_SIZE = 32, /* bytes of "PID/stat" */
};

/**
 * struct proc_way - the state
 * @dir: /proc
 * @units: what its numbers are in
 */
struct proc_way {
	DIR *dir;
	struct process_units units;
};

static int proc_way_open(void **state, const struct host_options *o)
{
	struct proc_way *s = malloc(sizeof(*s));
	int fd = host_dir(o->proc, "."), err = fd < 0 ? fd : -ENOMEM;

	if (s && fd >= 0) {
		s->units = process_units();
		s->dir = fdopendir(fd);
		err = s->dir ? 0 : -errno;
	}
	if (!err) {
		*state = s;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	free(s);
	return err;
}

static void proc_way_close(void *state)
{
	struct proc_way *s = state;

	closedir(s->dir);
	free(s);
}

/* 0, or -errno. */
static int read_one(struct proc_way *s, const char *pid, struct process *p)
{
	char path[PATH_SIZE], text[STAT_MAX];
	int n;

	if ((size_t)snprintf(path, sizeof(path), "%s/stat", pid) >=
	    sizeof(path))
		return -EINVAL;
	n = host_text_at(dirfd(s->dir), path, text, sizeof(text));
	if (n < 0)
		return n;
	p->at_ns = clock_mono_ns();
	p->uid = PROCESS_NO_UID;
	n = process_stat_parse(text, &s->units, p);
	if (!n && p->pid != strtoul(pid, NULL, 10))
		n = -EINVAL;
	return n;
}

/* Whether a process that was listed has ended since. */
static bool is_gone(int err)
{
	return err == -ENOENT || err == -ESRCH;
}

/* Mounted with hidepid=, /proc lacks others' processes, or keeps what they do to
 * itself: process 1 is there for whoever sees all.
 */
static bool is_hiding(const struct proc_way *s)
{
	int fd = openat(dirfd(s->dir), "1/stat", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static int proc_way_read(void *state, process_take *take, void *arg)
{
	struct proc_way *s = state;
	const struct dirent *e;
	struct process p;
	int taken = 0, unread = 0, err;

	rewinddir(s->dir);
	while (errno = 0, (e = readdir(s->dir))) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		err = read_one(s, e->d_name, &p);
		if (!err) {
			take(arg, &p);
			taken++;
		} else if (!is_gone(err)) {
			unread++;
		}
	}
	if (errno)
		return -errno;
	if (!taken && !unread)
		return -ENODATA;
	return is_hiding(s) ? PROCESSES_HIDDEN : unread;
}

const struct process_way process_proc = {
	.origin = WIRE_ORIGIN_PROC,
	.open = proc_way_open,
	.read = proc_way_read,
	.close = proc_way_close,
};
