// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/login/revoked.h"
#include "lib/base/clock.h"
#include "lib/base/file_seen.h"
#include "lib/base/log.h"

enum {
	LINE_SIZE = 256,
	GROW = 16,
};

#define S UINT64_C(1000000000)
#define TELL_EVERY_NS (60 * S)

static bool parse_line(const char *line, struct revoked_token *token)
{
	_Static_assert(LOGIN_NAME_SIZE == 64, "the widths below");
	*token = (struct revoked_token){ 0 };
	if (sscanf(line, "id %63s", token->id) == 1)
		return true;
	return sscanf(line, "name %63s %" SCNu64, token->id, &token->until_s) ==
		       2 &&
	       token->until_s;
}

static int read_list(struct revoked *fresh, FILE *f)
{
	char line[LINE_SIZE];

	while (fgets(line, sizeof(line), f)) {
		struct revoked_token token, *more;

		if (!parse_line(line, &token))
			continue;
		if (fresh->count % GROW == 0) {
			more = realloc(fresh->list,
				       (fresh->count + GROW) * sizeof(*more));
			if (!more)
				return -ENOMEM;
			fresh->list = more;
		}
		fresh->list[fresh->count++] = token;
	}
	return ferror(f) ? -EIO : 0;
}

/* Each second: it is tried until it can be read. */
static void tell_unreadable(struct revoked *r, int err)
{
	uint64_t now = clock_mono_ns();

	if (r->told_ns && now - r->told_ns < TELL_EVERY_NS)
		return;
	r->told_ns = now;
	log_error("%s: %s; tokens stay revoked as before", r->path,
		  strerror(-err));
}

bool revoked_look(struct revoked *r)
{
	struct revoked fresh = { 0 };
	struct stat now = { 0 };
	FILE *f;
	int err;

	if (!*r->path || (stat(r->path, &now) && errno != ENOENT) ||
	    file_seen_same(&now, &r->seen))
		return false;
	f = now.st_ino ? fopen(r->path, "re") : NULL;
	err = f ? read_list(&fresh, f) : now.st_ino ? -errno : 0;
	if (f)
		fclose(f);
	if (err) {
		tell_unreadable(r, err);
		free(fresh.list);
		return false;
	}
	free(r->list);
	r->list = fresh.list;
	r->count = fresh.count;
	r->seen = now;
	return true;
}

void revoked_free(struct revoked *r)
{
	free(r->list);
	r->list = NULL;
	r->count = 0;
}

/* A token that does not say when it was issued may be as old as any. */
bool revoked_has(const struct revoked *r, const struct login_claims *claims)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		const struct revoked_token *t = &r->list[i];

		if (t->until_s ? !strcmp(t->id, claims->name) &&
					 claims->issued_s <= t->until_s :
				 !strcmp(t->id, claims->id))
			return true;
	}
	return false;
}

static void make_line(const char *what, char *line, size_t size)
{
	char id[LOGIN_ID_SIZE];

	if (strlen(what) >= LOGIN_NAME_SIZE && login_id(what, id))
		snprintf(line, size, "id %s\n", id);
	else if (strlen(what) == LOGIN_ID_SIZE - 1 &&
		 strspn(what, "0123456789abcdef") == LOGIN_ID_SIZE - 1)
		snprintf(line, size, "id %s\n", what);
	else
		snprintf(line, size, "name %s %" PRIu64 "\n", what,
			 clock_real_ns() / S);
}

/* The folder is the collector's, and whoever adds a line may be root: a link there
 * leads nowhere. What others made stays as it is; a new file is readable for the
 * collector, whatever the umask: there is no secret in it.
 */
static int open_list(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC,
		      0644);

	if (fd < 0 && errno == EEXIST)
		return open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
					  O_CLOEXEC);
	if (fd < 0 || !fchmod(fd, 0644))
		return fd;
	close(fd);
	return -1;
}

/* The last line may lack its end, by a full disk or an editor: what is written behind
 * it would be part of it, and revoke nothing.
 */
static bool begins_line(int fd)
{
	struct stat now;
	char last;

	return fstat(fd, &now) || !now.st_size ||
	       pread(fd, &last, 1, now.st_size - 1) != 1 || last == '\n';
}

static bool write_line(int fd, const char *line)
{
	char text[LINE_SIZE + 1];
	int size = snprintf(text, sizeof(text), "%s%s",
			    begins_line(fd) ? "" : "\n", line);

	return write(fd, text, (size_t)size) == size && !fsync(fd);
}

int revoked_add(const char *folder, const char *what)
{
	char path[4096], line[LINE_SIZE];
	struct revoked_token token;
	int fd, err = 0;

	make_line(what, line, sizeof(line));
	if (what[strcspn(what, " \t\r\n\v\f")] || !parse_line(line, &token)) {
		log_error(
			"--revoke '%s': expected a token, its id, or the name that it is for",
			what);
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "%s/" REVOKED_FILE, folder);
	fd = open_list(path);
	if (fd < 0 || !write_line(fd, line)) {
		err = errno ? -errno : -EIO;
		log_error("%s: %s; --data names the collector's folder", path,
			  strerror(-err));
	}
	if (fd >= 0)
		close(fd);
	return err;
}
