// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/file.h"
#include "host/group_stat.h"
#include "host/own/own_folder.h"
#include "host/own/own_text.h"
#include "lib/base/log.h"
#include "lib/base/resized.h"

static int is_text(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return size > 5 && *entry->d_name != '.' &&
	       !strcmp(entry->d_name + size - 5, ".prom");
}

/* Once for each state of a file. */
static bool is_news(struct own_folder *f, const char *name, int64_t changed_s)
{
	const uint64_t number = group_stat_key(name, strlen(name));
	struct own_complaint *said;
	bool news;
	size_t i;

	for (i = 0; i < f->count && f->said[i].name != number; i++)
		;
	if (i == f->count) {
		said = grown(f->said, f->count, &f->room, sizeof(*f->said));
		if (!said)
			return true;
		f->said = said;
		f->said[f->count++] = (struct own_complaint){ number, -1 };
	}
	news = f->said[i].changed_s != changed_s;
	f->said[i].changed_s = changed_s;
	return news;
}

static void complain(struct own_folder *f, const char *name, int64_t changed_s,
		     const struct own_refused *r)
{
	if (!is_news(f, name, changed_s))
		return;
	if (!r->line)
		log_warn("own: %s/%s: %s", f->path, name, r->why);
	else
		log_warn("own: %s/%s:%zu: %s; of its lines %zu %s left out",
			 f->path, name, r->line, r->why, r->count,
			 r->count == 1 ? "is" : "are");
}

static void add_time(struct own_rows *o, const char *path, double time_s)
{
	struct label file = { "file", 4, path, strlen(path) };
	char labels[OWN_NAME_SIZE];

	if (!strpbrk(path, "\"\\\n") && !own_labels(labels, &file, 1))
		own_rows_add(o, "node_textfile_mtime_seconds", labels, time_s,
			     false);
}

/* Whether all was well. */
static bool read_one(struct own_folder *f, struct own_rows *o, const char *name)
{
	struct own_refused refused = { 0 };
	struct host_file file;
	struct stat st;
	int err = host_plain_once(&file, f->path, name);

	if (err == -ENOENT) /* has just gone */
		return true;
	if (err) {
		refused = (struct own_refused){
			.why = err == -ENOTSUP ? "it is no plain file" :
						 strerror(-err)
		};
		complain(f, name, 0, &refused);
		return false;
	}
	refused = own_text(o, file.text);
	if (fstat(file.fd, &st))
		st = (struct stat){ 0 };
	if (refused.count)
		complain(f, name, st.st_mtim.tv_sec, &refused);
	add_time(o, file.path,
		 (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9);
	host_file_close(&file);
	return !refused.count;
}

int own_folder_read(struct own_folder *f, struct own_rows *o)
{
	struct dirent **list;
	int count = scandir(f->path, &list, is_text, alphasort), i;
	int err = count < 0 ? -errno : 0;
	bool well = !err;

	for (i = 0; i < count; i++) {
		well &= read_one(f, o, list[i]->d_name);
		free(list[i]);
	}
	if (!err)
		free(list);
	host_trouble(&f->trouble, "own", f->path, err);
	own_rows_add(o, "node_textfile_scrape_error", "", !well, false);
	return err;
}

void own_folder_close(struct own_folder *f)
{
	free(f->said);
}
