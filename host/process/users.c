// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/process/users.h"
#include "lib/base/file_seen.h"
#include "lib/kernel/proc.h"

#define PASSWD "etc/passwd"

void users_init(struct users *u, const char *root)
{
	*u = (struct users){ .root = root };
}

/* Replaced, mostly: another inode. */
void users_refresh(struct users *u)
{
	struct stat is = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/" PASSWD, u->root);
	stat(path, &is);
	if (file_seen_same(&is, &u->was))
		return;
	u->was = is;
	u->count = 0;
}

/* "name:password:uid:..." */
static bool is_line_of(const char *line, uint64_t uid)
{
	const char *at = line + strcspn(line, ":\n");
	unsigned long long v;
	char *end;

	if (*at != ':')
		return false;
	at++;
	at += strcspn(at, ":\n");
	if (at[0] != ':' || at[1] < '0' || at[1] > '9')
		return false;
	errno = 0;
	v = strtoull(at + 1, &end, 10);
	return !errno && *end == ':' && v == uid;
}

int users_find(const char *text, uint32_t uid, char *name, size_t size)
{
	const char *line;

	for (line = text; *line; line = proc_next_line(line)) {
		size_t length = strcspn(line, ":\n");

		if (!length || length >= size || !is_line_of(line, uid))
			continue;
		memcpy(name, line, length);
		name[length] = '\0';
		return 0;
	}
	return -ENOENT;
}

static void look_up(const char *root, uint32_t uid, char *name)
{
	struct host_file f;
	int err = host_file_open(&f, root, PASSWD);

	if (!err) {
		err = host_file_read(&f);
		if (!err)
			err = users_find(f.text, uid, name, USER_NAME);
		host_file_close(&f);
	}
	if (err)
		snprintf(name, USER_NAME, "%u", uid);
}

const char *users_name(struct users *u, uint32_t uid)
{
	struct user *user;
	uint32_t i;

	for (i = 0; i < u->count; i++)
		if (u->of[i].uid == uid)
			return u->of[i].name;
	if (u->count == USERS_MAX)
		u->count = 0;
	user = &u->of[u->count++];
	user->uid = uid;
	look_up(u->root, uid, user->name);
	return user->name;
}
