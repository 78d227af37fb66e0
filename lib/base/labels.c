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

bool label_is(const struct label *l, const char *name)
{
	return strlen(name) == l->name_size &&
	       !memcmp(l->name, name, l->name_size);
}

bool label_is_reserved(const struct label *l)
{
	return l->name_size >= 2 && !memcmp(l->name, "__", 2);
}

static bool is_before(const char *text, const char *end, const struct label *l)
{
	struct label other;

	while (text < end && label_take(&text, &other))
		if (other.name_size == l->name_size && other.name != l->name &&
		    !memcmp(other.name, l->name, l->name_size))
			return true;
	return false;
}

bool labels_sane(const char *text)
{
	const char *at = text;
	struct label l;

	while (*at)
		if (!label_take(&at, &l) || label_is_reserved(&l) ||
		    is_before(text, l.name, &l))
			return false;
	return true;
}

bool labels_have(const char *text, const char *name)
{
	struct label l;

	while (*text && label_take(&text, &l))
		if (label_is(&l, name))
			return true;
	return false;
}
