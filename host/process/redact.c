// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <string.h>

#include "host/process/redact.h"
#include "lib/base/globs.h"

#define HIDDEN "***"

enum {
	WORD_MAX = 128, /* bytes: a longer word is no name of a secret */
};

/**
 * struct text - what is written
 * @out: where
 * @room: there, less the NUL
 * @used: of it
 */
struct text {
	char *out;
	size_t room;
	size_t used;
};

static void write(struct text *t, const char *from, size_t size)
{
	if (size > t->room - t->used)
		size = t->room - t->used;
	memcpy(t->out + t->used, from, size);
	t->used += size;
}

static void hide(struct text *t)
{
	write(t, HIDDEN, strlen(HIDDEN));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* What is around words: of options, URLs, JSON, shell. */
static bool is_separator(char c)
{
	return is_blank(c) || (c && strchr("=:?&;,|\"'{}()[]<>", c));
}

static size_t word_size(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && !is_separator(*at))
		at++;
	return (size_t)(at - from);
}

static bool is_secret(const char *word, size_t size, const char *globs)
{
	char name[WORD_MAX];

	if (!size || size >= sizeof(name))
		return false;
	memcpy(name, word, size);
	name[size] = '\0';
	return globs_match_any_case(globs, name);
}

/* "://user:password@": where the '@' is, the last one before a blank. NULL if
 * there is no such.
 */
static const char *user_end(const char *at, const char *end)
{
	const char *last = NULL;

	if (end - at < 3 || memcmp(at, "://", 3))
		return NULL;
	for (; at < end && !is_blank(*at); at++)
		if (*at == '@')
			last = at;
	return last;
}

/* What follows a word that secrets follow. Whether the next argument is one. */
static bool write_secret(struct text *t, const char *at, const char *end,
			 bool is_first)
{
	if (at < end) {
		write(t, at++, 1);
		hide(t);
	}
	return is_first && at == end;
}

/* An argument, word by word. Whether the next one is secret. */
static bool write_argument(struct text *t, const char *arg, const char *end,
			   const char *globs, bool program)
{
	const char *at = arg;

	while (at < end) {
		const char *user = user_end(at, end);
		size_t size = word_size(at, end);

		if (user) {
			write(t, at, 3);
			hide(t);
			at = user;
		} else if (!size) {
			write(t, at++, 1);
		} else {
			write(t, at, size);
			if (!(program && at == arg) &&
			    is_secret(at, size, globs))
				return write_secret(t, at + size, end,
						    at == arg);
			at += size;
		}
	}
	return false;
}

size_t redact(const char *args, size_t size, const char *globs, char *out,
	      size_t room)
{
	struct text t = { out, room - 1, 0 };
	const char *all = args + size, *at = args;
	bool secret = false;

	while (at < all && t.used < t.room) {
		const char *end = memchr(at, '\0', (size_t)(all - at));

		if (!end)
			end = all;
		if (at > args)
			write(&t, " ", 1);
		if (secret)
			hide(&t);
		secret = !secret &&
			 write_argument(&t, at, end, globs, at == args);
		at = end + 1;
	}
	out[t.used] = '\0';
	return t.used;
}
