// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collector "cgroup": what services, containers, pods and slices use, by their
 * control groups. Folders are gone through level by level, so that of more groups than
 * there may be rows the ones above are told. A new folder is told by inotify: until
 * then the list of the last time is gone through.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cgroup/cgroup_files.h"
#include "host/cgroup/cgroup_known.h"
#include "host/cgroup/cgroup_name.h"
#include "host/collector.h"
#include "host/file.h"
#include "host/group_stat.h"
#include "host/rows.h"
#include "host/settle.h"
#include "lib/base/clock.h"
#include "lib/base/globs.h"
#include "lib/base/log.h"

#define DEFAULT_EXCLUDE "*.mount,*.socket,*.swap"

enum {
	PATHS_FIRST = 4096,
	PATHS_MAX = 4 << 20, /* bytes of all paths of a hierarchy */
	EVENTS_SIZE = 4096,
	NEWS_COST = 50,
};

/**
 * struct group_list - the groups of a hierarchy
 * @paths: of each, one after the other with a NUL, behind the root's own, which is ""
 * @used: bytes of @paths
 * @room: there
 * @device: of the root
 * @inode: of the root; what is mounted over it is another one
 * @whole: nothing is missing, unless inotify tells
 */
struct group_list {
	char *paths;
	size_t used;
	size_t room;
	dev_t device;
	ino_t inode;
	bool whole;
};

/**
 * struct cgroups - the collector
 * @options: whose texts stay
 * @events: inotify; -1 without
 * @settle: runs while there is something new
 * @lists: of each hierarchy
 * @known: names of containers and pods
 * @asked: they were read anew for this reading
 * @rows: the table
 * @full: it was said that there are more
 * @news: folders were made since they were watched; what is listed then is watched
 * @next_ns: before that, what is new waits; CLOCK_MONOTONIC
 * @trouble: that they could not be read
 */
struct cgroups {
	const struct host_options *options;
	int events;
	struct settle settle;
	struct group_list lists[CGROUP_HIERARCHIES];
	struct cgroup_known known;
	bool asked;
	struct rows rows;
	bool full;
	bool news;
	uint64_t next_ns;
	struct host_trouble trouble;
};

/* --- opening ------------------------------------------------------------------- */

/* Without it new groups are seen at the next reading. */
static void open_events(struct cgroups *c)
{
	c->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->events >= 0 && settle_watch(&c->settle, c->events, EPOLLIN)) {
		close(c->events);
		c->events = -1;
	}
}

static int cgroup_open(void **state, const struct host_options *options)
{
	struct cgroups *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->options = options;
	c->news = true;
	err = settle_open(&c->settle);
	if (err) {
		log_warn("cgroup: %s; control groups are left out",
			 strerror(-err));
		free(c);
		return err;
	}
	open_events(c);
	c->rows.kind = WIRE_CGROUP;
	*state = c;
	return 0;
}

static void cgroup_close(void *state)
{
	struct cgroups *c = state;
	size_t i;

	if (c->events >= 0)
		close(c->events);
	settle_close(&c->settle);
	cgroup_known_exit(&c->known);
	rows_exit(&c->rows);
	for (i = 0; i < CGROUP_HIERARCHIES; i++)
		free(c->lists[i].paths);
	free(c);
}

/* --- names --------------------------------------------------------------------- */

/* One that is not known yet may have come since. */
static const struct cgroup_alias *find_alias(struct cgroups *c, const char *id)
{
	const struct cgroup_alias *a = cgroup_known_find(&c->known, id);

	if (a || c->asked)
		return a;
	cgroup_known_load(&c->known, host_options_root(c->options));
	c->asked = true;
	return cgroup_known_find(&c->known, id);
}

static void put_text(struct cgroups *c, uint32_t index, const char *text)
{
	rows_text(&c->rows, index, text, strlen(text));
}

/* "NAMESPACE/POD/CONTAINER", as far as it is one of Kubernetes. */
static void put_alias(struct cgroups *c, const struct cgroup_name *n,
		      const struct cgroup_alias *a)
{
	char name[3 * WIRE_TEXT_MAX];

	snprintf(name, sizeof(name), "%s%s%s%s%s", a->space,
		 *a->space ? "/" : "", a->pod, *a->pod && *a->name ? "/" : "",
		 a->name);
	put_text(c, WIRE_CGROUP_NAME, *name ? name : n->name);
	put_text(c, WIRE_CGROUP_POD, a->pod);
	put_text(c, WIRE_CGROUP_NAMESPACE, a->space);
}

