// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "lib/base/host_labels.h"

static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "_0123456789";

enum {
	DIGITS = 10, /* of those: a name does not begin with one */
};

static bool is_value(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f ||
		    text[i] == ',')
			return false;
	return size && size <= LABEL_VALUE_MAX;
}

size_t label_name(const char *text, size_t size)
{
	size_t name = strspn(text, name_bytes);

	if (!name || name > LABEL_NAME_MAX || name >= size ||
	    text[name] != '=' ||
	    memchr(name_bytes + sizeof(name_bytes) - 1 - DIGITS, *text, DIGITS))
		return 0;
	return is_value(text + name + 1, size - name - 1) ? name : 0;
}

static bool has_name(const char *labels, const char *end, const char *name,
		     size_t size)
{
	while (labels < end) {
		if (!strncmp(labels, name, size) && labels[size] == '=')
			return true;
		labels += strcspn(labels, ",") + 1;
	}
	return false;
}

bool labels_good(const char *labels)
{
	const char *at = labels;
	unsigned int count = 0;
	size_t size, name;

	while (*at) {
		size = strcspn(at, ",");
		name = label_name(at, size);
		if (!name || ++count > LABELS_MAX ||
		    has_name(labels, at, at, name))
			return false;
		at += size;
		if (*at && !*++at)
			return false;
	}
	return true;
}
