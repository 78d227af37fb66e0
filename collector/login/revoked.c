// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/login/revoked.h"
#include "lib/base/clock.h"
#include "lib/base/file_seen.h"
#include "lib/base/list_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

enum {
	LINES_SIZE = 512,
	ENCODED_SIZE = 3 * LOGIN_NAME_SIZE,
	ID_DIGITS = LOGIN_ID_SIZE - 1,
	GROW = 16,
};

#define S UINT64_C(1000000000)
#define AGAIN_NS (60 * S)
#define HEX_DIGITS "0123456789abcdef"
#define EXPECTED \
	"'id ID', 'name NAME SECONDS' or 'encoded NAME SECONDS'; use 'ktach-collector token --revoke'"

static bool is_id(const char *text)
{
	return strlen(text) == ID_DIGITS &&
	       strspn(text, HEX_DIGITS) == ID_DIGITS;
}

/* False: there is a % that is none of ours, or a name that is too long. */
static bool decode_name(const char *text, char name[LOGIN_NAME_SIZE])
{
	size_t size = 0;
	uint8_t byte;

	for (; *text; text++) {
		byte = (uint8_t)*text;
		if (byte == '%') {
			char digits[3] = { text[1], text[1] ? text[2] : '\0' };

			if (hex_parse(digits, &byte, 1) || !byte)
				return false;
			text += 2;
		}
		if (size == LOGIN_NAME_SIZE - 1)
			return false;
		name[size++] = (char)byte;
	}
	name[size] = '\0';
	return true;
}

static bool parse_name(const char *line, struct revoked_token *token)
{
	char kind[8], name[ENCODED_SIZE], seconds[24], rest;

	_Static_assert(ENCODED_SIZE == 192, "the width below");
	if (sscanf(line, "%7s %191s %20s %c", kind, name, seconds, &rest) !=
		    3 ||
	    seconds[strspn(seconds, "0123456789")] ||
	    sscanf(seconds, "%" SCNu64, &token->until_s) != 1)
		return false;
	if (!strcmp(kind, "name") && strlen(name) < LOGIN_NAME_SIZE)
		strcpy(token->id, name);
	else if (strcmp(kind, "encoded") || !decode_name(name, token->id))
		return false;
	return token->until_s;
}

static bool parse_line(const char *line, struct revoked_token *token)
{
	*token = (struct revoked_token){ 0 };
	if (strncmp(line, "id ", 3))
		return parse_name(line, token);
	if (!is_id(line + 3))
		return false;
	strcpy(token->id, line + 3);
	return true;
}