static void put_texts(struct cgroups *c, const struct cgroup_name *n,
		      const char *path)
{
	const struct cgroup_alias *a = NULL;

	if (*n->id)
		a = find_alias(c, n->id);
	else if (*n->uid)
		a = find_alias(c, n->uid);
	if (a)
		put_alias(c, n, a);
	else
		put_text(c, WIRE_CGROUP_NAME, n->name);
	rows_name(&c->rows, WIRE_CGROUP_PATH, path, strlen(path));
	put_text(c, WIRE_CGROUP_KIND, n->kind);
}

/* --- reading ------------------------------------------------------------------- */

static const struct cgroup_hierarchy *hierarchies(const char *sys)
{
	int fd = host_dir(sys, "fs/cgroup");
	bool unified = fd >= 0 && host_exists_at(fd, "cgroup.controllers");

	if (fd >= 0)
		close(fd);
	return unified ? cgroup_unified : cgroup_legacy;
}

static bool is_chosen(const struct cgroups *c, const char *path)
{
	const char *exclude = c->options->exclude_cgroups;

	if (!c->options->include_cgroups && !exclude)
		exclude = DEFAULT_EXCLUDE;
	return globs_choose(c->options->include_cgroups, exclude, path);
}

/* Its row; NULL if there is no room for one. The others of version 1 find it. */
static uint64_t *row_of(struct cgroups *c, const struct cgroup_name *n,
			const char *path)
{
	uint64_t key = group_stat_key(path, strlen(path));
	uint64_t *row = rows_find(&c->rows, key);

	if (row)
		return row;
	if (c->rows.count >= c->options->cgroups) {
		if (!c->full)
			log_warn(
				"cgroup: there are more than %u control groups; --cgroup-count tells of more, --cgroup-exclude of others",
				c->rows.count);
		c->full = true;
		return NULL;
	}
	row = rows_add(&c->rows, key);
	if (row)
		put_texts(c, n, path);
	return row;
}

/* --- lists --------------------------------------------------------------------- */

static bool make_room(struct group_list *l, size_t more)
{
	size_t room = l->room ? l->room : PATHS_FIRST;
	char *paths;

	while (room < l->used + more)
		room *= 2;
	if (room == l->room)
		return true;
	paths = room > PATHS_MAX ? NULL : realloc(l->paths, room);
	if (!paths)
		return false;
	l->paths = paths;
	l->room = room;
	return true;
}

/* @above: where the path of the group above is. */
static void add_path(struct group_list *l, size_t above, const char *name)
{
	size_t size = strlen(l->paths + above), more = size + strlen(name) + 2;

	if (!make_room(l, more)) {
		l->whole = false;
		return;
	}
	memcpy(l->paths + l->used, l->paths + above, size);
	l->paths[l->used + size] = '/';
	strcpy(l->paths + l->used + size + 1, name);
	l->used += more;
}

