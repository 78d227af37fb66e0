// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agentd/agent/url.h"

enum {
	HTTP_PORT = 80,
};

static const char scheme[] = "http://";
static const char local[] = "localhost";

int url_parse(struct url *url, const char *text)
{
	char numeric[80];
	size_t size;

	if (strncmp(text, scheme, strlen(scheme)))
		return -EINVAL;
	text += strlen(scheme);
	size = strcspn(text, "/");
	if (!size || size >= sizeof(url->host) || strpbrk(text, " \t\\@"))
		return -EINVAL;
	snprintf(url->host, sizeof(url->host), "%.*s", (int)size, text);
	url->path = text[size] ? text + size : "/";
	if (!strncmp(url->host, local, strlen(local)))
		snprintf(numeric, sizeof(numeric), "127.0.0.1%s",
			 url->host + strlen(local));
	else
		snprintf(numeric, sizeof(numeric), "%s", url->host);
	return address_numeric(&url->address, numeric, HTTP_PORT);
}