static int take_line(void *context, const char *line)
{
	struct revoked *r = context;
	struct revoked_token token, *more;

	if (!parse_line(line, &token))
		return -EINVAL;
	if (r->count % GROW == 0) {
		more = realloc(r->list, (r->count + GROW) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		r->list = more;
	}
	r->list[r->count++] = token;
	return 0;
}

/* @f: NULL: @errno says why. Return 0, or -errno after a message. */
static int read_list(struct revoked *fresh, const char *path, FILE *f)
{
	int err = -errno;

	if (f) {
		err = list_file_read(f, path, EXPECTED, take_line, fresh);
		fclose(f);
	} else if (err) {
		log_error("%s: %s", path, strerror(-err));
	}
	if (err)
		revoked_free(fresh);
	return err;
}

static int load_list(struct revoked *fresh, const char *path)
{
	int err = list_file_load(path, EXPECTED, take_line, fresh);

	if (err)
		revoked_free(fresh);
	return err;
}

/* Whether the file has changed, or is to be tried again. */
static bool is_due(struct revoked *r, uint64_t now_ns)
{
	struct stat now = { 0 };
	bool changed;

	if (stat(r->path, &now))
		now = (struct stat){ 0 };
	changed = !file_seen_same(&now, &r->seen);
	r->seen = now;
	return changed || (r->again_ns ? now_ns >= r->again_ns : !r->known);
}

bool revoked_look(struct revoked *r)
{
	uint64_t now_ns = clock_mono_ns();
	struct revoked fresh = { 0 };
	bool changed;

	if (!*r->path || !is_due(r, now_ns))
		return false;
	if (load_list(&fresh, r->path)) {
		r->again_ns = now_ns + AGAIN_NS;
		log_error("%s: not taken over; %s", r->path,
			  r->known ?
				  "tokens stay revoked as before" :
				  "correct it: who is on it would be let in");
		return false;
	}
	changed = r->count || fresh.count;
	free(r->list);
	r->list = fresh.list;
	r->count = fresh.count;
	r->again_ns = 0;
	r->known = true;
	return changed;
}

bool revoked_known(struct revoked *r)
{
	if (!r->known)
		revoked_look(r);
	return r->known;
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

static bool ends_word(char c)
{
	return (unsigned char)c <= ' ' || c == '\x7f';
}

/* As tokens' names count: by so many of their first bytes. */
static void encode_name(const char *name, char text[ENCODED_SIZE + 8])
{
	size_t size = strnlen(name, LOGIN_NAME_SIZE - 1), i;
	bool plain = true;

	for (i = 0; i < size; i++)
		plain = plain && !ends_word(name[i]);
	text += sprintf(text, plain ? "name " : "encoded ");
	for (i = 0; i < size; i++)
		text += sprintf(text,
				plain || (!ends_word(name[i]) &&
					  name[i] != '%') ?
					"%c" :
					"%%%02x",
				(unsigned char)name[i]);
}

static void lower(const char *text, char id[LOGIN_ID_SIZE])
{
	size_t i;

	for (i = 0; i < ID_DIGITS && text[i]; i++)
		id[i] = (char)tolower((unsigned char)text[i]);
	id[i] = '\0';
}

/* A name may look like an id. Return what they revoke. */
static const char *make_lines(const char *what, char lines[LINES_SIZE])
{
	char id[LOGIN_ID_SIZE], name[ENCODED_SIZE + 8];
	const char *done = "all tokens that the name has so far";

	if (login_id(what, id)) {
		snprintf(lines, LINES_SIZE, "id %s\n", id);
		return "the token";
	}
	lower(what, id);
	if (strlen(what) == ID_DIGITS && is_id(id)) {
		lines += sprintf(lines, "id %s\n", id);
		done = "the token with this id, and all that a name like it has so far";
	}
	encode_name(what, name);
	sprintf(lines, "%s %" PRIu64 "\n", name, clock_real_ns() / S);
	return done;
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

/* Whole, or not at all. */
static int write_lines(int fd, const char *lines)
{
	char text[LINES_SIZE + 1];
	ssize_t size = snprintf(text, sizeof(text), "%s%s",
				begins_line(fd) ? "" : "\n", lines);
	off_t end = lseek(fd, 0, SEEK_END);
	int err;

	errno = 0;
	if (write(fd, text, (size_t)size) == size && !fsync(fd))
		return 0;
	err = errno ? -errno : -ENOSPC;
	if (end >= 0)
		(void)!ftruncate(fd, end);
	return err;
}

/* Nothing is added to a list that cannot be read as a whole: it would have no effect.
 */
static int add_locked(int fd, const char *path, const char *lines)
{
	struct revoked there = { 0 };
	int err = read_list(&there, path, fdopen(dup(fd), "re"));

	revoked_free(&there);
	if (err)
		return err;
	err = write_lines(fd, lines);
	if (err)
		log_error("%s: %s", path, strerror(-err));
	return err;
}

int revoked_add(const char *folder, const char *what)
{
	char path[4096], lines[LINES_SIZE];
	const char *done;
	int fd, err;

	if (!*what) {
		log_error(
			"--revoke '': expected a token, its id, or the name that it is for");
		return -EINVAL;
	}
	done = make_lines(what, lines);
	snprintf(path, sizeof(path), "%s/" REVOKED_FILE, folder);
	fd = open_list(path);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		err = -errno;
		log_error("%s: %s; --data names the collector's folder", path,
			  strerror(-err));
	} else {
		err = add_locked(fd, path, lines);
	}
	if (err)
		log_error("nothing was revoked");
	else
		log_info("revoked: %s", done);
	if (fd >= 0)
		close(fd);
	return err;
}
