// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <ktach/net.h>

#include "lib/kernel/pinned_map.h"
#include "lib/kernel/pins.h"

enum {
	LOCK_TRIES = 10, /* while others remove the folder under us */
};

/* systemd mounts the usual bpffs; where there is none, it is mounted here. */
static int need_bpffs(const char *dir)
{
	char copy[PIN_PATH_MAX];
	const char *parent;
	struct statfs fs;

	snprintf(copy, sizeof(copy), "%s", dir);
	parent = dirname(copy);
	if (statfs(parent, &fs))
		return -errno;
	if (fs.f_type == BPF_FS_MAGIC)
		return 0;
	if (strcmp(parent, KTACH_NET_BPFFS))
		return -ENOTSUP;
	return mount("bpf", parent, "bpf", 0, "mode=0700") ? -errno : 0;
}

static int open_folder(struct pins *p)
{
	if (mkdir(p->dir, 0700) && errno != EEXIST)
		return -errno;
	p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->fd < 0 ? -errno : 0;
}

int pins_open(struct pins *p, const char *dir, const char **what)
{
	int error;

	*p = (struct pins){ .dir = dir, .fd = -1 };
	*what = "mount a bpffs for the pins";
	error = strlen(dir) < PIN_PATH_MAX / 2 ? need_bpffs(dir) :
						 -ENAMETOOLONG;
	if (error)
		return error;
	*what = "make the folder of the pins";
	return open_folder(p);
}

void pins_close(struct pins *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

/* Whether the folder that was opened is still the one of that name. */
static bool is_current(const struct pins *p)
{
	struct stat mine, now;

	return !fstat(p->fd, &mine) && !stat(p->dir, &now) &&
	       mine.st_ino == now.st_ino && mine.st_dev == now.st_dev;
}

bool pins_lock(struct pins *p)
{
	int i;

	for (i = 0; i < LOCK_TRIES; i++) {
		if (flock(p->fd, LOCK_EX | LOCK_NB))
			return false;
		if (is_current(p))
			return true;
		close(p->fd);
		if (open_folder(p))
			return false;
	}
	return false;
}

/* "1: FLOCK  ADVISORY  WRITE 123 00:1f:4711 0 EOF" */
unsigned int pins_owner(const struct pins *p)
{
	unsigned int pid, device_major, device_minor, owner = 0;
	FILE *locks = fopen("/proc/locks", "re");
	unsigned long inode;
	char line[128];
	struct stat s;

	while (locks && !owner && fgets(line, sizeof(line), locks)) {
		if (sscanf(line, "%*u: FLOCK %*s %*s %u %x:%x:%lu", &pid,
			   &device_major, &device_minor, &inode) == 4 &&
		    !fstat(p->fd, &s) && s.st_ino == inode &&
		    s.st_dev == makedev(device_major, device_minor))
			owner = pid;
	}
	if (locks)
		fclose(locks);
	return owner;
}

int pins_get(const struct pins *p, const char *name)
{
	char path[PIN_PATH_MAX];
	int error = pin_path(path, p->dir, name);

	return error ? error : bpf_obj_get(path);
}

int pins_put(const struct pins *p, const char *name, int fd)
{
	char path[PIN_PATH_MAX];
	int error = pin_path(path, p->dir, name);

	return error ? error : bpf_obj_pin(fd, path);
}

void pins_remove(const struct pins *p, const char *name)
{
	unlinkat(p->fd, name, 0);
}

void pins_clear(struct pins *p, bool folder)
{
	DIR *d = opendir(p->dir);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] != '.')
			pins_remove(p, entry->d_name);
	}
	if (d)
		closedir(d);
	if (folder)
		rmdir(p->dir);
}
