// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host/mount/mount_list.h"
#include "lib/base/globs.h"
#include "lib/base/resized.h"

void mount_list_exit(struct mount_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		free(list->mounts[i].point);
		free(list->mounts[i].source);
		free(list->mounts[i].type);
	}
	free(list->mounts);
	*list = (struct mount_list){ 0 };
}

static bool excluded(const struct mountinfo *m, const struct host_options *o)
{
	char point[PATH_MAX];

	return o->exclude_mounts &&
	       mountinfo_copy(&m->point, point, sizeof(point)) > 0 &&
	       globs_match(o->exclude_mounts, point);
}

static int list_mounts(struct mount_list *list, const char *text,
		       const struct host_options *o)
{
	struct mount *mounts;
	struct mountinfo m;

	while (list->count < MOUNTS_MAX && mountinfo_next(&text, &m)) {
		if (!mountinfo_wanted(&m) || excluded(&m, o))
			continue;
		mounts = grown(list->mounts, list->count, &list->room,
			       sizeof(*mounts));
		if (!mounts)
			return -ENOMEM;
		list->mounts = mounts;
		mounts[list->count++] = (struct mount){ .info = m };
	}
	return 0;
}

static bool same_text(const struct mountinfo_text *a,
		      const struct mountinfo_text *b)
{
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

/* A mount without a type is out. */
static void leave_out(struct mount *m)
{
	m->info.type.size = 0;
}

static bool is_out(const struct mount *m)
{
	return !m->info.type.size;
}

/* Whole before part, then the shorter path, then the first; at one path the
 * last, as that is on top: a service has its own folders mounted once more, with
 * all that is below.
 */
static int compare_device(const void *x, const void *y)
{
	const struct mount *a = *(struct mount *const *)x;
	const struct mount *b = *(struct mount *const *)y;
	bool whole = mountinfo_is(&a->info.root, "/");

	if (a->info.device != b->info.device)
		return a->info.device < b->info.device ? -1 : 1;
	if (whole != mountinfo_is(&b->info.root, "/"))
		return whole ? -1 : 1;
	if (a->info.point.size != b->info.point.size)
		return a->info.point.size < b->info.point.size ? -1 : 1;
	if (same_text(&a->info.point, &b->info.point))
		return a > b ? -1 : a < b;
	return a < b ? -1 : a > b;
}

static int compare_id(const void *x, const void *y)
{
	const struct mount *a = *(struct mount *const *)x;
	const struct mount *b = *(struct mount *const *)y;

	return a->info.id < b->info.id ? -1 : a->info.id > b->info.id;
}

/* To be freed; NULL without memory. */
static struct mount **sorted(const struct mount_list *list,
			     int (*compare)(const void *, const void *))
{
	struct mount **all = calloc(list->count + 1, sizeof(*all));
	size_t i;

	if (!all)
		return NULL;
	for (i = 0; i < list->count; i++)
		all[i] = &list->mounts[i];
	qsort(all, list->count, sizeof(*all), compare);
	return all;
}

/* @all is sorted by id. NULL if there is none. */
static struct mount *find_mount(struct mount **all, size_t count, uint64_t id)
{
	struct mount wanted = { .info.id = id }, *key = &wanted, **found;

	found = bsearch(&key, all, count, sizeof(*all), compare_id);
	return found ? *found : NULL;
}

/* What is mounted on the root of another mount covers all of that. */
static int leave_out_covered(struct mount_list *list, const char *text)
{
	struct mount **all = sorted(list, compare_id), *below;
	struct mountinfo m;

	if (!all)
		return -ENOMEM;
	while (mountinfo_next(&text, &m)) {
		below = find_mount(all, list->count, m.parent);
		if (below && m.parent != m.id &&
		    same_text(&below->info.point, &m.point))
			leave_out(below);
	}
	free(all);
	return 0;
}

/* Whether a mount of the same subvolume stands between @first and @m. */
static bool is_again(struct mount **first, struct mount **m)
{
	for (; first < m; first++)
		if (!is_out(*first) &&
		    same_text(&(*first)->info.root, &(*m)->info.root))
			return true;
	return false;
}

/* Of one device; the first one stays, and tells of its space. */
static void leave_out_same(struct mount **first, struct mount **end)
{
	struct mount **m;

	for (m = first + 1; m < end; m++) {
		if (is_out(*m))
			continue;
		if (!(*m)->info.subvolume || is_again(first, m))
			leave_out(*m);
		else
			(*m)->shared = true;
	}
}

static int leave_out_doubles(struct mount_list *list)
{
	struct mount **all = sorted(list, compare_device), **end, **m;

	if (!all)
		return -ENOMEM;
	end = all + list->count;
	for (m = all; m < end;) {
		struct mount **first = m;

		if (is_out(*m++))
			continue;
		while (m < end && (*m)->info.device == (*first)->info.device)
			m++;
		leave_out_same(first, m);
	}
	free(all);
	return 0;
}

static char *copy(const struct mountinfo_text *t)
{
	char text[PATH_MAX];

	return mountinfo_copy(t, text, sizeof(text)) < 0 ? NULL : strdup(text);
}

/* Texts of those that are left; one that has a bad text, or no memory for it,
 * goes, too.
 */
static void copy_texts(struct mount_list *list)
{
	size_t i, count = 0;

	for (i = 0; i < list->count; i++) {
		struct mount m = list->mounts[i];

		if (is_out(&m))
			continue;
		m.point = copy(&m.info.point);
		m.source = copy(&m.info.source);
		m.type = copy(&m.info.type);
		if (m.point && m.source && m.type) {
			list->mounts[count++] = m;
			continue;
		}
		free(m.point);
		free(m.source);
		free(m.type);
	}
	list->count = count;
}

int mount_list_parse(struct mount_list *list, const char *text,
		     const struct host_options *o)
{
	int err;

	*list = (struct mount_list){ 0 };
	err = list_mounts(list, text, o);
	if (!err)
		err = leave_out_covered(list, text);
	if (!err)
		err = leave_out_doubles(list);
	if (err) {
		free(list->mounts);
		*list = (struct mount_list){ 0 };
		return err;
	}
	copy_texts(list);
	return 0;
}

int mount_list_inherit(struct mount_list *list, struct mount_list *before)
{
	struct mount **all = sorted(before, compare_id);
	size_t i;

	if (!all)
		return -ENOMEM;
	for (i = 0; i < list->count; i++) {
		struct mount *m = &list->mounts[i];
		struct mount *same = find_mount(all, before->count, m->info.id);

		if (!same || m->info.device != same->info.device ||
		    strcmp(m->point, same->point))
			continue;
		m->probe = same->probe;
		m->hung = same->hung;
		same->probe = NULL;
	}
	free(all);
	return 0;
}
