// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads rules: a section for each, in INI format. */
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/alarms/draft.h"
#include "collector/figures/figure.h"
#include "lib/base/ini_lines.h"
#include "lib/base/resized.h"

enum {
	PATH_SIZE = 4096,
};

/**
 * struct reading - of one file
 * @rules: where its rules go
 * @room: for rules there
 * @path: of the file
 * @lines: of it
 * @under_way: a section is: the last of the rules
 * @draft: of it
 * @problem: what is wrong; "": nothing yet
 * @size: room there
 */
struct reading {
	struct rules *rules;
	size_t *room;
	const char *path;
	struct ini_lines lines;
	bool under_way;
	struct draft draft;
	char *problem;
	unsigned int size;
};

static bool __attribute__((format(printf, 2, 3)))
refuse(struct reading *in, const char *format, ...)
{
	va_list args;
	int n;

	if (in->problem[0])
		return false;
	n = snprintf(in->problem, in->size, "%s:%d: ", in->path,
		     in->lines.number);
	va_start(args, format);
	vsnprintf(in->problem + n, in->size - (unsigned int)n, format, args);
	va_end(args);
	return false;
}

/* The section under way is over. */
static bool finish(struct reading *in)
{
	struct rule *r;

	if (!in->under_way)
		return true;
	r = &in->rules->all[in->rules->count - 1];
	if (!draft_finish(&in->draft, r))
		return refuse(in, "%s", in->draft.problem);
	in->rules->kinds |= 1U << r->kind;
	in->under_way = false;
	return true;
}

static bool begin(struct reading *in, const char *name)
{
	struct rules *rules = in->rules;
	const struct rule *same = rules_find(rules, name);
	struct rule *all;
	char origin[PATH_SIZE + 16];

	if (!finish(in))
		return false;
	if (same)
		return refuse(in, "[%s]: there is one of this name at %s", name,
			      same->origin);
	if (rules->count == RULES_MAX)
		return refuse(in, "there are more than %d rules", RULES_MAX);
	all = grown(rules->all, rules->count, in->room, sizeof(*all));
	if (!all)
		return refuse(in, "no memory for it");
	rules->all = all;
	snprintf(origin, sizeof(origin), "%s:%d", in->path, in->lines.number);
	all += rules->count++;
	*all = (struct rule){ .name = strdup(name),
			      .origin = strdup(origin),
			      .severity = SEVERITY_WARNING };
	in->draft = (struct draft){ 0 };
	in->under_way = true;
	return all->name && all->origin ? true : refuse(in, "no memory for it");
}

static int take_line(void *context, const char *section, const char *name,
		     const char *value)
{
	struct reading *in = context;
	struct rules *rules = in->rules;

	if (in->problem[0] || in->lines.too_long)
		return 1;
	if (!*section)
		return refuse(in, "%s: expected [NAME-OF-A-RULE] before it",
			      name);
	if ((!in->under_way ||
	     strcmp(rules->all[rules->count - 1].name, section)) &&
	    !begin(in, section))
		return 0;
	return draft_take(&in->draft, &rules->all[rules->count - 1], name,
			  value, in->lines.goes_on) ?
		       1 :
		       refuse(in, "%s", in->draft.problem);
}

static void refuse_line(struct reading *in, int number, const char *why)
{
	in->lines.number = number;
	refuse(in, "%s", why);
}

/* Ends with the file closed. */
static int read_stream(struct reading *in, FILE *file)
{
	int bad, too_long;

	in->lines = (struct ini_lines){ .file = file };
	in->under_way = false;
	bad = ini_parse_stream(ini_lines_read, &in->lines, take_line, in);
	too_long = in->lines.too_long;
	if (too_long && (!bad || too_long <= bad))
		refuse_line(
			in, too_long,
			"the line is too long: it may go on in the next one, behind a space");
	else if (bad)
		refuse_line(in, bad > 0 ? bad : in->lines.number,
			    "expected 'key = value' or '[NAME]'");
	else
		finish(in);
	fclose(file);
	return in->problem[0] ? -EINVAL : 0;
}

static int read_default(struct reading *in)
{
	FILE *file = fmemopen((void *)rules_default,
			      (size_t)(rules_default_end - rules_default), "r");

	in->path = "default.rules";
	return file ? read_stream(in, file) : -ENOMEM;
}

static int is_rules(const struct dirent *d)
{
	size_t length = strlen(d->d_name);

	return d->d_name[0] != '.' && length > 6 &&
	       !strcmp(d->d_name + length - 6, ".rules");
}

static int read_path(struct reading *in, const char *path)
{
	FILE *file = fopen(path, "re");
	int err;

	in->path = path;
	if (!file) {
		err = -errno;
		snprintf(in->problem, in->size, "%s: %s", path, strerror(-err));
		return err;
	}
	return read_stream(in, file);
}

static int read_file(struct reading *in, const char *folder, const char *name)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return read_path(in, path);
}

static int read_folder(struct reading *in, const char *folder, bool named)
{
	struct dirent **files;
	int i, err = 0, count = scandir(folder, &files, is_rules, alphasort);

	if (count < 0 && errno == ENOENT && !named)
		return read_default(in);
	if (count < 0) {
		err = -errno;
		snprintf(in->problem, in->size, "%s: %s", folder,
			 strerror(-err));
		return err;
	}
	for (i = 0; i < count; i++) {
		if (!err)
			err = read_file(in, folder, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	return err;
}

static void begin_reading(struct reading *in)
{
	*in->rules = (struct rules){ 0 };
	in->problem[0] = '\0';
	figure_count(); /* their names are made */
}

static int index_rules(struct reading *in)
{
	int err = rules_index(in->rules);

	if (err)
		snprintf(in->problem, in->size, "no memory for rules");
	return err;
}

int rules_load(struct rules *r, const char *folder, bool named, char *problem,
	       unsigned int size)
{
	size_t room = 0;
	struct reading in = {
		.rules = r, .room = &room, .problem = problem, .size = size
	};
	int err;

	begin_reading(&in);
	err = folder ? read_folder(&in, folder, named) : read_default(&in);
	if (!err)
		err = index_rules(&in);
	if (err)
		rules_free(r);
	return err;
}

int rules_load_file(struct rules *r, const char *path, char *problem,
		    unsigned int size)
{
	size_t room = 0;
	struct reading in = {
		.rules = r, .room = &room, .problem = problem, .size = size
	};
	int err;

	begin_reading(&in);
	err = read_path(&in, path);
	if (!err)
		err = index_rules(&in);
	if (err)
		rules_free(r);
	return err;
}

void rules_free(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		free(r->all[i].name);
		free(r->all[i].origin);
		free(r->all[i].rows);
		free(r->all[i].not_rows);
		free(r->all[i].nodes);
		free(r->all[i].text);
		free(r->all[i].why);
		free(r->all[i].look);
	}
	free(r->all);
	free(r->subjects);
	free(r->limits);
	free(r->of_fleet);
	*r = (struct rules){ 0 };
}
