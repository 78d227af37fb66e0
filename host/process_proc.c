// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/file.h"
#include "host/process_way.h"
#include "lib/clock.h"

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

/* One that has gone, is not ours to see or makes no sense is none. */
static bool read_one(struct proc_way *s, const char *pid, struct process *p)
{
	char path[PATH_SIZE], text[STAT_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/stat", pid) >=
	    sizeof(path))
		return false;
	if (host_text_at(dirfd(s->dir), path, text, sizeof(text)) < 0)
		return false;
	p->at_ns = clock_mono_ns();
	p->uid = PROCESS_NO_UID;
	return !process_stat_parse(text, &s->units, p) &&
	       p->pid == strtoul(pid, NULL, 10);
}

static int proc_way_read(void *state, process_take *take, void *arg)
{
	struct proc_way *s = state;
	const struct dirent *e;
	struct process p;
	bool any = false;

	rewinddir(s->dir);
	for (;;) {
		errno = 0;
		e = readdir(s->dir);
		if (!e)
			break;
		if (!isdigit((unsigned char)e->d_name[0]) ||
		    !read_one(s, e->d_name, &p))
			continue;
		take(arg, &p);
		any = true;
	}
	if (errno)
		return -errno;
	return any ? 0 : -ENODATA;
}

const struct process_way process_proc = {
	.origin = WIRE_ORIGIN_PROC,
	.open = proc_way_open,
	.read = proc_way_read,
	.close = proc_way_close,
};
