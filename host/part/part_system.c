// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is logged in, and whether something is to be done: files of the host's root. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/part/part.h"
#include "lib/base/resized.h"
#include "lib/kernel/proc.h"

enum {
	NAME_ROOM = 64,
	SESSION_ROOM = 2048, /* of its file */
};

/* --- sessions --------------------------------------------------------------------------- */

/* Sessions that are alike, and how many. */
struct alike {
	struct part_labels labels;
	const char *series;
	uint64_t count;
};

struct sessions {
	struct alike *all;
	size_t count;
	size_t room;
};

static void add(struct sessions *s, const char *series,
		const struct part_labels *l)
{
	struct alike *all;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->all[i].series, series) &&
		    !strcmp(s->all[i].labels.text, l->text))
			break;
	if (i == s->count) {
		all = grown(s->all, s->count, &s->room, sizeof(*s->all));
		if (!all)
			return;
		s->all = all;
		s->all[s->count++] = (struct alike){ *l, series, 0 };
	}
	s->all[i].count++;
}

/* The value behind "NAME=" at the beginning of a line: its size. */
static size_t value_of(const char *text, const char *name, const char **value)
{
	const size_t size = strlen(name);

	for (; *text; text = proc_next_line(text)) {
		if (strncmp(text, name, size) || text[size] != '=')
			continue;
		*value = text + size + 1;
		return strcspn(*value, "\n");
	}
	return 0;
}

static void label_from(struct part_labels *l, const char *text,
		       const char *name, const char *label)
{
	const char *value;
	size_t size = value_of(text, name, &value);

	part_label_size(l, label, value, size);
}

/* As systemd-logind writes it: "# This is private data.", "UID=1000", "USER=me" ... One that
 * is closing is none any more; of a file without one of these nothing is known.
 */
static void take_session(struct sessions *s, const char *text)
{
	struct part_labels l = { .used = 0 };
	const char *value;
	size_t size = value_of(text, "STATE", &value);

	if (!size || (size == 7 && !memcmp(value, "closing", size)) ||
	    !value_of(text, "TYPE", &value) || !value_of(text, "CLASS", &value))
		return;
	size = value_of(text, "REMOTE", &value);
	if (size != 1)
		return;
	label_from(&l, text, "CLASS", "class");
	part_label(&l, "remote", *value == '1' ? "true" : "false");
	label_from(&l, text, "SEAT", "seat");
	label_from(&l, text, "TYPE", "type");
	add(s, "node_logind_sessions", &l);
	l.used = 0;
	label_from(&l, text, "USER", "user");
	if (l.used)
		add(s, "ktach_user_sessions", &l);
}

void part_session(struct parts *p)
{
	int fd =
		host_dir(host_options_root(p->options), "run/systemd/sessions");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct sessions s = { 0 };
	char text[SESSION_ROOM];
	const struct dirent *e;
	size_t i;
	int n;

	/* Beside each is a pipe, by which the session is held: it is not opened. */
	while (dir && (e = readdir(dir))) {
		if (*e->d_name == '.' || strchr(e->d_name, '.'))
			continue;
		n = host_text_at(fd, e->d_name, text, sizeof(text) - 1);
		if (n <= 0)
			continue;
		strcpy(text + n, "\n");
		take_session(&s, text);
	}
	for (i = 0; i < s.count; i++)
		part_put(p, s.all[i].series, &s.all[i].labels,
			 (double)s.all[i].count);
	free(s.all);
	if (dir)
		closedir(dir);
}

/* --- what is to be done -------------------------------------------------------------------- */

static void put_changed(struct parts *p, int root, const char *file,
			const char *series)
{
	struct stat st;

	if (!fstatat(root, file, &st, 0))
		part_put(p, series, NULL, (double)st.st_mtim.tv_sec);
}

static void put_kind(struct parts *p, const char *kind, uint64_t updates)
{
	struct part_labels l = { .used = 0 };

	part_label(&l, "kind", kind);
	part_put(p, "ktach_updates", &l, (double)updates);
}

/* "12 updates can be applied immediately.", "3 of these updates are standard security
 * updates.", as update-notifier leaves them in different words: the number that the line
 * begins with.
 */
static void put_updates(struct parts *p, int root)
{
	char text[SESSION_ROOM];
	int n = host_text_at(root, "var/lib/update-notifier/updates-available",
			     text, sizeof(text) - 1);
	const char *line;
	uint64_t value;

	if (n < 0)
		return;
	strcpy(text + n, "\n");
	for (line = text; *line; line = proc_next_line(line)) {
		const char *end = strchr(line, '\n'),
			   *safe = strstr(line, "security update"),
			   *any = strstr(line, "can be applied immediately");

		if (!part_number(line, 0, 10, &value))
			continue;
		if (safe && safe < end)
			put_kind(p, "security", value);
		else if (any && any < end)
			put_kind(p, "all", value);
	}
}

void part_update(struct parts *p)
{
	const char *tree = host_options_root(p->options);
	int root = host_dir(*tree ? tree : "/", "");

	if (root < 0)
		return;
	part_put(p, "node_reboot_required", NULL,
		 host_exists_at(root, "run/reboot-required"));
	put_updates(p, root);
	put_changed(p, root, "var/lib/apt/lists",
		    "ktach_package_lists_timestamp_seconds");
	put_changed(p, root, "var/lib/dpkg/status",
		    "ktach_packages_changed_timestamp_seconds");
	put_changed(p, root, "var/lib/rpm/rpmdb.sqlite",
		    "ktach_packages_changed_timestamp_seconds");
	close(root);
}
