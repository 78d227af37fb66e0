// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/number_file.h"
#include "lib/base/log.h"

enum {
	FILES_MAX = 8,
	JUST_NOW_NS = 2000000, /* all of a tick is read in less */
};

struct number_files {
	const char *collector;
	const struct number_file *files;
	const struct host_text *given;
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

int number_files_open(void **state, const char *collector,
		      const struct host_options *options,
		      const struct number_file *files,
		      const struct host_text *given)
{
	struct number_files *s = calloc(1, sizeof(*s));
	int failed[FILES_MAX], i;
	bool any = false;

	if (!s)
		return -ENOMEM;
	s->collector = collector;
	s->files = files;
	s->given = given;
	for (i = 0; files[i].name; i++) {
		failed[i] = host_file_open(&s->file[i], options->proc,
					   files[i].name);
		s->file[i].shared = options->memory;
		s->file[i].at_once = files[i].at_once;
		s->file[i].line_max = files[i].line_max;
		any |= !failed[i];
	}
	for (i = 0; files[i].name && (any || !i); i++)
		if (failed[i] && !(any && files[i].optional))
			complain(collector, options->proc, files[i].name,
				 failed[i]);
	if (!any) {
		free(s);
		return failed[0];
	}
	*state = s;
	return 0;
}

static bool was_just_read(const struct number_files *s)
{
	return s->given && s->given->text &&
	       s->numbers.mono_ns - s->given->mono_ns < JUST_NOW_NS;
}

static int read_one(struct number_files *s, int i)
{
	struct host_file *f = &s->file[i];
	int err;

	if (f->fd < 0)
		return 0;
	if (!i && was_just_read(s))
		return s->files[i].parse(s->given->text, &s->numbers);
	err = host_file_read(f);
	if (!err)
		err = s->files[i].parse(f->text, &s->numbers);
	host_trouble(&s->trouble[i], s->collector, f->path, err);
	return err;
}

int number_files_read(void *state, const struct host_sink *sink)
{
	struct number_files *s = state;
	int i, err, failed = 0;

	numbers_begin(&s->numbers);
	for (i = 0; s->files[i].name; i++) {
		err = read_one(s, i);
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
