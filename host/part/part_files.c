// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values that stand in files as tables/parts.def says: of each folder that its path with
 * stars stands for, numbers of files, or behind words in them.
 *
 * What is read is one text in memory that nothing has to be relocated in, as most of a
 * host's tables would be touched once in a while for nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/part/part.h"

enum {
	PATH_SIZE = 256,
	NAME_SIZE = 48, /* of a label */
	VALUE_SIZE = 256, /* of a label, or a file of one number */
	READ_WORDS = 7,
};

/* Each word ends with a NUL; the first one says what follows. */
static const char book[] =
#define GROUP(name, ...) "g\0" #name "\0"
#define FROM(TREE, path, labels) "f\0" #TREE "\0" path "\0" labels "\0"
#define READ(T, series, factor, file, key, index, more)                  \
	"r\0" #T "\0" series "\0" #factor "\0" file "\0" key "\0" #index \
	"\0" more "\0"
#include "tables/parts.def"
	"";

/**
 * struct reading - of one folder
 * @parts: gets the values
 * @dir: the folder
 * @labels: of all of them
 * @file: whose text is in @text; NULL: none yet
 */
struct reading {
	struct parts *parts;
	int dir;
	const struct part_labels *labels;
	const char *file;
	const char *text;
};

/* As READ() has it. */
struct wanted {
	const char *type;
	const char *series;
	const char *factor;
	const char *file;
	const char *key;
	const char *index;
	const char *more;
};

static const char *next(const char *word)
{
	return word + strlen(word) + 1;
}

/* Behind it. */
static const char *take_wanted(const char *at, struct wanted *w)
{
	const char *words[READ_WORDS];
	int i;

	at = next(at);
	for (i = 0; i < READ_WORDS; i++) {
		words[i] = at;
		at = next(at);
	}
	*w = (struct wanted){ words[0], words[1], words[2], words[3],
			      words[4], words[5], words[6] };
	return at;
}

/* --- values ------------------------------------------------------------------ */

/* "-12", "0x1f", "34": the whole word. */
static bool number_of(const char *text, bool minus, int64_t *value)
{
	const bool is_less = minus && *text == '-';
	const char *at = text + is_less;
	const bool hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
	uint64_t v;

	if (!part_number(hex ? at + 2 : at, 0, hex ? 16 : 10, &v) ||
	    v > INT64_MAX)
		return false;
	*value = is_less ? -(int64_t)v : (int64_t)v;
	return true;
}

/* Where the word stands, at the beginning of a line or behind a blank: what follows. */
static const char *find_key(const char *text, const char *key)
{
	const size_t size = strlen(key);
	const char *at = text;

	while ((at = strstr(at, key))) {
		if ((at == text || strchr(" \t\n", at[-1])) &&
		    part_word(at) == size)
			return part_next(at);
		at += size;
	}
	return NULL;
}

static bool load(struct reading *r, const char *file)
{
	struct host_memory *m = r->parts->options->memory;

	if (!r->file || strcmp(r->file, file)) {
		r->file = file;
		r->text =
			host_text_all(m ? m : &r->parts->memory, r->dir, file);
	}
	return r->text;
}

static void put(struct reading *r, const struct wanted *w, int64_t value)
{
	const double factor = strtod(w->factor, NULL);
	struct part_labels all = *r->labels;

	if (*w->more && all.used + strlen(w->more) + 2 < sizeof(all.text)) {
		if (all.used)
			all.text[all.used++] = ',';
		strcpy(all.text + all.used, w->more);
	}
	if (*w->type != 'C')
		part_put(r->parts, w->series, &all, (double)value * factor);
	else if (factor == 1)
		part_count(r->parts, w->series, &all, (uint64_t)value);
	else
		own_rows_add(&r->parts->rows, w->series, all.text,
			     (double)value * factor, true);
}

static void put_word(struct reading *r, const struct wanted *w,
		     const char *word, size_t size)
{
	struct part_labels all = *r->labels;

	part_label_size(&all, w->more, word, size);
	part_put(r->parts, w->series, &all, 1);
}

/* All words of the first line, or the one in brackets. */
static void read_words(struct reading *r, const struct wanted *w)
{
	const bool chosen = *w->key == '[';
	const char *at = r->text;
	size_t size;

	if (!strchr(at, '\n'))
		return;
	for (; (size = part_word(at)); at = part_next(at))
		if (!chosen)
			put_word(r, w, at, size);
		else if (*at == '[' && at[size - 1] == ']')
			put_word(r, w, at + 1, size - 2);
}

