// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/number_file.h"
#include "lib/log.h"

enum {
	FILES_MAX = 4,
};

struct number_files {
	const char *collector;
	const struct number_file *files;
	struct host_file file[FILES_MAX];
	struct host_trouble trouble[FILES_MAX];
	struct numbers numbers;
};

static void complain(const char *collector, const char *proc, const char *name,
		     int err)
{
	log_info("%s: cannot open %s/%s: %s; what it tells is left out",
		 collector, proc, name, strerror(-err));
}

int number_files_open(void **state, const char *collector, const char *proc,
		      const struct number_file *files)
{
	struct number_files *s = calloc(1, sizeof(*s));
	int i, err;

	if (!s)
		return -ENOMEM;
	s->collector = collector;
	s->files = files;
	for (i = 0; files[i].name; i++) {
		err = host_file_open(&s->file[i], proc, files[i].name);
		if (!err)
			continue;
		complain(collector, proc, files[i].name, err);
		if (!i) {
			free(s);
			return err;
		}
	}
	*state = s;
	return 0;
}

int number_files_read(void *state, const struct host_sink *sink)
{
	struct number_files *s = state;
	int i, err, failed = 0;

	numbers_begin(&s->numbers);
	for (i = 0; s->files[i].name; i++) {
		struct host_file *f = &s->file[i];

		if (f->fd < 0)
			continue;
		err = host_file_read(f);
		if (!err)
			err = s->files[i].parse(f->text, &s->numbers);
		host_trouble(&s->trouble[i], s->collector, f->path, err);
		if (err)
			failed = err;
	}
	numbers_put(&s->numbers, sink);
	return failed;
}

void number_files_close(void *state)
{
	struct number_files *s = state;
	int i;

	for (i = 0; s->files[i].name; i++)
		host_file_close(&s->file[i]);
	numbers_exit(&s->numbers);
	free(s);
}
