// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ktach/wire.h>

#include "host/file.h"
#include "host/link/link_stack.h"
#include "host/options.h"

/* What the kernel calls its links to what an interface lies on. */
static const char prefix[] = "lower_";

struct finder {
	int class_net;
	bool own;
	void (*found)(void *arg, const char *text, size_t size);
	void *arg;
};

/* Takes @fd over, also if it is an error. */
static DIR *open_folder(int fd)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

/* Whether the folder is of our network: the interface has the same number there. */
static bool is_here(const struct finder *f, const char *name)
{
	char path[IF_NAMESIZE + sizeof("/ifindex")];
	int64_t number;

	if (!f->own)
		return true;
	snprintf(path, sizeof(path), "%.15s/ifindex", name);
	return !host_number_at(f->class_net, path, &number) &&
	       number == if_nametoindex(name);
}

/* The names of the interfaces that it lies on, as many as there is room for in the
 * text.
 */
static void tell_stack(const struct finder *f, const char *name, DIR *dir)
{
	const size_t begin = strlen(name), skip = sizeof(prefix) - 1;
	char text[WIRE_TEXT_MAX + 1];
	const struct dirent *entry;
	size_t used = begin;

	memcpy(text, name, begin);
	while ((entry = readdir(dir))) {
		const char *lower = entry->d_name + skip;
		size_t size = strlen(entry->d_name);

		if (size <= skip || size - skip >= IF_NAMESIZE ||
		    strncmp(entry->d_name, prefix, skip))
			continue;
		size -= skip;
		if (used + 1 + size > WIRE_TEXT_MAX) {
			f->found(f->arg, text, used);
			used = begin;
		}
		text[used++] = ' ';
		memcpy(text + used, lower, size);
		used += size;
	}
	if (used > begin)
		f->found(f->arg, text, used);
}

static void look_at(const struct finder *f, const char *name)
{
	DIR *dir;

	if (*name == '.' || strlen(name) >= IF_NAMESIZE || !is_here(f, name))
		return;
	dir = open_folder(
		openat(f->class_net, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!dir)
		return;
	tell_stack(f, name, dir);
	closedir(dir);
}

void link_stack_find(const struct host_options *o,
		     void (*found)(void *arg, const char *text, size_t size),
		     void *arg)
{
	struct finder f = { host_dir(o->sys, "class/net"),
			    !host_options_foreign(o), found, arg };
	const struct dirent *entry;
	DIR *all = open_folder(f.class_net);

	if (!all)
		return;
	while ((entry = readdir(all)))
		look_at(&f, entry->d_name);
	closedir(all);
}
