// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/mount/mount_probe.h"

enum {
	STACK_BYTES = 64 << 10, /* of a process; half of a probe's thread's */
};

static struct mount_probe *mount_of(struct probe *p)
{
	return (struct mount_probe *)((char *)p -
				      offsetof(struct mount_probe, probe));
}

/* A path leads to the mount on top, also where one above it has been covered.
 * Kernels before 5.8 don't tell which one that is.
 */
static bool is_covered(const struct mount_probe *m)
{
	const int flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC |
			  AT_SYMLINK_NOFOLLOW;
	struct statx x;

	if (!m->id || statx(AT_FDCWD, m->path, flags, STATX_MNT_ID, &x) ||
	    !(x.stx_mask & STATX_MNT_ID))
		return false;
	return x.stx_mnt_id != m->id;
}

static void look_at_mount(struct mount_probe *m)
{
	m->latest = (struct mount_answer){ .known = true,
					   .covered = is_covered(m) };
	if (!m->latest.covered && statvfs(m->path, &m->latest.fs))
		m->latest.err = -errno;
}

/* It may outlive us: nobody shall wait for what it has open. */
static int look_apart(void *arg)
{
	close_range(0, ~0U, 0);
	look_at_mount(arg);
	return 0;
}

/* A thread that hangs in a call that cannot be killed, as one to a FUSE file
 * system, would keep the whole program from ending. So a process makes the
 * call, in our memory, while the thread waits for it, which can be killed. No
 * signal tells of that process's end.
 */
static void ask_mount(struct probe *p)
{
	_Alignas(16) char stack[STACK_BYTES];
	struct mount_probe *m = mount_of(p);
	pid_t pid;

	if (!p->doubtful) {
		look_at_mount(m);
		return;
	}
	pid = clone(look_apart, stack + sizeof(stack), CLONE_VM | CLONE_VFORK,
		    m);
	if (pid < 0)
		m->latest =
			(struct mount_answer){ .known = true, .err = -errno };
	else
		waitpid(pid, NULL, __WCLONE);
}

static void free_probe(struct probe *p)
{
	struct mount_probe *m = mount_of(p);

	free(m->path);
	free(m);
}

struct mount_probe *mount_probe_new(const char *root, const char *point,
				    uint64_t id, bool remote)
{
	struct mount_probe *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->probe.run = ask_mount;
	m->probe.free = free_probe;
	m->probe.doubtful = remote;
	m->id = id;
	if (asprintf(&m->path, "%s%s", root, point) < 0) {
		free(m);
		return NULL;
	}
	return m;
}
