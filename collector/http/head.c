// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <strings.h>

#include "collector/http/head.h"

enum {
	HEADERS_MAX = 100,
	LENGTH_DIGITS = 18, /* a number of more may overflow */
};

static const char *const names[HEAD_HEADERS] = {
	[HEAD_HOST] = "host",
	[HEAD_LENGTH] = "content-length",
	[HEAD_AUTHORIZATION] = "authorization",
	[HEAD_COOKIE] = "cookie",
	[HEAD_ORIGIN] = "origin",
	[HEAD_UPGRADE] = "upgrade",
	[HEAD_SOCKET_KEY] = "sec-websocket-key",
	[HEAD_SOCKET_VERSION] = "sec-websocket-version",
	[HEAD_ACCEPT] = "accept",
	[HEAD_ENCODING] = "accept-encoding",
	[HEAD_TAGS] = "if-none-match",
	[HEAD_CONNECTION] = "connection",
	[HEAD_EXPECT] = "expect",
	[HEAD_PROTOCOL] = "sec-websocket-protocol",
	[HEAD_FORWARDED] = "x-forwarded-for",
	[HEAD_FORWARDED_PROTO] = "x-forwarded-proto",
	[HEAD_FORWARDED_PORT] = "x-forwarded-port",
};

/* RFC 9110, 5.6.2 */
static bool name_good(const char *name)
{
	static const char token[] =
		"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *name && !name[strspn(name, token)];
}

/* A line that goes on on the next one: libmicrohttpd (0.9.75) appends that to the
 * name, and a proxy in front of us may have taken it for what it says.
 */
static bool is_folded(const char *name)
{
	static const char *const lengths[] = { "content-length",
					       "transfer-encoding" };
	size_t i, n;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		n = strlen(lengths[i]);
		if (!strncasecmp(name, lengths[i], n) && name[n])
			return true;
	}
	return false;
}

/* No controls but the tab: a bare CR is a line's end to some. */
static bool value_good(const char *value)
{
	const unsigned char *c = (const unsigned char *)value;

	for (; *c; c++)
		if ((*c < ' ' && *c != '\t') || *c == 0x7f)
			return false;
	return true;
}

static bool length_read(struct head *head, const char *value)
{
	size_t digits = strspn(value, "0123456789"), i;

	head->length = 0;
	if (!digits || digits > LENGTH_DIGITS || value[digits])
		return false;
	for (i = 0; i < digits; i++)
		head->length = head->length * 10 + (uint64_t)(value[i] - '0');
	return true;
}

static bool wrong(struct head *head, const char *problem)
{
	head->problem = problem;
	return false;
}

bool head_take(struct head *head, const char *name, const char *value)
{
	int i;

	value = value ? value : "";
	if (head->problem)
		return false;
	if (++head->count > HEADERS_MAX)
		return wrong(head, "too many headers");
	if (!name_good(name) || is_folded(name) || !value_good(value))
		return wrong(head, "a header's name or value is malformed");
	if (!strcasecmp(name, "transfer-encoding"))
		return wrong(head, "Transfer-Encoding is not taken here");
	for (i = 0; i < HEAD_HEADERS && strcasecmp(name, names[i]); i++)
		;
	if (i == HEAD_HEADERS)
		return true;
	if (i < HEAD_ONCE && head->value[i])
		return wrong(head, "a header that may come once came twice");
	head->value[i] = value;
	return i != HEAD_LENGTH || length_read(head, value) ||
	       wrong(head, "Content-Length is not a number");
}

void head_end(struct head *head, const char *version)
{
	if (head->problem)
		return;
	if (!head->value[HEAD_HOST] && strcmp(version, "HTTP/1.0"))
		head->problem = "Host is missing";
	/* It would be told to go on, and then have its answer. */
	else if (head->value[HEAD_EXPECT] && !head->length)
		head->problem = "Expect is for requests with a body";
}

const char *head_text(const struct head *head, enum head_header header)
{
	return head->value[header] ? head->value[header] : "";
}

bool head_lists(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list) {
		size_t size;

		list += strspn(list, ", \t");
		size = strcspn(list, ", \t");
		if (size == n && !strncasecmp(list, word, n))
			return true;
		list += size;
	}
	return false;
}
