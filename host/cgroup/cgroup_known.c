// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "host/cgroup/cgroup_known.h"
#include "host/cgroup/cgroup_name.h"
#include "host/file.h"
#include "lib/base/resized.h"

enum {
	KNOWN_MAX = 8192,
};

/* A part of a file's name. */
struct part {
	const char *at;
	size_t size;
};

static char *append(char *to, struct part p)
{
	memcpy(to, p.at, p.size);
	to[p.size] = '\0';
	return to + p.size + 1;
}

static void add(struct cgroup_known *k, struct part id, struct part name,
		struct part pod, struct part space)
{
	struct cgroup_alias a, *all;
	char *at;

	if (k->count == KNOWN_MAX)
		return;
	all = grown(k->all, k->count, &k->room, sizeof(*k->all));
	if (!all)
		return;
	k->all = all;
	a.id = malloc(id.size + name.size + pod.size + space.size + 4);
	if (!a.id)
		return;
	a.name = at = append(a.id, id);
	a.pod = at = append(at, name);
	a.space = at = append(at, pod);
	append(at, space);
	k->all[k->count++] = a;
}

/* Return what stands before @sign, and move @rest behind it. */
static struct part cut(struct part *rest, char sign)
{
	const char *end = memchr(rest->at, sign, rest->size);
	struct part p = { rest->at, end ? (size_t)(end - rest->at) : 0 };

	if (!end)
		return p;
	rest->size -= p.size + 1;
	rest->at = end + 1;
	return p;
}

/* "POD_NAMESPACE_CONTAINER-ID.log" */
static void take_log(struct cgroup_known *k, const char *file)
{
	struct part name = { file, strlen(file) }, id, pod, space;
	size_t after = CGROUP_ID_SIZE + strlen("-.log");

	if (!cgroup_ends_with(file, name.size, ".log") || name.size <= after)
		return;
	name.size -= after;
	id = (struct part){ name.at + name.size + 1, CGROUP_ID_SIZE };
	pod = cut(&name, '_');
	space = cut(&name, '_');
	if (cgroup_is_id(id.at, id.size) && id.at[-1] == '-' && pod.size &&
	    space.size && name.size)
		add(k, id, name, pod, space);
}

/* "NAMESPACE_POD_UID" */
static void take_pod(struct cgroup_known *k, const char *folder)
{
	struct part uid = { folder, strlen(folder) }, none = { "", 0 };
	struct part space = cut(&uid, '_'), pod = cut(&uid, '_');

	if (space.size && pod.size && uid.size)
		add(k, uid, none, pod, space);
}

static void list(struct cgroup_known *k, const char *root, const char *folder,
		 void (*take)(struct cgroup_known *k, const char *name))
{
	int fd = host_dir(root, folder);
	struct dirent *entry;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	while (dir && (entry = readdir(dir)))
		take(k, entry->d_name);
	if (dir)
		closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct cgroup_alias *x = a, *y = b;

	return strcmp(x->id, y->id);
}

void cgroup_known_load(struct cgroup_known *k, const char *root)
{
	cgroup_known_exit(k);
	list(k, root, "var/log/containers", take_log);
	list(k, root, "var/log/pods", take_pod);
	if (k->count)
		qsort(k->all, k->count, sizeof(*k->all), compare);
}

void cgroup_known_exit(struct cgroup_known *k)
{
	while (k->count)
		free(k->all[--k->count].id);
	free(k->all);
	*k = (struct cgroup_known){ 0 };
}

const struct cgroup_alias *cgroup_known_find(const struct cgroup_known *k,
					     const char *id)
{
	const struct cgroup_alias key = { .id = (char *)id };

	return k->count ? bsearch(&key, k->all, k->count, sizeof(*k->all),
				  compare) :
			  NULL;
}