static void read_number(struct reading *r, const struct wanted *w)
{
	char text[VALUE_SIZE];
	int64_t value;
	int n = host_text_at(r->dir, w->file, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	strcpy(text + n, "\n");
	if (!part_next(text)[0] || part_next(text)[0] == '\n')
		if (number_of(text, *w->type == 'I', &value))
			put(r, w, value);
}

static void read_behind(struct reading *r, const struct wanted *w)
{
	const char *at = find_key(r->text, w->key);
	unsigned long n = strtoul(w->index, NULL, 10);
	int64_t value;

	for (; at && n; n--)
		at = part_next(at);
	if (at && number_of(at, *w->type == 'I', &value))
		put(r, w, value);
}

static void read_one(struct reading *r, const struct wanted *w)
{
	if (*w->key == '*') {
		if (!*w->file || host_exists_at(r->dir, w->file))
			put(r, w, 1);
	} else if (!*w->key) {
		read_number(r, w);
	} else if (!load(r, w->file)) {
		return;
	} else if (*w->key == '=' || *w->key == '[') {
		read_words(r, w);
	} else {
		read_behind(r, w);
	}
}

/* --- folders ------------------------------------------------------------------- */

/* The next of the labels: its name, and of one that a file tells the file's. */
static const char *take_label(const char *at, char name[NAME_SIZE],
			      char file[NAME_SIZE], char *sign)
{
	size_t all = strcspn(at, ","), size = strcspn(at, ",=#!");

	*sign = at[size];
	snprintf(name, NAME_SIZE, "%.*s", (int)size, at);
	snprintf(file, NAME_SIZE, "%.*s",
		 size < all ? (int)(all - size - 1) : 0, at + size + 1);
	return at + all + (at[all] == ',');
}

static bool is_plain(const char *text, int size)
{
	int i;

	for (i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return size > 0;
}

/* Labels that stand in files. False if one is missing that has to be there. */
static bool add_labels(int dir, const char *labels, struct part_labels *l)
{
	char name[NAME_SIZE], file[NAME_SIZE], value[VALUE_SIZE], sign;
	int64_t number;
	int n;

	while (*labels) {
		labels = take_label(labels, name, file, &sign);
		if (sign == '#') {
			if (host_number_at(dir, file, &number) || number < 0)
				return false;
			snprintf(value, sizeof(value), "%lld",
				 (long long)number);
			part_label(l, name, value);
			continue;
		}
		n = host_text_at(dir, file, value, sizeof(value));
		while (n > 0 && value[n - 1] == ' ')
			n--;
		if (sign == '!' && !is_plain(value, n))
			return false;
		if (n > 0)
			part_label_size(l, name, value, (size_t)n);
	}
	return true;
}

static void read_folder(struct parts *p, int dir, const char *labels,
			const struct part_labels *stars, const char *reads)
{
	struct part_labels all = *stars;
	struct reading r = { .parts = p, .dir = dir, .labels = &all };
	struct wanted w;

	if (!add_labels(dir, labels, &all))
		return;
	while (*reads == 'r') {
		reads = take_wanted(reads, &w);
		read_one(&r, &w);
	}
}

/**
 * struct walk - to the folders of a path
 * @parts: gets the values
 * @reads: what is read in each
 */
struct walk {
	struct parts *parts;
	const char *reads;
};

static void go(const struct walk *w, int from, const char *path,
	       const char *labels, const struct part_labels *stars);

/* What the star stands for in a name, if this has what is before and behind it. */
static size_t star_size(const char *name, const char *part, size_t size,
			const char *star)
{
	size_t all = strlen(name), before = (size_t)(star - part);
	size_t behind = size - before - 1;

	if (*name == '.' || all <= before + behind ||
	    memcmp(name, part, before) ||
	    memcmp(name + all - behind, star + 1, behind))
		return 0;
	return all - before - behind;
}

static void go_each(const struct walk *w, DIR *folder, const char *path,
		    const char *star, const char *labels,
		    const struct part_labels *stars)
{
	const size_t size = strcspn(path, "/");
	char name[NAME_SIZE], file[NAME_SIZE], sign, rest[PATH_SIZE];
	const char *behind = take_label(labels, name, file, &sign);
	const struct dirent *e;

	while ((e = readdir(folder))) {
		struct part_labels all = *stars;
		size_t n = star_size(e->d_name, path, size, star);

		if (!n || strchr(e->d_name, '*') ||
		    snprintf(rest, sizeof(rest), "%s%s", e->d_name,
			     path + size) >= (int)sizeof(rest))
			continue;
		if (*name != '-')
			part_label_size(&all, name, e->d_name + (star - path),
					n);
		go(w, dirfd(folder), rest, behind, &all);
	}
}

static void go(const struct walk *w, int from, const char *path,
	       const char *labels, const struct part_labels *stars)
{
	const char *star = strchr(path, '*'), *part = star;
	char before[PATH_SIZE];
	DIR *folder;
	int dir;

	while (part && part > path && part[-1] != '/')
		part--;
	snprintf(before, sizeof(before), "%.*s",
		 part ? (int)(part - path) : (int)strlen(path), path);
	dir = openat(from, *before ? before : ".",
		     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	if (!star) {
		read_folder(w->parts, dir, labels, stars, w->reads);
		close(dir);
		return;
	}
	folder = fdopendir(dir);
	if (!folder) {
		close(dir);
		return;
	}
	go_each(w, folder, part, star, labels, stars);
	closedir(folder);
}

static const char *tree_of(const struct parts *p, const char *tree)
{
	return *tree == 'S' ? p->options->sys : p->options->proc;
}

/* Behind what is read there. */
static const char *read_from(struct parts *p, const char *at, bool chosen)
{
	const char *tree = next(at), *path = next(tree), *labels = next(path);
	const struct walk w = { p, next(labels) };
	const struct part_labels none = { .used = 0 };
	char whole[PATH_SIZE];
	int dir = chosen && *w.reads == 'r' ? host_dir(tree_of(p, tree), "") :
					      -1;

	if (dir >= 0) {
		snprintf(whole, sizeof(whole), "%s%s%s",
			 *tree == 'N' ? p->net : "", *tree == 'N' ? "/" : "",
			 path);
		go(&w, dir, whole, labels, &none);
		close(dir);
	}
	return w.reads;
}

void part_files(struct parts *p)
{
	const char *at = book;
	struct wanted unread;
	bool chosen = false;

	while (*at) {
		if (*at == 'g') {
			chosen = part_chosen(p->options, next(at));
			at = next(next(at));
		} else if (*at == 'f') {
			at = read_from(p, at, chosen);
		} else {
			at = take_wanted(at, &unread);
		}
	}
}
