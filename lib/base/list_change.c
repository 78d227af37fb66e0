// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/list_change.h"
#include "lib/base/log.h"
#include "lib/base/whole_file.h"

void list_path(const struct list_kind *kind, const char *folder, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", folder, kind->name);
}

int list_load(const struct list_kind *kind, const char *folder, void *context)
{
	char path[PATH_MAX];

	list_path(kind, folder, path);
	return list_file_load(path, kind->expected, kind->take, context);
}

static int trouble(const char *path, int err)
{
	log_error("%s: %s; --data names the collector's folder", path,
		  strerror(-err));
	return err;
}

int list_change_begin(const struct list_kind *kind, const char *folder,
		      void *context)
{
	int err, lock = list_file_lock(folder);

	if (lock < 0)
		return trouble(folder, lock);
	err = list_load(kind, folder, context);
	if (!err)
		return lock;
	log_error("nothing was changed: correct the list first");
	close(lock);
	return err;
}

static char *make_text(const struct list_kind *kind, const void *context,
		       size_t *size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	if (!f)
		return NULL;
	kind->put(context, f);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

static int store(const struct list_kind *kind, const char *folder,
		 const void *context, const char *path)
{
	struct stat like;
	size_t size;
	char *text;
	int err = kind->mode ? list_file_like(&like, folder, kind->mode) : 0;

	if (err)
		return err;
	text = make_text(kind, context, &size);
	if (!text)
		return -ENOMEM;
	err = whole_file_write(path, text, size, kind->mode ? &like : NULL);
	free(text);
	return err;
}

int list_change_end(const struct list_kind *kind, const char *folder,
		    const void *context, int lock, int err)
{
	char path[PATH_MAX];

	if (!err) {
		list_path(kind, folder, path);
		err = store(kind, folder, context, path);
		if (err)
			trouble(path, err);
	}
	close(lock);
	return err;
}