/* Those below the group at @at, whose folder is closed. */
static void list_below(struct group_list *l, int dir, size_t at)
{
	struct dirent *entry;
	struct stat st;
	DIR *folder;

	/* One that holds no folder has two links: its own, and that from above. */
	folder = !fstat(dir, &st) && st.st_nlink == 2 ? NULL : fdopendir(dir);
	if (!folder) {
		close(dir);
		return;
	}
	while ((entry = readdir(folder)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			add_path(l, at, entry->d_name);
	closedir(folder);
}

/* Whether it is the list of what is there now: else it begins anew, with the root. */
static bool list_holds(struct cgroups *c, struct group_list *l, int root)
{
	struct stat st;

	if (fstat(root, &st))
		return false;
	if (l->device != st.st_dev || l->inode != st.st_ino)
		c->news = true;
	if (!c->news && l->whole)
		return true;
	l->device = st.st_dev;
	l->inode = st.st_ino;
	l->whole = c->events >= 0;
	l->used = 0;
	if (make_room(l, 1))
		l->paths[l->used++] = '\0';
	return false;
}

/* Watched before its folders are listed, so that each is in the list or told. */
static void watch(const struct cgroups *c, struct group_list *l,
		  const char *hierarchy, const char *path)
{
	const uint32_t made = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
	char *all;

	if (!l->whole)
		return;
	l->whole = asprintf(&all, "%s/%s%s", c->options->sys, hierarchy,
			    path) >= 0;
	if (!l->whole)
		return;
	/* One that has just ended is nowhere. */
	l->whole = inotify_add_watch(c->events, all, made) >= 0 ||
		   errno == ENOENT;
	free(all);
}

/* --- groups -------------------------------------------------------------------- */

/* @anew: groups below it are to be listed. */
static void read_group(struct cgroups *c, struct group_list *l,
		       const struct cgroup_hierarchy *h, uint32_t files,
		       int root, size_t at, bool anew)
{
	const char *path = l->paths + at;
	int dir = openat(root, path + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct cgroup_name name;
	uint64_t *row;

	if (dir < 0) { /* has ended */
		l->whole = false;
		return;
	}
	cgroup_name(&name, path);
	row = is_chosen(c, path) ? row_of(c, &name, path) : NULL;
	if (row)
		cgroup_files_read(h->files, files, dir, row);
	if (anew && !cgroup_name_ends(&name))
		list_below(l, dir, at);
	else
		close(dir);
}

static int list_root(struct cgroups *c, struct group_list *l,
		     const struct cgroup_hierarchy *h, int root)
{
	int dir;

	watch(c, l, h->folder, "");
	dir = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || !l->used) {
		l->whole = false;
		return -ENOENT;
	}
	list_below(l, dir, 0);
	return 0;
}

static int read_hierarchy(struct cgroups *c, const struct cgroup_hierarchy *h,
			  struct group_list *l)
{
	int root = host_dir(c->options->sys, h->folder), err = 0;
	uint32_t files;
	bool anew;
	size_t at;

	if (root < 0)
		return root;
	files = cgroup_files_there(h->files, root);
	anew = !list_holds(c, l, root);
	if (anew)
		err = list_root(c, l, h, root);
	for (at = 1; at < l->used; at += strlen(l->paths + at) + 1) {
		if (anew)
			watch(c, l, h->folder, l->paths + at);
		read_group(c, l, h, files, root, at, anew);
	}
	close(root);
	return err;
}

/* Where there are none, it is not an error: so it is in many containers. */
static int read_all(struct cgroups *c)
{
	const struct cgroup_hierarchy *h;
	struct group_list *list = c->lists;
	int err = 0, one;

	for (h = hierarchies(c->options->sys); h->folder; h++, list++) {
		one = read_hierarchy(c, h, list);
		if (one && one != -ENOENT && one != -ENOTDIR)
			err = one;
	}
	return err;
}

/* Whether folders were made. */
static bool take_events(struct cgroups *c)
{
	char events[EVENTS_SIZE]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *e;
	ssize_t n, at;
	bool made = false;

	while (c->events >= 0 &&
	       (n = read(c->events, events, sizeof(events))) > 0)
		for (at = 0; at < n; at += (ssize_t)sizeof(*e) + e->len) {
			e = (const struct inotify_event *)(events + at);
			made |= e->mask & (IN_CREATE | IN_MOVED_TO |
					   IN_UNMOUNT | IN_Q_OVERFLOW);
		}
	c->news |= made;
	return made;
}

static int cgroup_read(void *state, const struct host_sink *sink)
{
	struct cgroups *c = state;
	const uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	int err;

	settle_end(&c->settle);
	rows_clear(&c->rows);
	c->asked = false;
	take_events(c);
	err = read_all(c);
	c->news = false;
	host_trouble(&c->trouble, "cgroup", "fs/cgroup", err);
	rows_put(&c->rows, sink, WIRE_ORIGIN_PROC, real_ns, mono_ns);
	c->next_ns = clock_mono_ns();
	c->next_ns += NEWS_COST * (c->next_ns - mono_ns);
	return err;
}

/* --- what is new --------------------------------------------------------------- */

static int cgroup_fd(void *state)
{
	struct cgroups *c = state;

	return c->settle.epoll;
}

/* Which ones are new does not matter: all are read. Where many come and go, that takes
 * no more than one part in NEWS_COST of a CPU.
 */
static int cgroup_changed(void *state, const struct host_sink *sink)
{
	struct cgroups *c = state;

	if (settle_over(&c->settle)) {
		if (clock_mono_ns() >= c->next_ns)
			return cgroup_read(c, sink);
		settle_begin(&c->settle);
	}
	if (take_events(c))
		settle_begin(&c->settle);
	return 0;
}

const struct host_collector host_cgroup = {
	.name = "cgroup",
	.summary = "what services, containers, pods and slices use",
	.interval_ns = 20000000000,
	.enabled = true,
	.open = cgroup_open,
	.read = cgroup_read,
	.close = cgroup_close,
	.fd = cgroup_fd,
	.changed = cgroup_changed,
};
