// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agentd/doors/request.h"

enum {
	LENGTH_DIGITS = 9,
	HEAD_MAX = 2048,
};

/* RFC 9110, 5.6.2 */
static const char token_characters[] =
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* "GET /path HTTP/1.1" */
static bool read_first(struct request *r, char *line)
{
	char *path = strchr(line, ' ');
	char *version = path ? strchr(path + 1, ' ') : NULL;

	if (!version)
		return false;
	*path++ = '\0';
	*version++ = '\0';
	r->method = line;
	r->path = path;
	return *path == '/' && *line && !line[strspn(line, token_characters)] &&
	       (!strcmp(version, "HTTP/1.1") || !strcmp(version, "HTTP/1.0"));
}

static bool read_length(struct request *r, const char *value)
{
	size_t digits = strspn(value, "0123456789");

	if (r->has_length || !digits || digits > LENGTH_DIGITS || value[digits])
		return false;
	r->has_length = true;
	r->length = strtoul(value, NULL, 10);
	return true;
}

static bool read_once(const char **field, const char *value)
{
	bool first = !*field;

	*field = value;
	return first;
}

static bool read_header(struct request *r, char *line)
{
	char *value = strchr(line, ':');
	size_t end;

	if (!value)
		return false;
	*value++ = '\0';
	value += strspn(value, " \t");
	for (end = strlen(value); end && strchr(" \t", value[end - 1]); end--)
		value[end - 1] = '\0';
	if (!*line || line[strspn(line, token_characters)])
		return false;
	if (!strcasecmp(line, "transfer-encoding"))
		return false;
	if (!strcasecmp(line, "content-length"))
		return read_length(r, value);
	if (!strcasecmp(line, "host"))
		return read_once(&r->host, value);
	if (!strcasecmp(line, "origin"))
		return read_once(&r->origin, value);
	if (!strcasecmp(line, "authorization") &&
	    !strncasecmp(value, "bearer ", strlen("bearer ")))
		return read_once(&r->token, value + strlen("bearer "));
	return true;
}

/* No control characters, no NUL, no bare CR. */
static bool is_plain(const char *line, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') ||
		    line[i] == 0x7f)
			return false;
	return true;
}

/* @text ends where the body begins; each line with CR and LF. */
static bool read_head(struct request *r, char *text, const char *end)
{
	bool first = true;
	char *next;

	for (; text < end; text = next, first = false) {
		next = memmem(text, (size_t)(end - text), "\r\n", 2);
		if (!next || !is_plain(text, (size_t)(next - text)))
			return false;
		*next = '\0';
		next += strlen("\r\n");
		if (!*text)
			return !first && next == end;
		if (!(first ? read_first(r, text) : read_header(r, text)))
			return false;
	}
	return false;
}

/* How long the body is has to be known before lines are cut, as more may have to come:
 * that is read from a copy.
 */
enum request_state request_read(struct request *r, char *text, size_t size,
				size_t body_max)
{
	char copy[HEAD_MAX + 1], *end = memmem(text, size, "\r\n\r\n", 4);
	size_t head;

	*r = (struct request){ 0 };
	if (!end)
		return size > HEAD_MAX ? REQUEST_BAD : REQUEST_PART;
	head = (size_t)(end - text) + strlen("\r\n\r\n");
	if (head > HEAD_MAX)
		return REQUEST_BAD;
	memcpy(copy, text, head);
	if (!read_head(r, copy, copy + head))
		return REQUEST_BAD;
	if (r->length > body_max)
		return REQUEST_LARGE;
	if (size > head + r->length)
		return REQUEST_BAD; /* a second one behind it */
	if (size < head + r->length)
		return REQUEST_PART;
	*r = (struct request){ 0 };
	read_head(r, text, text + head);
	r->body = text + head;
	return REQUEST_WHOLE;
}
