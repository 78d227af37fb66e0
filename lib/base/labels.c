// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/base/labels.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

size_t label_name_size(const char *at, bool of_series)
{
	size_t n = 0;

	while (is_letter(at[n]) || (of_series && at[n] == ':') ||
	       (n && at[n] >= '0' && at[n] <= '9'))
		n++;
	return n;
}

/* Up to the quote at its end; after a backslash is one of three. */
static const char *value_end(const char *at)
{
	for (; *at != '"'; at++) {
		if (!*at || *at == '\n')
			return NULL;
		if (*at == '\\' && (!*++at || !strchr("\\\"n", *at)))
			return NULL;
	}
	return at;
}

bool label_take(const char **at, struct label *l)
{
	const char *p = *at, *end;

	p += strspn(p, " \t");
	l->name = p;
	l->name_size = label_name_size(p, false);
	p += l->name_size;
	p += strspn(p, " \t");
	if (!l->name_size || *p++ != '=')
		return false;
	p += strspn(p, " \t");
	if (*p++ != '"')
		return false;
	end = value_end(p);
	if (!end)
		return false;
	l->value = p;
	l->value_size = (size_t)(end - p);
	p = end + 1;
	p += strspn(p, " \t");
	*at = p + (*p == ',');
	return *p == ',' || *p == '}' || !*p;
}

bool labels_sane(const char *text)
{
	struct label l;

	while (*text)
		if (!label_take(&text, &l))
			return false;
	return true;
}
